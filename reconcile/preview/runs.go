package preview

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema"
)

// decisionsTurned says in words which answers of a run differ: "week-6 is now future".
func decisionsTurned(a, b *schema.Assignment) string {
	ids := map[string]bool{}
	for _, m := range []map[string]string{a.Decisions, b.Decisions} {
		for id := range m {
			ids[id] = a.Decisions[id] != b.Decisions[id]
		}
	}
	var l []string
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		switch is := b.Decisions[id]; {
		case !ids[id]:
		case is == "":
			l = append(l, id+" is no longer decided")
		default:
			l = append(l, id+" is now "+is)
		}
	}
	return strings.Join(l, ", ")
}

// ended says why a step is there on one side only because its run has ended on the other.
func (a absence) ended(as *schema.Assignment) (string, bool) {
	if on := as.Ended; on != 0 && (a.there.Due == 0 || a.there.Due > on) && a.there.Assignment.Ended != on {
		return a.say("the run goes on, which had ended on "+on.String(), "the run has ended on "+on.String()+colon(as.Outcome)), true
	}
	return "", false
}

// conditions says which condition keeps a step away on the other side: an answer that has
// changed, else the value that it asks for.
func (a absence) conditions(k *schema.Client, t schema.Template, as *schema.Assignment, s *schema.Step) (string, bool) {
	truth, id, value := due.Conditions{Template: t, Client: k, Assignment: as}.Check(s.When)
	if truth != due.Fails {
		return "", false
	}
	before, after := as, a.there.Assignment
	if !a.added {
		before, after = after, before
	}
	if turned := decisionsTurned(before, after); turned != "" && (before.Decisions[id] != after.Decisions[id] || isMilestone(t, id)) {
		return "because " + turned, true
	}
	value, only := cmp.Or(value, "without a value"), strings.Join(s.When[id], " or ")
	now := a.there.Client.Attributes[id]
	switch {
	case !a.added:
		return id + " is " + value + ", and the step is only for " + only, true
	case now != "" && now != value:
		return id + " is now " + now, true
	}
	return id + " was " + value + ", and the step was only for " + only, true
}

func isMilestone(t schema.Template, id string) bool {
	p, ok := t.(*schema.OnboardingPlan)
	return ok && slices.ContainsFunc(p.Milestones, func(m schema.Milestone) bool { return m.ID == id })
}

// runDifferences returns the names of what differs about the run of a step, as far as the
// step shows it: its answer, its sign-offs, and the fields that it needs.
func runDifferences(a, b *due.Occurrence) (l []string) {
	if a.Undecided != b.Undecided {
		l = append(l, "undecided")
	}
	if !reflect.DeepEqual(a.Step.When, b.Step.When) {
		l = append(l, "when")
	}
	if !slices.Equal(a.Step.Approve, b.Step.Approve) {
		l = append(l, "approve")
	}
	if d := b.Step.Decide; d != nil && a.Assignment.Decisions[d.ID] != b.Assignment.Decisions[d.ID] {
		l = append(l, "decision")
	}
	if !slices.Equal(signed(a), signed(b)) {
		l = append(l, "approvals")
	}
	if len(fieldsTurned(a, b)) > 0 {
		l = append(l, "fields")
	}
	return l
}

// signed returns the sign-offs of a step that the file has, in words.
func signed(o *due.Occurrence) (l []string) {
	for _, g := range o.Assignment.Approvals {
		if g.Step == o.Step.ID || slices.Contains(o.Step.Previously, g.Step) {
			l = append(l, g.Role+" by "+g.By+" on "+g.On.String())
		}
	}
	return l
}

// fieldsTurned returns the fields of a run that differ, on the steps that cannot be signed
// off without them; of fields that no step needs, on every step that is signed off: its
// sign-offs are for what the run says.
func fieldsTurned(a, b *due.Occurrence) (l []string) {
	book, ok := b.Template.(*schema.Playbook)
	if !ok {
		return nil
	}
	for i := range book.Fields {
		f := &book.Fields[i]
		if f.RequiredFor != b.Step.ID && len(b.Step.Approve) == 0 {
			continue
		}
		if !reflect.DeepEqual(a.Assignment.Fields[f.ID], b.Assignment.Fields[f.ID]) {
			l = append(l, f.Name())
		}
	}
	return l
}

// runWords says in words what differs about the run of a step.
func runWords(field string, a, b *due.Occurrence) string {
	switch field {
	case "undecided":
		switch turned := decisionsTurned(a.Assignment, b.Assignment); {
		case b.Undecided != "":
			return "hangs on the decision " + b.Undecided
		case turned != "":
			return "because " + turned
		}
		return "no longer hangs on the decision " + a.Undecided
	case "decision":
		return decisionsTurned(a.Assignment, b.Assignment)
	case "approvals":
		return turn("signed off:", cmp.Or(strings.Join(signed(a), ", "), "by nobody"), cmp.Or(strings.Join(signed(b), ", "), "by nobody"))
	case "fields":
		words := "the run says otherwise: " + strings.Join(fieldsTurned(a, b), ", ")
		if len(b.Step.Approve) > 0 && len(signed(a)) > 0 {
			words += "; what was signed off before counts no more"
		}
		return words
	}
	return ""
}
