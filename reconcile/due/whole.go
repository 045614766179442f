package due

import (
	"cmp"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// addWhole takes in the line that stands for the whole run of a plan. It comes last, and
// gives way to a step of its id, which is a fault of the file.
func (s *shape) addWhole() {
	t := s.plan.Tracking
	if t == nil || findLine(s.lines, schema.WholeRun) >= 0 {
		return
	}
	step := &schema.Step{
		ID: schema.WholeRun, Title: cmp.Or(t.Title, s.plan.Title), Owner: t.Owner,
		// Its date is that of other steps, and nobody is told in advance of those twice.
		Roll: civil.Unadjusted, Notify: []schema.Notice{}, Pos: t.Pos,
	}
	s.lines = append(s.lines, line{step: step, base: step, weekAt: -1, whole: true})
}

// mergeWhole is merge for the line of a whole run: a client can have other people or
// another title, but neither another date nor a repetition.
func mergeWhole(s *schema.Step, o *schema.Override) *schema.Step {
	return Merge(s, &schema.Override{Title: o.Title, Owner: o.Owner, With: o.With, Tags: o.Tags, Remind: o.Remind, Escalate: o.Escalate})
}

// whole returns the occurrence that stands for the run of a plan; there is none where no
// step of the run is an occurrence. It is due with the last step that has a date and is not
// called off; where no step has one, it has none either.
func (t *track) whole(l *line, r *recorder) (d dated, ok bool) {
	d = dated{track: t, line: l}
	off, last, lacks := civil.Date(0), (*line)(nil), ""
	t.each(func(s dated) {
		ok = true
		switch {
		case s.lacks != "":
			lacks = cmp.Or(lacks, s.lacks)
		case s.exception != nil && s.exception.Cancel:
			off = max(off, s.due)
		case s.due > d.nominal:
			d.nominal, last = s.due, s.line
		}
	})
	if d.nominal == 0 && lacks == "" {
		d.nominal = off
	}
	if d.nominal == 0 {
		d.lacks = lacks
	}
	if ok {
		r.whole(t, &d, last)
		d.settle(r)
	}
	return d, ok
}

// opening returns the day on which the first step of a run opens; 0 where none has a date.
func (t *track) opening() (first civil.Date) {
	t.each(func(d dated) {
		if d.lacks != "" || d.exception != nil && d.exception.Cancel {
			return
		}
		if on := t.opens(d.line, d.due); first == 0 || on < first {
			first = on
		}
	})
	return first
}

// opens returns the day from which the issue of a step is open: so long before the due
// date as `open` says, else from its first heads-up.
func (t *track) opens(l *line, due civil.Date) civil.Date {
	if l.step.Open.Set {
		return max(t.cal.Add(due, l.step.Open, -1), 1)
	}
	opens := due
	for _, h := range t.e.heads(l.step) {
		opens = min(opens, max(t.cal.Add(due, h.Before, -1), 1))
	}
	return opens
}

// each calls visit for every occurrence of a plan's run, whatever its date, step by step
// and turn by turn. Of a step that goes on for ever only the first turn is visited.
func (t *track) each(visit func(dated)) {
	show := func(d dated) {
		if d.settle(nil); t.shown(d.due, nil) {
			visit(d)
		}
	}
	for i := range t.lines {
		l := &t.lines[i]
		if l.whole || l.removed() {
			continue
		}
		first, lacks := t.nominal(l, t.own, nil)
		switch {
		case lacks != "":
			show(dated{track: t, line: l, lacks: lacks})
		case !l.repeats():
			show(dated{track: t, line: l, nominal: first})
		default:
			for _, turn := range t.allTurns(l, first) {
				show(dated{track: t, line: l, turn: turn.N, nominal: turn.Date})
			}
		}
	}
}

// allTurns returns the turns of a repeated step of a plan.
func (t *track) allTurns(l *line, first civil.Date) []civil.Turn {
	switch {
	case l.endless():
		turns := t.turns(l, 0, first, first, first+chunk)
		return turns[:min(1, len(turns))]
	case l.step.Until != 0:
		return t.turns(l, 0, first, first, l.step.Until)
	}
	return t.turns(l, 0, first, first, lastDate)
}

// endless reports whether a repeated step of a plan goes on for ever.
func (l *line) endless() bool {
	return l.repeats() && !l.weekdays() && l.step.Times == 0 && l.step.Until == 0
}

// Runs returns the occurrences that stand for whole runs, whatever their dates, sorted by
// key.
func (e *Engine) Runs() []Occurrence {
	j := newJob(e, Window{})
	if e.cal == nil || !e.tracksRuns() {
		return nil
	}
	for _, c := range e.clients {
		if len(c.Processes) == 0 || !e.serves(c, nil) {
			continue
		}
		j.begin(c)
		for i := range j.tracks {
			t := &j.tracks[i]
			j.seat(t)
			for k := range t.lines {
				if l := &t.lines[k]; l.whole && !l.removed() {
					j.whole(t, l)
				}
			}
		}
		j.flush()
	}
	return j.out
}

// tracksRuns reports whether any plan has its runs tracked.
func (e *Engine) tracksRuns() bool {
	return slices.ContainsFunc(e.cat.Plans, func(p *schema.OnboardingPlan) bool { return p.Tracking != nil })
}

// Run returns the occurrences of the run that an occurrence belongs to, without the one
// that stands for all of them, whatever their dates: by their nominal dates, those without
// one last, and else as they are written. Of a step that goes on for ever the first turn
// is there.
func (e *Engine) Run(o *Occurrence) []Occurrence {
	j := newJob(e, Window{})
	if e.cal == nil || !e.serves(o.Client, nil) {
		return nil
	}
	j.begin(o.Client)
	for i := range j.tracks {
		t := &j.tracks[i]
		if t.assignment != o.Assignment || t.shape.plan == nil {
			continue
		}
		j.seat(t)
		t.each(func(d dated) { j.take(d) })
	}
	slices.SortStableFunc(j.found, func(a, b dated) int {
		return cmp.Compare(late(a.nominal), late(b.nominal))
	})
	j.writeAll()
	return j.out
}

// late puts what has no date behind everything else.
func late(d civil.Date) civil.Date {
	if d == 0 {
		return lastDate + 1
	}
	return d
}
