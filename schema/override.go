package schema

import (
	"cmp"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// Apply returns a step with what a client changes of it in place, or the step itself where
// the client changes nothing. A due date takes the place of a week and its day, and a week
// the place of a due date: either says all. An empty list takes the place of one.
func (o *Override) Apply(s *Step) *Step {
	if o == nil {
		return s
	}
	m := *s
	switch {
	case !o.Due.IsZero():
		if s.Due.IsZero() {
			m.Day = 0
		}
		m.Due = o.Due
	case o.Week != nil:
		m.Due = civil.Offset{}
	}
	if o.Week != nil {
		m.Week = o.Week
	}
	if !o.Every.IsZero() {
		m.Every = o.Every
	}
	m.Title = cmp.Or(o.Title, m.Title)
	m.Day = cmp.Or(o.Day, m.Day)
	m.Times = cmp.Or(o.Times, m.Times)
	m.Until = cmp.Or(o.Until, m.Until)
	m.Roll = cmp.Or(o.Roll, m.Roll)
	m.Owner = cmp.Or(o.Owner, m.Owner)
	m.Open = cmp.Or(o.Open, m.Open)
	m.Remind = cmp.Or(o.Remind, m.Remind)
	m.Escalate = cmp.Or(o.Escalate, m.Escalate)
	m.Instructions = cmp.Or(o.Instructions, m.Instructions)
	m.At = cmp.Or(o.At, m.At)
	m.Duration = cmp.Or(o.Duration, m.Duration)
	if o.Invite != nil {
		m.Invite = *o.Invite
	}
	replace(&m.With, o.With)
	replace(&m.Notify, o.Notify)
	replace(&m.Checklist, o.Checklist)
	replace(&m.Tags, o.Tags)
	return &m
}

// replace takes over a list that was written, an empty one included.
func replace[T any](list *[]T, by []T) {
	if by != nil {
		*list = by
	}
}
