package lint

import (
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var stepDate = rule{
	Rule: Rule{ID: "lint/step-date", Severity: diag.Error, Summary: "a step without a date, or with one of the wrong form"},
	run: func(p *pass) {
		for _, t := range p.templates {
			for i := range t.steps {
				p.dated(t, &t.steps[i])
			}
		}
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil {
				continue
			}
			for _, s := range a.extra {
				p.dated(a.template, &s)
			}
			p.redated(a)
		}
	},
}

// dated checks a step that is written out in full. A step of a playbook needs no date: it
// follows those in its `after`.
func (p *pass) dated(t *template, s *step) {
	switch {
	case !t.once() && s.Due.IsZero():
		p.report(s.src, s.path, "add due, such as 2 months before", "step %q has no date", s.ID)
	case t.plan != nil && s.week == nil && s.Due.IsZero() && s.Week == nil:
		p.report(s.src, s.path, "add week, such as 3, or due", "step %q has no date", s.ID)
	}
	if t.plan == nil {
		p.weekless(t, s)
		return
	}
	switch {
	case s.week != nil && s.Week != nil:
		p.report(s.src, at(s.path, "week"), "take it out, or move the step to that week", "step %q stands in week %d already", s.ID, s.week.Week)
	case s.Week != nil && !s.Due.IsZero():
		p.report(s.src, at(s.path, "week"), "keep one of the two", "step %q has both a week and a due date", s.ID)
	}
}

// weekless refuses the weeks and days of a plan in a process or playbook.
func (p *pass) weekless(t *template, s *step) {
	hint, byDay := "write due, such as 2 months before", "write due, such as 2 months before"
	if t.playbook != nil {
		hint, byDay = "write due, such as 2 weeks after start", "write due, such as next mon after start"
	}
	if s.Week != nil {
		p.report(s.src, at(s.path, "week"), hint, "step %q is counted in weeks, which only a plan has", s.ID)
	}
	if s.Day != 0 {
		p.report(s.src, at(s.path, "day"), byDay, "step %q names a day of the week, which only a plan does", s.ID)
	}
}

// redated checks what overrides say of dates.
func (p *pass) redated(a *assignment) {
	for _, id := range a.keys {
		o := a.Overrides[id]
		if o == nil || o.Week == nil && o.Day == 0 || a.template.byStep.find(id) == nil {
			continue
		}
		path := at(a.path, "overrides", id)
		switch {
		case a.template.plan == nil:
			p.weekless(a.template, &step{Step: &schema.Step{ID: id, Week: o.Week, Day: o.Day}, src: a.client.Source, path: path})
		case o.Week != nil && !o.Due.IsZero():
			p.report(a.client.Source, at(path, "week"), "keep one of the two", "step %q has both a week and a due date", id)
		}
	}
}
