package due

import (
	"cmp"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// place is where a step of a playbook really falls, by what the files say and by what is
// known of it. Of a repeated step that is its first turn.
type place struct {
	state placeState
	// day is the day from which what hangs on the step counts; lacks is what keeps it from
	// having one.
	day   civil.Date
	lacks string
	// floor is the latest day of the steps that come before it, and of the answers on which it
	// hangs, zero where there are none; stuck is
	// what keeps one of those from having a day.
	floor civil.Date
	stuck string
	// absent says that the step is not done at all: those after it come after what it would
	// have come after.
	absent bool
	// ringed says that it hangs on itself, by way of other steps.
	ringed bool
}

type placeState uint8

const (
	unplaced placeState = iota
	placing
	settled
)

// place works out where all steps of a playbook fall. The order is always that of the file,
// so that the answer to one key does not depend on which was asked for before.
func (t *track) place() {
	t.places = make([]place, len(t.lines))
	for i := range t.lines {
		t.placed(i)
	}
}

// placed returns where a step falls. One that is asked for while it is being worked out
// hangs on itself and has no day.
func (t *track) placed(i int) place {
	p := &t.places[i]
	switch p.state {
	case placing:
		p.ringed = true
		return place{lacks: t.lines[i].step.ID, stuck: t.lines[i].step.ID}
	case unplaced:
		p.state = placing
		t.putAfter(i)
		t.put(i)
		p.state = settled
	}
	return *p
}

// putAfter finds the latest day of the steps that come before a step.
func (t *track) putAfter(i int) {
	p := &t.places[i]
	for _, k := range t.lines[i].after {
		q := t.placed(k)
		if q.absent {
			q.day, q.lacks = q.floor, q.stuck
		}
		p.floor, p.stuck = max(p.floor, q.day), cmp.Or(p.stuck, q.lacks)
	}
	p.floor = max(p.floor, t.answered(t.lines[i].step))
}

// answered returns the day since which the answers count on which a step hangs, zero where
// none does.
func (t *track) answered(s *schema.Step) civil.Date {
	if len(t.e.facts.DecidedOn) == 0 {
		return 0
	}
	return t.e.facts.answered(t.run(0), s)
}

// put finds the day on which a step falls: what was done late counts from the day on which
// it was done, and what was done early from the day on which it was due.
func (t *track) put(i int) {
	p, l := &t.places[i], &t.lines[i]
	if l.whole {
		return
	}
	d := t.first(l)
	d.settle(nil)
	p.day, p.lacks = d.due, d.lacks
	p.absent = l.removed() || t.condition(l, 0).truth == Fails || d.cancelled()
	if on := d.ended(); on != 0 {
		p.day, p.lacks = max(p.day, on), ""
	}
}

// first returns the occurrence of a step of a run, or its first turn, before it is settled.
func (t *track) first(l *line) dated {
	on, lacks := t.nominal(l, t.own, nil)
	d := dated{track: t, line: l, nominal: on, lacks: lacks}
	if lacks != "" || !l.repeats() {
		return d
	}
	for _, days := range [...]civil.Date{0, chunk} { // only a rule may leave out the first day
		if turns := t.turns(l, 0, on, on, on+days); len(turns) > 0 {
			d.turn, d.nominal = turns[0].N, turns[0].Date
			break
		}
	}
	return d
}

// ended returns the day on which an occurrence ended, zero where it has not.
func (d *dated) ended() civil.Date {
	ended := d.track.e.facts.Ended
	if len(ended) == 0 {
		return 0
	}
	return ended[string(d.appendKey(nil))].On
}

// endedBy reports whether an occurrence had ended on a day.
func (d *dated) endedBy(day civil.Date) bool {
	on := d.ended()
	return on != 0 && on <= day
}

// real returns the day from which what hangs on a step of a playbook counts, or what has
// none.
func (t *track) real(i int, base civil.Date, depth int, r *recorder) (civil.Date, string) {
	p := t.placed(i)
	if r != nil {
		t.walk(&t.lines[i], base, depth+1, r)
		d := t.first(&t.lines[i])
		d.settle(r)
		r.follows(&d, &p)
	}
	return p.day, p.lacks
}

// follow moves a step of a playbook to the latest day of those that it comes after, if it
// would fall before.
func (t *track) follow(l *line, d civil.Date, r *recorder) (civil.Date, string) {
	p := &t.places[l.at]
	if p.stuck != "" {
		r.stuck(t, l, p)
		return 0, p.stuck
	}
	r.after(t, l, d, p.floor)
	return max(d, p.floor), ""
}
