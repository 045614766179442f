package due

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// when notes what came of the conditions of a step.
func (r *recorder) when(t *track, l *line, n int, c condition) {
	if r == nil || len(l.step.When) == 0 {
		return
	}
	s, path := t.written(l, "when")
	only := strings.Join(l.step.When[c.id], " or ")
	switch c.truth {
	case Fails:
		is := "has no value"
		if c.value != "" {
			is = "is " + c.value
		}
		r.note(RuleWhen, s, path, "%s %s, and %s is only for %s", c.id, is, l.step.ID, only)
	case Undecided:
		r.note(RuleWhen, s, path, "%s is not decided yet, and %s is only for %s", c.id, l.step.ID, only)
	default:
		for _, id := range slices.Sorted(maps.Keys(l.step.When)) {
			_, value := t.asked(n).one(l.step.When, id)
			r.note(RuleWhen, s, path, "%s is %s, for which %s is meant", id, value, l.step.ID)
		}
	}
}

// conditional notes why the day that the plan gives a milestone does not count.
func (r *recorder) conditional(t *track, id string) {
	for i := range t.shape.milestones {
		m := t.shape.milestones[i].Milestone
		if m.ID != id || len(m.When) == 0 || !t.assignment.Milestones[id].IsZero() {
			continue
		}
		truth, what, value := t.asked(0).Check(m.When)
		is := "is not decided yet"
		if truth == Fails {
			is = "has no value"
			if value != "" {
				is = "is " + value
			}
		}
		r.note(RuleWhen, t.shape.doc.Head().Source, "milestones."+strconv.Itoa(i)+".when", "%s %s, and %s has its day, %s, only for %s", what, is, id, m.Due, strings.Join(m.When[what], " or "))
	}
}

// follows notes from which day others count that hang on a step of a playbook.
func (r *recorder) follows(d *dated, p *place) {
	id := d.line.step.ID
	switch {
	case p.lacks != "":
	case p.day != d.due:
		r.date(RuleFollows, schema.Source{}, "", d.due, p.day, "%s was done on %s, and what hangs on it counts from then", id, long(p.day))
	default:
		r.date(RuleFollows, schema.Source{}, "", d.due, p.day, "what hangs on %s counts from %s", id, long(p.day))
	}
}

// after notes what a step comes after, and where that moves it.
func (r *recorder) after(t *track, l *line, d, floor civil.Date) {
	if r == nil || floor == 0 {
		return
	}
	s, path := t.written(l, "after")
	what := strings.Join(l.step.After, ", ")
	if d < floor {
		r.date(RuleAfter, s, path, d, floor, "%s comes after %s, so it moves to %s", l.step.ID, what, long(floor))
		return
	}
	r.date(RuleAfter, s, path, d, d, "%s comes after %s, which is done by %s", l.step.ID, what, long(floor))
}

// stuck notes that a step comes after one that has no date.
func (r *recorder) stuck(t *track, l *line, p *place) {
	switch {
	case r == nil || r.ringed:
	case p.ringed:
		r.ring(t, l)
	default:
		s, path := t.written(l, "after")
		r.note(RuleUnscheduled, s, path, "%s comes after %s, which has no date", l.step.ID, p.stuck)
	}
}

// over notes that a run ended before a step fell due.
func (r *recorder) over(t *track, due civil.Date) {
	if r == nil {
		return
	}
	s, path := schema.Source{}, ""
	if t.assignment.Ended != 0 {
		s, path = t.client.Source, t.path("ended")
	}
	what := "a step without a date"
	if due != 0 {
		what = long(due)
	}
	r.note(RuleOver, s, path, "the run was over on %s, and %s comes after that", long(t.over), what)
}
