package due

import (
	"cmp"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// addWhole takes in the line that stands for the whole run of a plan that is tracked, or of
// a playbook with one issue for each run. It comes last, and gives way to a step of its id,
// which is a fault of the file.
func (s *shape) addWhole() {
	step := &schema.Step{
		ID: schema.WholeRun, Title: s.doc.Describe().Title,
		// Its date is that of other steps, and nobody is told in advance of those twice.
		Roll: civil.Unadjusted, Notify: []schema.Notice{},
	}
	switch {
	case findLine(s.lines, schema.WholeRun) >= 0:
		return
	case s.plan != nil && s.plan.Tracking != nil:
		t := s.plan.Tracking
		step.Title, step.Owner, step.Pos = cmp.Or(t.Title, step.Title), t.Owner, t.Pos
	case s.playbook != nil && s.playbook.PerRun() && len(s.lines) > 0:
		step.Owner, step.Pos = s.lines[0].step.Owner, s.lines[0].step.Pos
	default:
		return
	}
	s.lines = append(s.lines, line{step: step, base: step, weekAt: -1, whole: true})
}

// mergeWhole is Override.Apply for the line of a whole run: a client can have other people or
// another title, but neither another date nor a repetition.
func mergeWhole(s *schema.Step, o *schema.Override) *schema.Step {
	own := schema.Override{Title: o.Title, Owner: o.Owner, With: o.With, Tags: o.Tags, Remind: o.Remind, Escalate: o.Escalate}
	return own.Apply(s)
}

// whole returns the occurrence that stands for a run; there is none where no step of the
// run is an occurrence. It is due with the last step that has a date and is not called off;
// where no step has one, it has none either. A run that was over before is due on the day of
// its end.
func (t *track) whole(l *line, r *recorder) (d dated, ok bool) {
	d = dated{track: t, line: l}
	off, last, lacks := civil.Date(0), (*line)(nil), ""
	t.each(func(s dated) {
		ok = true
		switch {
		case s.lacks != "":
			lacks = cmp.Or(lacks, s.lacks)
		case s.cancelled():
			off = max(off, s.due)
		case s.due > d.nominal:
			d.nominal, last = s.due, s.line
		}
	})
	if d.nominal == 0 && lacks == "" {
		d.nominal = off
	}
	if t.over != 0 && (!ok || d.nominal > t.over) {
		d.nominal, last, ok = t.over, nil, true
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
		if d.lacks != "" || d.cancelled() || t.condition(d.line, d.n).truth != Holds {
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
		return max(t.days(l).Add(due, l.step.Open, -1), 1)
	}
	opens := due
	for _, h := range t.e.heads(l.step) {
		opens = min(opens, max(t.days(l).Add(due, h.Before, -1), 1))
	}
	return opens
}

// each calls visit for every occurrence of a run, whatever its date, step by step
// and turn by turn. Of a step that goes on for ever only the first turn is visited.
func (t *track) each(visit func(dated)) {
	show := func(d dated) {
		if d.settle(nil); d.shown(nil) {
			visit(d)
		}
	}
	for i := range t.lines {
		l := &t.lines[i]
		if l.whole || l.removed() || t.condition(l, 0).truth == Fails {
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

// allTurns returns the turns of a repeated step of a run.
func (t *track) allTurns(l *line, first civil.Date) []civil.Turn {
	switch {
	case endless(t.shape.doc, l.step):
		turns := t.turns(l, 0, first, first, first+chunk)
		return turns[:min(1, len(turns))]
	case l.step.Until != 0:
		return t.turns(l, 0, first, first, l.step.Until)
	}
	return t.turns(l, 0, first, first, lastDate)
}

// endless reports whether a step of a run repeats for ever. In a plan days of the week stay
// within their week; in a playbook they do not.
func endless(doc schema.Template, s *schema.Step) bool {
	if s.Every.IsZero() || s.Times != 0 || s.Until != 0 || !schema.RunsOnce(doc) {
		return false
	}
	_, plan := doc.(*schema.OnboardingPlan)
	return !plan || len(s.Every.Weekdays) == 0
}

// Runs returns the occurrences that stand for whole runs, whatever their dates, sorted by
// key.
func (e *Engine) Runs() []Occurrence {
	j := newJob(e, Window{})
	if e.cal == nil || !e.tracksRuns() {
		return nil
	}
	for _, c := range e.clients {
		if !e.assigned(c) || !e.serves(c, nil) {
			continue
		}
		j.begin(c, e.calendar(c))
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

// tracksRuns reports whether something stands for the runs of any plan or playbook.
func (e *Engine) tracksRuns() bool {
	return slices.ContainsFunc(e.cat.Plans, func(p *schema.OnboardingPlan) bool { return p.Tracking != nil }) ||
		slices.ContainsFunc(e.cat.Playbooks, (*schema.Playbook).PerRun)
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
	j.begin(o.Client, e.calendar(o.Client))
	for i := range j.tracks {
		t := &j.tracks[i]
		if t.assignment != o.Assignment || !t.shape.once {
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
