package github_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// handOver changes all that changes when an issue gets another owner.
func handOver(was string) reconcile.Edit {
	body := was + "\nfor Lee"
	return reconcile.Edit{Body: &body, Was: &was, AddLabels: []string{"role:lead"}, RemoveLabels: []string{"role:engineer"},
		AddAssignees: []string{"lee-k"}, RemoveAssignees: []string{"dana-w"}}
}

// handed returns a rig whose issue 1 is to be handed over.
func handed(t testing.TB, o githubtest.Options) *rig {
	t.Helper()
	r := newRig(t, o)
	r.SetAssignable("dana-w", "lee-k")
	r.SetLabel("role:lead", "c5def5", "")
	body := "Text"
	r.Add(githubtest.Issue{Title: "audit", Author: "almanac-bot", Body: &body, Labels: []string{issue.OwnershipLabel, "role:engineer", "vip"}, Assignees: []string{"dana-w", "sam-k"}})
	r.SetAssignable("dana-w", "lee-k", "sam-k")
	return r
}

// TestHandOver: everything that changes with the owner is one write, so that with the
// comment it makes two, and what people put there stays.
func TestHandOver(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		r := handed(t, o)
		i, err := r.Edit(t.Context(), 1, handOver("Text"))
		if err != nil || i.Body != "Text\nfor Lee" || !slices.Equal(i.Labels, []string{"almanac", "role:lead", "vip"}) || !slices.Equal(i.Assignees, []string{"lee-k", "sam-k"}) {
			t.Errorf("%+v, %v", i, err)
		}
		if _, writes := r.Totals(); writes != 1 {
			t.Errorf("%d writes", writes)
		}
	})
}

// TestLastOneOff: a set may become empty.
func TestLastOneOff(t *testing.T) {
	r := handed(t, githubtest.Options{})
	title := "moved"
	i, err := r.Edit(t.Context(), 1, reconcile.Edit{Title: &title, RemoveLabels: []string{"almanac", "role:engineer", "vip"}, RemoveAssignees: []string{"dana-w", "sam-k"}})
	if err != nil || len(i.Labels)+len(i.Assignees) > 0 {
		t.Errorf("%+v, %v", i, err)
	}
}

// TestWholeSetIsFresh: while GitHub makes us wait, a person adds a label and an assignee.
// The next try holds them too.
func TestWholeSetIsFresh(t *testing.T) {
	r := handed(t, githubtest.Options{})
	f := r.Secondary("issues/update", "60")
	f.Do = func() {
		r.Change(1, func(i *githubtest.Issue) {
			i.Labels, i.Assignees = append(i.Labels, "urgent"), append(i.Assignees, "pat-k")
		})
	}
	r.SetAssignable("dana-w", "lee-k", "sam-k", "pat-k")
	r.Inject(f)
	i, err := r.Edit(t.Context(), 1, handOver("Text"))
	if err != nil || !slices.Equal(i.Labels, []string{"almanac", "role:lead", "urgent", "vip"}) || !slices.Equal(i.Assignees, []string{"lee-k", "pat-k", "sam-k"}) {
		t.Errorf("%+v, %v", i, err)
	}
	if r.Count("issues/update") != 2 {
		t.Error("it was not refused")
	}
}

// TestTextIsFresh: a box that is ticked while GitHub makes us wait is not lost.
func TestTextIsFresh(t *testing.T) {
	title := "moved"
	for name, e := range map[string]reconcile.Edit{"whole": handOver("Text"), "text alone": {Body: &title, Was: handOver("Text").Was}} {
		r := handed(t, githubtest.Options{})
		f := r.Secondary("issues/update", "60")
		ticked := "- [x] done"
		f.Do = func() { r.Change(1, func(i *githubtest.Issue) { i.Body = &ticked }) }
		r.Inject(f)
		_, err := r.Edit(t.Context(), 1, e)
		if i, _ := r.Issue(1); !errors.Is(err, reconcile.ErrChanged) || *i.Body != ticked || slices.Contains(i.Labels, "role:lead") {
			t.Errorf("%s: %v\n%+v", name, err, i)
		}
	}
}

// TestAssigneeOfOldRefused: somebody who has the issue and cannot be assigned any more
// cannot be sent back with the whole set. Then everything goes by its own address.
func TestAssigneeOfOldRefused(t *testing.T) {
	r := handed(t, githubtest.Options{})
	r.SetAssignable("dana-w", "lee-k")
	i, err := r.Edit(t.Context(), 1, handOver("Text"))
	if err != nil || !slices.Equal(i.Assignees, []string{"lee-k", "sam-k"}) || !slices.Equal(i.Labels, []string{"almanac", "role:lead", "vip"}) || i.Body != "Text\nfor Lee" {
		t.Errorf("%+v, %v", i, err)
	}
}

