package forgetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

func editTitle(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	want.Title = "IT audit: moved"
	same(t, "edited", mustEdit(t, h, want.Number, reconcile.Edit{Title: &want.Title}), want)
}

func editBody(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	want.Body = "Other text\n\n" + marker
	same(t, "edited", mustEdit(t, h, want.Number, reconcile.Edit{Body: &want.Body}), want)
	want.Body = ""
	same(t, "emptied", mustEdit(t, h, want.Number, reconcile.Edit{Body: &want.Body}), want)
}

func editLabels(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	h.AddLabel(want.Number, "Ask Dana")
	want.Labels = []string{"Ask Dana", issue.OwnershipLabel, "client:acme-dental", "overdue"}
	same(t, "added", mustEdit(t, h, want.Number, reconcile.Edit{AddLabels: []string{"overdue"}}), want)
	// Case makes no difference, and no second label.
	same(t, "added again", mustEdit(t, h, want.Number, reconcile.Edit{AddLabels: []string{"Overdue", "ask dana"}}), want)
	want.Labels = []string{"Ask Dana", issue.OwnershipLabel, "client:acme-dental"}
	same(t, "removed", mustEdit(t, h, want.Number, reconcile.Edit{RemoveLabels: []string{"OVERDUE"}}), want)
	same(t, "removed again", mustEdit(t, h, want.Number, reconcile.Edit{RemoveLabels: []string{"overdue", "never there"}}), want)
	want.Labels = []string{"Ask Dana", issue.OwnershipLabel, "blocked"}
	same(t, "swapped", mustEdit(t, h, want.Number, reconcile.Edit{AddLabels: []string{"blocked"}, RemoveLabels: []string{"client:acme-dental"}}), want)
}

// editAssignees hands an issue from the last of the people to the first, while the second
// was added by a person; with fewer people there is less to see.
func editAssignees(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	last := want.Assignees
	if len(h.People) > 2 {
		h.AddAssignee(want.Number, h.People[1])
		want.Assignees = h.People[1:]
	}
	if len(h.People) > 1 {
		want.Assignees = slices.Concat(h.People[:1], want.Assignees)
		same(t, "added", mustEdit(t, h, want.Number, reconcile.Edit{AddAssignees: h.People[:1]}), want)
	}
	want.Assignees = without(want.Assignees, last)
	same(t, "removed", mustEdit(t, h, want.Number, reconcile.Edit{RemoveAssignees: append(slices.Clone(last), "nobody")}), want)
}

// without returns a list without some of its members, nil for an empty one.
func without(l, some []string) []string {
	l = slices.DeleteFunc(slices.Clone(l), func(s string) bool { return slices.Contains(some, s) })
	if len(l) == 0 {
		return nil
	}
	return l
}

// editEverything changes all fields at once; what people put there stays.
func editEverything(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	h.AddLabel(want.Number, "vip")
	was := want.Body
	e := reconcile.Edit{Title: ptr("IT audit: moved"), Body: ptr("Other text\n\n" + marker), Was: &was, Milestone: "Other",
		AddLabels: []string{"overdue", "role:engineer"}, RemoveLabels: []string{"client:acme-dental", "never there"}, RemoveAssignees: slices.Clone(want.Assignees)}
	want.Title, want.Body, want.Milestone = *e.Title, *e.Body, e.Milestone
	want.Labels, want.Assignees = []string{issue.OwnershipLabel, "overdue", "role:engineer", "vip"}, nil
	if len(h.People) > 1 {
		e.AddAssignees, want.Assignees = h.People[:1], h.People[:1]
	}
	same(t, "edited", mustEdit(t, h, want.Number, e), want)
	e.Was = e.Body
	same(t, "edited again", mustEdit(t, h, want.Number, e), want)
}

// editChanged has a person change the text that a new one was made from: theirs stays.
func editChanged(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	was := want.Body
	want.Body = "- [x] done\n\n" + marker
	h.EditBody(want.Number, want.Body)
	for _, e := range []reconcile.Edit{
		{Body: ptr("New text"), Was: &was},
		{Body: ptr("New text"), Was: &was, Title: ptr("Other"), AddLabels: []string{"a", "b"}, RemoveLabels: []string{"client:acme-dental", "c"}},
	} {
		if _, err := h.Forge.Edit(t.Context(), want.Number, e); !errors.Is(err, reconcile.ErrChanged) {
			t.Errorf("edit: %v", err)
		}
		same(t, "afterwards", mustGet(t, h, want.Number), want)
	}
	was, want.Body = want.Body, "New text"
	same(t, "edited", mustEdit(t, h, want.Number, reconcile.Edit{Body: &want.Body, Was: &was}), want)
}

