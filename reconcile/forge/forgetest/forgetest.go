// Package forgetest is what every forge must do, as tests.
//
// It runs on a forge that is empty at the start of each test, and also on one that holds
// whatever earlier tests and other people left in it, such as a repository on GitHub, where
// issues cannot be deleted: then only the issues that the test itself opened are looked at,
// lists may be late, and time cannot be moved.
package forgetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Run runs the suite. Fresh returns a forge for one test.
func Run(t *testing.T, fresh func(t *testing.T) Harness) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"empty", empty},
		{"create", create},
		{"texts", texts},
		{"edit title", editTitle},
		{"edit body", editBody},
		{"edit labels", editLabels},
		{"edit assignees", editAssignees},
		{"milestone", milestone},
		{"edit everything", editEverything},
		{"edit nothing", editNothing},
		{"edit what was changed", editChanged},
		{"close and reopen", closeAndReopen},
		{"closed by hand", closedByHand},
		{"people's changes", byHand},
		{"comment", comment},
		{"comments", comments},
		{"comments since", commentsSince},
		{"reactions", react},
		{"no such comment", noComment},
		{"permission", permission},
		{"requests", requests},
		{"list", list},
		{"list since", listSince},
		{"foreign issues", foreign},
		{"deleted", deleted},
		{"unknown", unknown},
		{"group", group},
		{"many", many},
		{"created at once", createdAtOnce},
		{"edited at once", editedAtOnce},
		{"cancelled", cancelled},
		{"clock and identity", clockAndIdentity},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, fresh(t).ready()) })
	}
}

func empty(t *testing.T, h Harness) {
	expectList(t, "fresh forge", h, time.Time{}, nil)
	if h.Forge.Name() == "" {
		t.Error("the forge has no name")
	}
}

func create(t *testing.T, h Harness) {
	n := h.step("IT audit")
	i := mustCreate(t, h, n)
	if i.Number < 1 || i.Title != n.Title || i.Body != n.Body || i.State != issue.Open || i.Reason != "" {
		t.Errorf("created %+v", i)
	}
	if !slices.Equal(i.Labels, []string{issue.OwnershipLabel, "client:acme-dental"}) || !slices.Equal(i.Assignees, n.Assignees) {
		t.Errorf("labels %q, assignees %q: want them whole and sorted", i.Labels, i.Assignees)
	}
	if i.Created.IsZero() || i.Updated.Before(i.Created) || !i.Closed.IsZero() || i.Created.Location() != time.UTC {
		t.Errorf("created %s, updated %s, closed %s", i.Created, i.Updated, i.Closed)
	}
	if i.URL == "" {
		t.Error("the issue has no address")
	}
	me, err := h.Forge.Identity(t.Context())
	if err != nil || i.Author != me {
		t.Errorf("author %q, identity %q, %v", i.Author, me, err)
	}
	same(t, "get returned", mustGet(t, h, i.Number), i)
	l := listed(t, h, time.Time{}, []int{i.Number})
	if len(l) != 1 {
		t.Fatalf("list: %v", l)
	}
	same(t, "list returned", l[0], i)
}

// texts are titles and bodies that files, pages and protocols stumble over.
func texts(t *testing.T, h Harness) {
	for name, c := range map[string]struct{ title, body, want string }{
		"plain":            {"IT audit", "Text\n", "Text\n"},
		"no body":          {"IT audit", "", ""},
		"quotes":           {`Say "yes": 'no' # never {x} [y]`, "Text", "Text"},
		"dashes":           {"---", "---\ntitle: other\nstate: closed\n---\n\nText\n---\n", "---\ntitle: other\nstate: closed\n---\n\nText\n---\n"},
		"marker":           {"Audit", "Text\n\n" + marker, "Text\n\n" + marker},
		"unicode":          {"Prüfung 監査 👩‍🔧 é", "Größe ≥ 3 日本語 🎉", "Größe ≥ 3 日本語 🎉"},
		"windows":          {"Audit", "one\r\ntwo\r\n\r\nthree", "one\ntwo\n\nthree"},
		"number":           {"2026", "1", "1"},
		"truth":            {"yes", "null", "null"},
		"leading line":     {"Audit", "\n\n  indented\n", "\n\n  indented\n"},
		"code":             {"`rm -rf` @all #1", "```yaml\nkey: value\n---\n```", "```yaml\nkey: value\n---\n```"},
		"long":             {strings.Repeat("long ", 50) + "title", strings.Repeat("0123456789 äöü\n", 60_000/15), strings.Repeat("0123456789 äöü\n", 60_000/15)},
		"trailing spaces":  {"Audit", "line  \nline\n\n\n", "line  \nline\n\n\n"},
		"percent and tabs": {"100 % {{ x }}", "\ttab\n%d %s", "\ttab\n%d %s"},
	} {
		t.Run(name, func(t *testing.T) {
			i := mustCreate(t, h, reconcile.NewIssue{Title: c.title, Body: c.body, Labels: []string{issue.OwnershipLabel}})
			if i.Title != c.title || i.Body != c.want {
				t.Errorf("created %q, %.200q", i.Title, i.Body)
			}
			same(t, "get returned", mustGet(t, h, i.Number), i)
			i = mustEdit(t, h, i.Number, reconcile.Edit{Title: ptr("Other"), Body: ptr("Other")})
			if i.Title != "Other" || i.Body != "Other" {
				t.Errorf("edited to %q, %q", i.Title, i.Body)
			}
			i = mustEdit(t, h, i.Number, reconcile.Edit{Title: &c.title, Body: &c.body})
			if i.Title != c.title || i.Body != c.want {
				t.Errorf("edited back to %q, %.200q", i.Title, i.Body)
			}
		})
	}
}

