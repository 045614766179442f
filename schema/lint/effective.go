package lint

import (
	"cmp"

	"github.com/almanac-gitops/almanac/schema"
)

// overridden returns the steps of a template with a client's overrides and without the
// removed ones.
func overridden(a *assignment) []step {
	steps := make([]step, 0, len(a.template.steps)+len(a.ExtraSteps))
	for _, s := range a.template.steps {
		o, key := a.Override(s.Step)
		switch {
		case o == nil:
			steps = append(steps, s)
		case !o.Remove:
			s.Step, s.own = merge(s.Step, o), true
			s.src, s.path = a.client.Source, at(a.path, "overrides", key)
			steps = append(steps, s)
		}
	}
	return steps
}

// appendExtra appends the steps that only one client has.
func appendExtra(l []step, a *assignment) []step {
	for i := range a.ExtraSteps {
		l = append(l, step{Step: &a.ExtraSteps[i], src: a.client.Source, path: at(a.path, "extra-steps", i), own: true})
	}
	return l
}

// merge returns a copy of the step with the fields that decide its dates and its people
// replaced. A due date takes the place of a week and the other way round.
func merge(s *schema.Step, o *schema.Override) *schema.Step {
	m := *s
	if !o.Due.IsZero() {
		m.Due, m.Week = o.Due, nil
	}
	if o.Week != nil {
		m.Due = o.Due
		m.Week = o.Week
	}
	if !o.Every.IsZero() {
		m.Every = o.Every
	}
	if o.Notify != nil {
		m.Notify = o.Notify
	}
	if o.With != nil {
		m.With = o.With
	}
	m.Roll = cmp.Or(o.Roll, s.Roll)
	m.Day = cmp.Or(o.Day, s.Day)
	m.Times = cmp.Or(o.Times, s.Times)
	m.Until = cmp.Or(o.Until, s.Until)
	m.Owner = cmp.Or(o.Owner, s.Owner)
	m.Open = cmp.Or(o.Open, s.Open)
	m.Remind = cmp.Or(o.Remind, s.Remind)
	m.Escalate = cmp.Or(o.Escalate, s.Escalate)
	m.At = cmp.Or(o.At, s.At)
	if o.Invite != nil {
		m.Invite = *o.Invite
	}
	if o.Checklist != nil {
		m.Checklist = o.Checklist
	}
	return &m
}
