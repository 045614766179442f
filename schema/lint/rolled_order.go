package lint

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// rolledOrder looks at the cycles of this year and the next: days off are only sure for a
// while, and what lies in the past is over. One convention never reverses two dates, so
// the steps must roll differently. In a playbook what hangs on a step moves with it.
var rolledOrder = rule{
	Rule: Rule{ID: "lint/rolled-order", Severity: diag.Warning, Summary: "days off that put a step behind the one that it has to precede"},
	run: func(p *pass) {
		o := p.cat.Organization
		if o == nil || p.Today == 0 {
			return
		}
		calendar, err := civil.NewCalendar(o.Calendar())
		if err != nil {
			return
		}
		plain := map[turn][]reversal{}
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil || a.template.playbook != nil || p.finished(a) || !rollsDiffer(a.steps) {
				continue
			}
			for _, t := range p.turns(a) {
				l, known := plain[t]
				if !known || !ordinary(a) {
					l = p.reversals(a, t, calendar.With(closed(a.client)...))
				}
				if ordinary(a) {
					plain[t] = l
				}
				p.reportReversals(a, t, l)
			}
		}
	},
}

// turn is one cycle of a template: its anchor, and its name in exceptions.
type turn struct {
	template *template
	anchor   civil.Date
	cycle    string
}

// reversal is a pair of steps whose due dates stand the wrong way round.
type reversal struct {
	first, then *step
	late, early civil.Date
}

// ordinary reports whether a client's dates follow from the template and the anchor alone.
func ordinary(a *assignment) bool {
	return !a.changed() && len(a.client.Closed) == 0 && len(a.Milestones) == 0
}

// rollsDiffer reports whether steps roll in different ways.
func rollsDiffer(steps []step) bool {
	return slices.ContainsFunc(steps, func(s step) bool { return s.Roll != steps[0].Roll })
}

func closed(c *schema.Client) []civil.Days {
	var l []civil.Days
	for _, d := range c.Closed {
		l = append(l, civil.Days{From: d.From, To: d.To, Name: d.Name})
	}
	return l
}

// turns returns the cycles of an assignment that are looked at.
func (p *pass) turns(a *assignment) []turn {
	first := a.anchor()
	if first == 0 {
		return nil
	}
	if a.template.once() {
		return []turn{{a.template, first, a.RunID()}}
	}
	var l []turn
	for _, year := range []int{p.Today.Year(), p.Today.Year() + 1} {
		if n := year - first.Year(); n >= 0 {
			l = append(l, turn{a.template, first.AddMonths(12 * n), strconv.Itoa(year)})
		}
	}
	return l
}

// reversals returns the pairs of a cycle that stand right before the roll and wrong after it.
func (p *pass) reversals(a *assignment, t turn, calendar *civil.Calendar) []reversal {
	tt := p.timetable(a.template, a, t.anchor)
	tt.calendar = calendar
	var l []reversal
	pair := func(first, then *step) {
		if first == nil || then == nil {
			return
		}
		x, y := tt.date(first), tt.date(then)
		late, early := p.rolled(calendar, first, x), p.rolled(calendar, then, y)
		if x != 0 && y != 0 && x <= y && late > early && early >= p.Today {
			l = append(l, reversal{first, then, late, early})
		}
	}
	for i := range a.steps {
		s := &a.steps[i]
		for _, id := range s.After {
			pair(tt.byStep.find(id), s)
		}
		pair(s, tt.byStep.find(s.Prepares))
	}
	return l
}

func (p *pass) rolled(c *civil.Calendar, s *step, d civil.Date) civil.Date {
	return c.Roll(d, cmp.Or(s.Roll, p.cat.Organization.DefaultRoll()))
}

// reportReversals passes over steps that an exception of the cycle moves or cancels.
func (p *pass) reportReversals(a *assignment, t turn, l []reversal) {
	for _, r := range l {
		excepted := slices.ContainsFunc(a.Exceptions, func(e schema.Exception) bool {
			s := a.stepByID(e.Step)
			return s != nil && (s.ID == r.first.ID || s.ID == r.then.ID) && (e.Cycle == t.cycle || e.Cycle == "")
		})
		if !excepted {
			p.report(a.client.Source, at(a.path, "template"), "move one of them by an exception, or give both the same roll",
				"in cycle %s days off put %s on %s, after %s on %s, which it has to precede", t.cycle, r.first.ID, r.late, r.then.ID, r.early)
		}
	}
}