func comment(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	h.AddComment(want.Number, "By a person")
	said := []string{"By a person", "Moved to 8 May", "Two lines:\n\n- one\n- \"two\"", "---", "Größe 🎉"}
	for _, text := range said[1:] {
		if err := h.Forge.Comment(t.Context(), want.Number, text); err != nil {
			t.Fatalf("comment: %v", err)
		}
	}
	if got := h.Comments(want.Number); !slices.Equal(got, said) {
		t.Errorf("comments %q, want %q", got, said)
	}
	same(t, "commented", mustGet(t, h, want.Number), want)
	mustEdit(t, h, want.Number, reconcile.Edit{Title: ptr("Other")})
	if got := h.Comments(want.Number); !slices.Equal(got, said) {
		t.Errorf("comments after an edit %q, want %q", got, said)
	}
}

// group is for a forge that can show one issue under another: once there, it stays there.
func group(t *testing.T, h Harness) {
	g, can := h.grouper()
	if can != (h.Parent != nil) {
		t.Fatal("a forge that groups needs Parent, and no other has it")
	}
	if !can {
		return
	}
	parent, child, other := mustCreate(t, h, h.step("Onboarding")).Number, mustCreate(t, h, h.step("IT audit")), mustCreate(t, h, h.step("Welcome")).Number
	for _, p := range []int{parent, parent, other} {
		if err := g.Group(t.Context(), p, child.Number); err != nil {
			t.Errorf("group under %d: %v", p, err)
		}
		expect(t, "parent", []int{h.Parent(child.Number)}, []int{parent})
	}
	same(t, "the child", mustGet(t, h, child.Number), child)
	for _, pair := range [][2]int{{parent, other + 9}, {other + 9, other}, {0, other}, {parent, -1}} {
		if err := g.Group(t.Context(), pair[0], pair[1]); !errors.Is(err, reconcile.ErrNotFound) || errors.Is(err, reconcile.ErrNotGrouped) {
			t.Errorf("group %d under %d: %v", pair[1], pair[0], err)
		}
	}
}

func cancelled(t *testing.T, h Harness) {
	want := mustCreate(t, h, h.step("IT audit"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, list := h.Forge.List(ctx, time.Time{})
	_, get := h.Forge.Get(ctx, want.Number)
	_, create := h.Forge.Create(ctx, h.step("other"))
	_, edit := h.Forge.Edit(ctx, want.Number, reconcile.Edit{Title: ptr("other")})
	for what, err := range map[string]error{"list": list, "get": get, "create": create, "edit": edit, "comment": h.Forge.Comment(ctx, want.Number, "x")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	expectList(t, "list", h, time.Time{}, []int{want.Number})
	same(t, "afterwards", mustGet(t, h, want.Number), want)
	if said := h.Comments(want.Number); len(said) > 0 {
		t.Errorf("comments %q", said)
	}
}

func clockAndIdentity(t *testing.T, h Harness) {
	before, err := h.Forge.Clock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.Advance(time.Hour)
	after, err := h.Forge.Clock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	least := time.Hour
	if h.Shared {
		least = time.Second
	}
	if !before.IsZero() && after.Sub(before) < least {
		t.Errorf("clock at %s, later at %s", before, after)
	}
	if _, err := h.Forge.Identity(t.Context()); err != nil {
		t.Error(err)
	}
}
