package preview

import (
	"slices"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema"
)

// item returns what happens to an occurrence, and whether anything does. One that is called
// off counts as not there.
func (c *comparison) item(p pair) (Item, bool) {
	before, after := present(p.base), present(p.head)
	switch {
	case before == nil && after == nil:
		return Item{}, false
	case before == nil:
		i := describe(Add, after)
		i.After = c.head.state(after)
		i.Reason, i.Source = c.why(absence{there: after, cancelled: p.base, side: c.base, added: true})
		return i, true
	case after == nil:
		i := describe(Drop, before)
		if k := c.in.Head.Client(i.Client); k != nil {
			i.Client = k.ID
		}
		i.Before = c.base.state(before)
		i.Reason, i.Source = c.why(absence{there: before, cancelled: p.head, side: c.head})
		return i, true
	}
	i := describe(Change, after)
	i.Before, i.After = c.base.state(before), c.head.state(after)
	i.Fields = differences(i.Before, i.After, before, after)
	if len(i.Fields) == 0 {
		return Item{}, false
	}
	if before.Due != after.Due {
		i.Action = Move
	}
	i.Reason, i.Source = c.explain(&i, before, after)
	return i, true
}

// present returns an occurrence unless it is called off.
func present(o *due.Occurrence) *due.Occurrence {
	if o == nil || o.Cancelled() {
		return nil
	}
	return o
}

func describe(a Action, o *due.Occurrence) Item {
	return Item{Action: a, Key: o.Key, Client: o.Client.ID, Template: o.Template.Head().ID, Title: o.Step.Title, Fields: []string{}}
}

// state writes an occurrence down.
func (s *side) state(o *due.Occurrence) *State {
	with := make([]string, 0, len(o.With))
	for _, h := range o.With {
		with = append(with, h.String())
	}
	return &State{
		Key: o.Key, Type: o.Step.Type, Title: o.Step.Title, Nominal: o.Nominal, Due: o.Due, Opens: o.Opens,
		Owner: o.Owner.String(), With: with, DayOff: s.rolledFrom(o), Unscheduled: o.Unscheduled, Undecided: o.Undecided,
	}
}

// differences returns the names of what two sides of an occurrence do not have alike,
// sorted.
func differences(x, y *State, before, after *due.Occurrence) []string {
	a, b := before.Step, after.Step
	l := []string{}
	for _, f := range []struct {
		name string
		same bool
	}{
		{"after", slices.Equal(a.After, b.After)},
		{"at", a.At == b.At},
		{"checklist", slices.Equal(a.Checklist, b.Checklist)},
		{"due", x.Due == y.Due},
		{"duration", a.Duration == b.Duration},
		{"instructions", a.Instructions == b.Instructions},
		{"internal", a.Internal == b.Internal},
		{"invite", a.Invite == b.Invite},
		{"issue", issueOf(a) == issueOf(b)},
		{"key", x.Key == y.Key},
		{"nominal", x.Nominal == y.Nominal},
		{"notify", sameNotices(before, after)},
		{"number", a.Number == b.Number},
		{"opens", x.Opens == y.Opens},
		{"owner", x.Owner == y.Owner},
		{"prepares", a.Prepares == b.Prepares},
		{"tags", slices.Equal(a.Tags, b.Tags)},
		{"title", x.Title == y.Title},
		{"touchpoint", a.Touchpoint == b.Touchpoint},
		{"type", x.Type == y.Type},
		{"unscheduled", x.Unscheduled == y.Unscheduled},
		{"with", slices.Equal(x.With, y.With)},
	} {
		if !f.same {
			l = append(l, f.name)
		}
	}
	l = append(l, runDifferences(before, after)...)
	slices.Sort(l)
	return l
}

// issueOf returns what `issue` says, with the word that stands for nothing said.
func issueOf(s *schema.Step) string {
	if s.Issue == "" {
		return "per-step"
	}
	return s.Issue
}

// sameNotices compares who is told what by which way; the days only where the step stays on
// its day, since otherwise they move along with it.
func sameNotices(a, b *due.Occurrence) bool {
	return slices.EqualFunc(a.Notices, b.Notices, func(x, y due.Notice) bool {
		if a.Due != b.Due {
			x.On, y.On = 0, 0
		}
		return x.On == y.On && x.Kind == y.Kind && x.N == y.N && slices.Equal(x.To, y.To) && slices.Equal(x.Via, y.Via)
	})
}
