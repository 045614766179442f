package forgetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// comments are those of all issues, ours and others, each with an id of its own that stays.
func comments(t *testing.T, h Harness) {
	ours := mustCreate(t, h, h.step("IT audit")).Number
	other := mustCreate(t, h, reconcile.NewIssue{Title: "Somebody's own"}).Number
	h.AddComment(ours, "/done")
	h.Advance(time.Minute)
	h.AddComment(other, "/done")
	h.Advance(time.Minute)
	if err := h.Forge.Comment(t.Context(), ours, "Moved to 8 May"); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Minute)
	h.AddComment(ours, "/done")
	l := said(t, h, time.Time{}, 4)
	var got []string
	ids := map[string]bool{}
	for _, c := range l {
		got = append(got, fmt.Sprint(c.Issue, " ", c.Body))
		ids[c.ID] = true
		same, err := h.Forge.GetComment(t.Context(), c.ID)
		if err != nil || same != c {
			t.Errorf("get returned %+v, %v, want %+v", same, err, c)
		}
		if c.Author == "" || c.Created.IsZero() || !c.Updated.Equal(c.Created) || c.Created.Location() != time.UTC {
			t.Errorf("%+v", c)
		}
	}
	want := []string{fmt.Sprint(ours, " /done"), fmt.Sprint(other, " /done"), fmt.Sprint(ours, " Moved to 8 May"), fmt.Sprint(ours, " /done")}
	if !slices.Equal(got, want) || len(ids) != len(l) || ids[""] {
		t.Errorf("comments %q with ids %v, want %q", got, ids, want)
	}
	mustEdit(t, h, ours, reconcile.Edit{Title: ptr("Other"), State: ptr(issue.Closed)})
	h.EditBody(other, "Other")
	if again := said(t, h, time.Time{}, 4); !slices.Equal(again, l) {
		t.Errorf("comments after changes of the issues\n%+v, want\n%+v", again, l)
	}
}

// commentsSince leaves out what is older, and nothing that is not.
func commentsSince(t *testing.T, h Harness) {
	n := mustCreate(t, h, h.step("IT audit")).Number
	h.AddComment(n, "first")
	h.Advance(time.Hour)
	if err := h.Forge.Comment(t.Context(), n, "second"); err != nil {
		t.Fatal(err)
	}
	first := said(t, h, time.Time{}, 2)[0]
	if err := h.Forge.React(t.Context(), first.ID, reconcile.Refused); err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Hour)
	h.AddComment(n, "third")
	l := said(t, h, time.Time{}, 3)
	for i, from := range l {
		if got := said(t, h, from.Updated, 3-i); !slices.Equal(got, l[i:]) {
			t.Errorf("since %s: %+v, want %+v", from.Updated, got, l[i:])
		}
	}
	if h.EditComment == nil {
		return // the forge does not tell
	}
	h.Advance(time.Hour)
	h.EditComment(first.ID, "first, mended")
	c, err := h.Forge.GetComment(t.Context(), first.ID)
	if err != nil || c.Body != "first, mended" || !c.Created.Equal(first.Created) || !c.Updated.After(l[2].Updated) {
		t.Errorf("edited: %+v, %v", c, err)
	}
	if got := said(t, h, l[2].Updated.Add(time.Second), 1); len(got) != 1 || got[0] != c {
		t.Errorf("since the edit: %+v, want %+v", got, c)
	}
}

// react answers comments, each as often as asked to.
func react(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	h.AddComment(want.Number, "/done")
	h.Advance(time.Minute)
	h.AddComment(want.Number, "/skip no budget")
	l := said(t, h, time.Time{}, 2)
	for range 2 {
		for i, r := range []reconcile.Reaction{reconcile.Accepted, reconcile.Refused} {
			if err := h.Forge.React(t.Context(), l[i].ID, r); err != nil {
				t.Fatalf("react to %s: %v", l[i].ID, err)
			}
		}
	}
	for i, r := range []string{"accepted", "refused"} {
		if got := h.Reactions(l[i].ID); !slices.Equal(got, []string{r}) {
			t.Errorf("reactions to %q: %q", l[i].Body, got)
		}
	}
	if again := said(t, h, time.Time{}, 2); !slices.Equal(again, l) {
		t.Errorf("comments after reactions\n%+v, want\n%+v", again, l)
	}
	same(t, "the issue", mustGet(t, h, want.Number), want)
}

