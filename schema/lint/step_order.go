package lint

import (
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// stepOrder compares nominal dates, which do not depend on the weekends and holidays of a
// year. What `prepares` has to come on an earlier day; steps of one day may still follow
// each other by `after`, as those of one week of a plan do. A step of a playbook never falls
// before those in its `after`, whatever its due date says.
var stepOrder = rule{
	Rule: Rule{ID: "lint/step-order", Severity: diag.Error, Summary: "a step due on the wrong side of one that it depends on"},
	run: func(p *pass) {
		for _, t := range p.templates {
			p.order(p.timetable(t, nil, sampleAnchor), t.steps, false)
		}
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil || !a.changed() {
				continue
			}
			anchor := a.anchor()
			if anchor == 0 {
				anchor = sampleAnchor
			}
			p.order(p.timetable(a.template, a, anchor), a.steps, true)
		}
	},
}

// anchor returns the day that an assignment is counted from, or the zero Date.
func (a *assignment) anchor() civil.Date {
	if a.template.once() {
		return a.Start
	}
	return a.client.AlignmentDate.Date
}

// order compares the steps of a timetable. With own, only pairs that the client's file
// changes are told: the others are told of the template.
func (p *pass) order(t *timetable, steps []step, own bool) {
	for i := range steps {
		s := &steps[i]
		for j, id := range s.After {
			first := t.byStep.find(id)
			if first == nil || first.ID == s.ID || own && !s.own && !first.own {
				continue
			}
			if d, before := t.date(s), t.date(first); d != 0 && before != 0 && d < before {
				p.disorder(s, first, "after", j, "%s comes after %s, but is due on %s, before %s", s.ID, first.ID, d, before)
			}
		}
		next := t.byStep.find(s.Prepares)
		if next == nil || next.ID == s.ID || own && !s.own && !next.own {
			continue
		}
		if d, then := t.date(s), t.date(next); d != 0 && then != 0 && d >= then {
			p.disorder(s, next, "prepares", -1, "%s prepares %s, but is due on %s, not before %s", s.ID, next.ID, d, then)
		}
	}
}

// disorder reports a pair where it is written: at the reference, or at what a client's
// file says of either step.
func (p *pass) disorder(s, other *step, field string, i int, format string, args ...any) {
	src, path := s.src, at(s.path, field)
	if i >= 0 {
		path = at(path, i)
	}
	if s.own {
		path = s.path
	} else if other.own {
		src, path = other.src, other.path
	}
	p.report(src, path, "move one of the two, or take the reference out", format, args...)
}
