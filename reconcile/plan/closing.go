package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// cause is what makes an issue unwanted, and so how closely its closing is watched.
type cause uint8

const (
	// elsewhere: something that was changed elsewhere, such as a template.
	elsewhere cause = iota
	// declared: the client's own file says so in as many words: inactive, cancelled, removed,
	// or a condition that does not hold.
	declared
	// agreed: people decided so in the run itself, in the last days. No gate holds that up.
	agreed
)

// lately is for how many days a decision about a run counts as the cause of what it closes.
// After that a template that was changed is the likelier one.
const lately = 3

// unwanted returns why an open issue ought not to be, and what causes that.
func (v *View) unwanted(s *seen) (why string, by cause) {
	c := v.in.Catalog.Client(s.client)
	if c == nil {
		return "", elsewhere
	}
	if i := inactive(c, v); i != nil {
		why = c.Name + " is inactive since " + i.From.String()
		if i.Reason != "" {
			why += " (" + i.Reason + ")"
		}
		return why, declared
	}
	o := s.occurrence
	switch {
	case o == nil:
		return v.vanished(c, s.raw)
	case o.Cancelled() && o.Exception.Reason != "":
		return "called off: " + o.Exception.Reason, declared
	case o.Cancelled():
		return "called off", declared
	case isPart(o):
		return "its run has one issue for all its steps now", elsewhere
	case o.Step.Issue == "none":
		return "the step has no issue of its own any more", elsewhere
	}
	return "", elsewhere
}

func (v *View) isUnwanted(s *seen) bool {
	why, _ := v.unwanted(s)
	return why != ""
}

func inactive(c *schema.Client, v *View) *schema.Inactive {
	if i := c.Pause(v.in.AsOf); i >= 0 {
		return &c.Inactive[i]
	}
	return nil
}

// vanished says why a valid, active client has no occurrence with a key any more.
func (v *View) vanished(c *schema.Client, raw string) (why string, by cause) {
	k, err := issue.ParseKey(raw)
	if err != nil {
		return "no step has the key " + raw, elsewhere
	}
	a, t := v.assignment(c, k)
	if a == nil {
		return c.Name + " is no longer in " + k.Template, elsewhere
	}
	if o := a.Overrides[k.Step]; o != nil && o.Remove {
		return "the step was taken out for " + c.Name, declared
	}
	if why, by := v.conditions(c, a, t, k); why != "" {
		return why, by
	}
	if k.Step == schema.WholeRun {
		return "no issue tracks the whole of " + k.Template + " any more", elsewhere
	}
	found := false
	t.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
		found = s.ID == k.Step
		return !found
	})
	for i := range a.ExtraSteps {
		found = found || a.ExtraSteps[i].ID == k.Step
	}
	if !found {
		return k.Template + " has no step " + k.Step + " any more", elsewhere
	}
	return "nothing falls due under this key any more: a date, a repetition or a cycle was changed", elsewhere
}

// conditions says why a run has a step no more that the files still have: it is over, or a
// condition of the step does not hold.
func (v *View) conditions(c *schema.Client, a *schema.Assignment, t schema.Template, k issue.Key) (why string, by cause) {
	if !schema.RunsOnce(t) {
		return "", elsewhere
	}
	decided := map[string]string{}
	r := v.in.Progress.Run(k.String())
	if r.Over != nil {
		return "the run has ended: " + r.Over.Outcome, v.since(r.Over.On)
	}
	by = declared
	for id, d := range r.Decisions {
		decided[id] = d.Option
		by = max(by, v.since(d.On))
	}
	t.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
		if s.ID != k.Step {
			return true
		}
		x := due.Conditions{Template: t, Client: c, Assignment: a, Decided: decided}
		if truth, id, value := x.Check(s.When); truth == due.Fails {
			why = id + " is " + cmp.Or(value, "not said") + ", and this step is only for " + strings.Join(s.When[id], " or ")
		}
		return false
	})
	return why, by
}

// since returns what causes the closings that follow from what people said on a day.
func (v *View) since(on civil.Date) cause {
	if on >= v.in.AsOf.AddDays(-lately) {
		return agreed
	}
	return declared
}

// assignment returns the client's entry for the template of a key.
func (v *View) assignment(c *schema.Client, k issue.Key) (*schema.Assignment, schema.Template) {
	t := v.in.Catalog.Template(k.Template)
	if t == nil {
		return nil, nil
	}
	if f := v.in.Progress.Facts(); f != nil {
		for i := range f.Started[c.ID] {
			if a := &f.Started[c.ID][i]; v.in.Catalog.Template(a.Template) == t && a.RunID() == k.Cycle {
				return a, t
			}
		}
	}
	for i := range c.Processes {
		if a := &c.Processes[i]; v.in.Catalog.Template(a.Template) == t && (!schema.RunsOnce(t) || a.RunID() == k.Cycle) {
			return a, t
		}
	}
	return nil, nil
}

// close plans the closing of an issue that is not wanted.
func (m *maker) close(s *seen, why string, by cause) {
	m.add(m.closeChange(s, why, issue.NotPlanned, closingComment(issue.NotPlanned, why)))
	if by != agreed {
		m.closes++
	}
	if by == elsewhere {
		m.closesOf[s.client]++
	}
}

// duplicate plans the closing of a second issue with one key.
func (m *maker) duplicate(s *seen, i *issue.Issue) {
	if m.adoptOnly {
		return
	}
	first := 0
	if s.issue != nil {
		first = s.issue.Number
	} else if s.entry != nil {
		first = s.entry.Number
	}
	second := *s
	second.issue = i
	m.add(m.closeChange(&second, "the same step as "+number(first), issue.Duplicate, "Closed as a duplicate of "+number(first)+", which stands for the same step."))
	m.closes++
	m.closesOf[s.client]++
}

// closeChange is the closing of an issue.
func (m *maker) closeChange(s *seen, why string, reason issue.CloseReason, comment string) Change {
	c := m.change(Close, s)
	c.Reason, c.CloseReason, c.Comment = why, reason, comment
	c.set("state", string(issue.Open), string(issue.Closed))
	c.After["reason"] = string(reason)
	c.Record = record.Event{V: record.Version, Key: s.key, Verb: record.Closed, Number: s.issue.Number, Reason: why}
	return c
}

// endChange is the closing of an issue that has come to its end, and says so in its body.
func (m *maker) endChange(s *seen, why string, reason issue.CloseReason) Change {
	c, w := m.closeChange(s, why, reason, closingComment(reason, why)), m.Desired(s.occurrence)
	if body := issue.Normalize(s.issue.Body); differs(body, w) {
		c.Edit = &Edit{Body: true, Region: w.Region, Marker: w.Marker}
		c.set("body", fingerprint(body), w.Marker.Spec)
		slices.Sort(c.Fields)
	}
	return c
}

// closingComment says how an issue is closed and why.
func closingComment(reason issue.CloseReason, why string) string {
	if reason == issue.NotPlanned {
		return "Closed as not planned: " + issue.Text(why) + "."
	}
	return "Closed as completed: " + issue.Text(why) + "."
}