// TestTooManyAssignees: the tenth of those who are there is the last.
func TestTooManyAssignees(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	ten := strings.Split("a b c d e f g h i j", " ")
	r.SetAssignable(append(ten, "k")...)
	r.Add(githubtest.Issue{Title: "audit", Author: "almanac-bot", Labels: []string{issue.OwnershipLabel}, Assignees: ten})
	title := "moved"
	i, err := r.Edit(t.Context(), 1, reconcile.Edit{Title: &title, AddAssignees: []string{"k"}})
	if err != nil || !slices.Equal(i.Assignees, ten) || !strings.Contains(r.said(), "left out: k") {
		t.Errorf("%v, %v, said %q", i.Assignees, err, r.said())
	}
}

// TestWholeDropped: a token that may not label has its whole change taken and parts of it
// left out. That is an error.
func TestWholeDropped(t *testing.T) {
	for name, c := range map[string]struct {
		edit reconcile.Edit
		want string
	}{
		"added":   {reconcile.Edit{AddLabels: []string{"role:lead"}, RemoveLabels: []string{"a", "b"}}, "left out the labels role:lead"},
		"removed": {reconcile.Edit{RemoveLabels: []string{"role:engineer", "a", "b"}}, "did not take off role:engineer"},
		"person":  {reconcile.Edit{Title: handOver("x").Body, RemoveAssignees: []string{"dana-w"}}, "did not take off dana-w"},
	} {
		r := handed(t, githubtest.Options{})
		r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.NoPush})
		_, err := r.Edit(t.Context(), 1, c.edit)
		var missing *github.PermissionError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWholeNeedsTheIssue: what cannot be read is not written.
func TestWholeNeedsTheIssue(t *testing.T) {
	r := handed(t, githubtest.Options{})
	f := githubtest.BadGateway("issues/get", false)
	f.Times = 9
	r.Inject(f)
	_, err := r.Edit(t.Context(), 1, handOver("Text"))
	if err == nil || errors.Is(err, reconcile.ErrUnknownOutcome) || r.Count("issues/update") != 0 || !strings.Contains(err.Error(), "502") {
		t.Errorf("%v, %d writes", err, r.Count("issues/update"))
	}
	r.ClearFaults()
	r.Delete(1)
	if _, err := r.Edit(t.Context(), 1, handOver("Text")); !errors.Is(err, reconcile.ErrNotFound) {
		t.Errorf("of a deleted issue: %v", err)
	}
}

// TestEditWrites: no edit takes more than two writes, and with a change of assignees one.
func TestEditWrites(t *testing.T) {
	title, body, closed := "moved", "New", issue.Closed
	for name, c := range map[string]struct {
		edit reconcile.Edit
		max  int
	}{
		"nothing":           {reconcile.Edit{}, 0},
		"label":             {reconcile.Edit{AddLabels: []string{"role:lead"}}, 1},
		"label and text":    {reconcile.Edit{AddLabels: []string{"role:lead"}, Body: &body, Title: &title}, 2},
		"swapped labels":    {reconcile.Edit{AddLabels: []string{"role:lead"}, RemoveLabels: []string{"role:engineer"}}, 2},
		"swapped and text":  {reconcile.Edit{AddLabels: []string{"role:lead"}, RemoveLabels: []string{"role:engineer"}, Title: &title}, 2},
		"three labels less": {reconcile.Edit{RemoveLabels: []string{"role:engineer", "vip", "other"}}, 2},
		"assignee":          {reconcile.Edit{AddAssignees: []string{"lee-k"}}, 1},
		"swapped assignees": {reconcile.Edit{AddAssignees: []string{"lee-k"}, RemoveAssignees: []string{"dana-w"}}, 1},
		"hand-over":         {handOver("Text"), 1},
		"close":             {reconcile.Edit{State: &closed, Body: &body, Was: handOver("Text").Was, AddLabels: []string{"role:lead"}}, 2},
	} {
		r := handed(t, githubtest.Options{})
		r.Server.Clock().Advance(time.Minute)
		if _, err := r.Edit(t.Context(), 1, c.edit); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, writes := r.Totals(); writes > c.max {
			t.Errorf("%s: %d writes, at most %d", name, writes, c.max)
		}
	}
}