// milestone is made when it is first needed, is shared by title, and stays until another
// one is asked for.
func milestone(t *testing.T, h Harness) {
	plain := mustCreate(t, h, h.step("IT audit"))
	n := h.step("Strategy")
	n.Milestone = "Acme Dental: \"vCIO\" process, #\u200b1 \u2013 Größe (2026)"
	want := mustCreate(t, h, n)
	if want.Milestone != n.Milestone || plain.Milestone != "" {
		t.Errorf("in %q and %q, want %q and none", want.Milestone, plain.Milestone, n.Milestone)
	}
	same(t, "get returned", mustGet(t, h, want.Number), want)
	l := listed(t, h, time.Time{}, []int{plain.Number, want.Number})
	if len(l) != 2 {
		t.Fatalf("list: %v", l)
	}
	same(t, "list returned", l[1], want)
	want.Title = "Strategy: moved"
	same(t, "another field", mustEdit(t, h, want.Number, reconcile.Edit{Title: &want.Title}), want)
	same(t, "again", mustEdit(t, h, want.Number, reconcile.Edit{Milestone: want.Milestone}), want)
	for _, title := range []string{n.Milestone, "2026", "null", "Beta: vCIO process (2027)"} {
		plain.Milestone = title
		same(t, "put into "+title, mustEdit(t, h, plain.Number, reconcile.Edit{Milestone: title}), plain)
	}
	same(t, "the other one", mustGet(t, h, want.Number), want)
}

func editNothing(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	h.Advance(time.Hour)
	for _, e := range []reconcile.Edit{
		{},
		{Title: &want.Title, Body: &want.Body, State: ptr(issue.Open), Milestone: want.Milestone, AddLabels: want.Labels, AddAssignees: want.Assignees},
	} {
		same(t, "edited", mustEdit(t, h, want.Number, e), want)
	}
}

func closeAndReopen(t *testing.T, h Harness) {
	for _, reason := range []issue.CloseReason{issue.Completed, issue.NotPlanned, issue.Duplicate} {
		open := mustCreate(t, h, h.step("IT audit"))
		h.Advance(time.Minute)
		i := mustEdit(t, h, open.Number, reconcile.Edit{State: ptr(issue.Closed), Reason: reason})
		if i.State != issue.Closed || i.Reason != reason || !i.Closed.After(i.Created) || i.Updated.Before(i.Closed) {
			t.Errorf("closed as %s: %+v", reason, i)
		}
		same(t, "reopened", mustEdit(t, h, open.Number, reconcile.Edit{State: ptr(issue.Open)}), open)
	}
}

func closedByHand(t *testing.T, h Harness) {
	for _, reason := range []issue.CloseReason{issue.Completed, issue.NotPlanned, issue.Duplicate} {
		open := mustCreate(t, h, h.step("IT audit"))
		h.Advance(time.Minute)
		h.CloseByHand(open.Number, reason)
		i := mustGet(t, h, open.Number)
		if i.State != issue.Closed || i.Reason != reason || i.Closed.IsZero() {
			t.Errorf("closed by hand as %s: %+v", reason, i)
		}
		// A later change of ours leaves it closed, and says the same of when.
		same(t, "labelled", mustEdit(t, h, open.Number, reconcile.Edit{AddLabels: []string{issue.OwnershipLabel}}), i)
		after := mustEdit(t, h, open.Number, reconcile.Edit{AddLabels: []string{"late"}})
		if after.State != issue.Closed || after.Reason != reason || !after.Closed.Equal(i.Closed) {
			t.Errorf("edited to %+v", after)
		}
		h.ReopenByHand(open.Number)
		if i := mustGet(t, h, open.Number); i.State != issue.Open || i.Reason != "" || !i.Closed.IsZero() {
			t.Errorf("reopened by hand: %+v", i)
		}
		// Closed once more: a day of the first closing that stands somewhere does no harm.
		h.CloseByHand(open.Number, reason)
		if i := mustGet(t, h, open.Number); i.State != issue.Closed || i.Reason != reason {
			t.Errorf("closed again: %+v", i)
		}
	}
}

// byHand has people change everything; what almanac changes next leaves that alone.
func byHand(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	want.Title, want.Body = `Audit, "urgent": ask #3`, "New text\n\n- [x] done\n\n"+marker
	h.EditTitle(want.Number, want.Title)
	h.EditBody(want.Number, want.Body)
	h.AddLabel(want.Number, "vip")
	h.RemoveLabel(want.Number, "client:acme-dental")
	want.Labels = []string{issue.OwnershipLabel, "vip"}
	same(t, "after people", mustGet(t, h, want.Number), want)
	want.Labels = []string{issue.OwnershipLabel, "overdue", "vip"}
	same(t, "after almanac", mustEdit(t, h, want.Number, reconcile.Edit{AddLabels: []string{"overdue"}}), want)
}