// noComment asks for what is not there.
func noComment(t *testing.T, h Harness) {
	n := mustCreate(t, h, h.step("IT audit")).Number
	h.AddComment(n, "/done")
	id := said(t, h, time.Time{}, 1)[0].ID
	for _, id := range []string{"", "0", "-1", "x", "../1", fmt.Sprint(n), fmt.Sprint(n, "-000000000000"), fmt.Sprint(n+5, "-000000000000"), id + "0"} {
		_, get := h.Forge.GetComment(t.Context(), id)
		for what, err := range map[string]error{"get": get, "react": h.Forge.React(t.Context(), id, reconcile.Accepted)} {
			if !errors.Is(err, reconcile.ErrNoComment) {
				t.Errorf("%s %q: %v", what, id, err)
			}
		}
	}
	if err := h.Forge.React(t.Context(), id, "sideways"); err == nil {
		t.Error("a reaction of no name was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, list := h.Forge.Comments(ctx, time.Time{})
	_, get := h.Forge.GetComment(ctx, id)
	_, may := h.Forge.Permission(ctx, "dana-w")
	_, requests := h.Forge.Requests(ctx, "onboarding")
	for what, err := range map[string]error{"list": list, "get": get, "permission": may, "requests": requests, "react": h.Forge.React(ctx, id, reconcile.Accepted)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled %s: %v", what, err)
		}
	}
	if got := h.Reactions(id); len(got) > 0 {
		t.Errorf("reactions %q", got)
	}
}

// permission of a stranger is none, wherever not everybody is trusted.
func permission(t *testing.T, h Harness) {
	for login, want := range h.Permissions {
		if got, err := h.Forge.Permission(t.Context(), login); err != nil || got != want {
			t.Errorf("permission of %q: %q, %v, want %q", login, got, err, want)
		}
	}
	for _, login := range []string{"", "../../user", "no one", strings.Repeat("x", 300)} {
		if got, err := h.Forge.Permission(t.Context(), login); err == nil && got != "none" && h.Permissions["stranger"] == "none" {
			t.Errorf("permission of %q: %q", login, got)
		}
	}
	if got, _ := h.Forge.Permission(t.Context(), ""); got != "none" {
		t.Errorf("permission of nobody: %q", got)
	}
}

// requests are the open issues that a label finds, and none of ours.
func requests(t *testing.T, h Harness) {
	asked := mustCreate(t, h, reconcile.NewIssue{Title: "Onboard Birch", Body: "### Client\n\nbirch", Labels: []string{"Onboarding", "vip"}})
	mustCreate(t, h, reconcile.NewIssue{Title: "Something else", Labels: []string{"onboarding-2"}})
	mustCreate(t, h, reconcile.NewIssue{Title: "Ours", Labels: []string{"onboarding", issue.OwnershipLabel}})
	done := mustCreate(t, h, reconcile.NewIssue{Title: "Done", Labels: []string{"onboarding"}})
	mustEdit(t, h, done.Number, reconcile.Edit{State: ptr(issue.Closed)})
	last := mustCreate(t, h, reconcile.NewIssue{Title: "Onboard Cedar", Labels: []string{"onboarding"}})
	l := requested(t, h, "onboarding", 2)
	if len(l) != 2 {
		t.Fatalf("requests: %+v", l)
	}
	same(t, "the first", l[0], asked)
	same(t, "the last", l[1], last)
	if l := requested(t, h, "never used", 0); len(l) > 0 {
		t.Errorf("requests: %+v", l)
	}
}

// requested returns the requests with a label, once there are as many as wanted or nothing
// more is to be waited for.
func requested(t *testing.T, h Harness, label string, want int) []issue.Issue {
	t.Helper()
	for {
		l, err := h.Forge.Requests(t.Context(), label)
		if err != nil {
			t.Fatalf("requests: %v", err)
		}
		if len(l) == want || h.Wait == nil || !h.Wait() {
			return l
		}
	}
}

// said returns the comments since a time, once there are as many as wanted or nothing more
// is to be waited for.
func said(t *testing.T, h Harness, since time.Time, want int) []issue.Comment {
	t.Helper()
	for {
		l, err := h.Forge.Comments(t.Context(), since)
		if err != nil {
			t.Fatalf("comments: %v", err)
		}
		l = slices.DeleteFunc(l, func(c issue.Comment) bool { return h.mine != nil && !h.mine.made(c.Issue) })
		if len(l) == want || h.Wait == nil || !h.Wait() {
			return l
		}
	}
}
