// Package forgetest is what every forge must do, as tests.
package forgetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Harness is a forge without issues, and what people do to it around almanac. The hooks
// fail the test themselves.
type Harness struct {
	Forge reconcile.Forge
	// Advance moves the clock of the forge on.
	Advance func(time.Duration)
	// CloseByHand closes an issue as a person does.
	CloseByHand  func(number int, reason issue.CloseReason)
	ReopenByHand func(number int)
	EditBody     func(number int, body string)
	EditTitle    func(number int, title string)
	AddLabel     func(number int, label string)
	RemoveLabel  func(number int, label string)
	AddAssignee  func(number int, login string)
	AddComment   func(number int, text string)
	Delete       func(number int)
	// Comments returns the texts of all comments, oldest first.
	Comments func(number int) []string
	// Parent returns the issue under which one is shown, 0 for none; nil where the forge is
	// no reconcile.Grouper.
	Parent func(number int) int
}

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
		{"edit nothing", editNothing},
		{"close and reopen", closeAndReopen},
		{"closed by hand", closedByHand},
		{"people's changes", byHand},
		{"comment", comment},
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
		t.Run(c.name, func(t *testing.T) { c.run(t, fresh(t)) })
	}
}

// Marker ends the body of an issue of ours.
const marker = "<!-- almanac:v1 k=acme-dental/vcio/2026/audit i=northwind s=00c0ffee -->"

func fresh(title string) reconcile.NewIssue {
	return reconcile.NewIssue{Title: title, Body: "Text of " + title + "\n\n" + marker,
		Labels: []string{"client:acme-dental", issue.OwnershipLabel}, Assignees: []string{"priya-n"}}
}

func mustCreate(t *testing.T, h Harness, n reconcile.NewIssue) issue.Issue {
	t.Helper()
	i, err := h.Forge.Create(t.Context(), n)
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return i
}

func mustEdit(t *testing.T, h Harness, number int, e reconcile.Edit) issue.Issue {
	t.Helper()
	i, err := h.Forge.Edit(t.Context(), number, e)
	if err != nil {
		t.Fatalf("edit %d: %v", number, err)
	}
	same(t, "edit returned", i, mustGet(t, h, number))
	return i
}

func mustGet(t *testing.T, h Harness, number int) issue.Issue {
	t.Helper()
	i, err := h.Forge.Get(t.Context(), number)
	if err != nil {
		t.Fatalf("get %d: %v", number, err)
	}
	return i
}

// numbers lists the forge.
func numbers(t *testing.T, h Harness, since time.Time) []int {
	t.Helper()
	l, err := h.Forge.List(t.Context(), since)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	var n []int
	for _, i := range l {
		n = append(n, i.Number)
	}
	return n
}

func expect(t *testing.T, what string, got, want []int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: issues %v, want %v", what, got, want)
	}
}

// same compares two issues, apart from when they were updated.
func same(t *testing.T, what string, got, want issue.Issue) {
	t.Helper()
	got.Updated, want.Updated = time.Time{}, time.Time{}
	if g, w := fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want); g != w {
		t.Errorf("%s\n%s, want\n%s", what, g, w)
	}
}

func ptr[T any](v T) *T { return &v }

func empty(t *testing.T, h Harness) {
	expect(t, "fresh forge", numbers(t, h, time.Time{}), nil)
	if h.Forge.Name() == "" {
		t.Error("the forge has no name")
	}
}

func create(t *testing.T, h Harness) {
	n := fresh("IT audit")
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
	l, err := h.Forge.List(t.Context(), time.Time{})
	if err != nil || len(l) != 1 {
		t.Fatalf("list: %v, %v", l, err)
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

func editTitle(t *testing.T, h Harness) {
	want := mustCreate(t, h, fresh("IT audit"))
	want.Title = "IT audit: moved"
	same(t, "edited", mustEdit(t, h, want.Number, reconcile.Edit{Title: &want.Title}), want)
}

func editBody(t *testing.T, h Harness) {
	want := mustCreate(t, h, fresh("IT audit"))
	want.Body = "Other text\n\n" + marker
	same(t, "edited", mustEdit(t, h, want.Number, reconcile.Edit{Body: &want.Body}), want)
	want.Body = ""
	same(t, "emptied", mustEdit(t, h, want.Number, reconcile.Edit{Body: &want.Body}), want)
}

func editLabels(t *testing.T, h Harness) {
	want := mustCreate(t, h, fresh("IT audit"))
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

func editAssignees(t *testing.T, h Harness) {
	want := mustCreate(t, h, fresh("IT audit"))
	h.AddAssignee(want.Number, "lee-k")
	want.Assignees = []string{"dana-w", "lee-k", "priya-n"}
	same(t, "added", mustEdit(t, h, want.Number, reconcile.Edit{AddAssignees: []string{"dana-w"}}), want)
	want.Assignees = []string{"dana-w", "lee-k"}
	same(t, "removed", mustEdit(t, h, want.Number, reconcile.Edit{RemoveAssignees: []string{"priya-n", "nobody"}}), want)
}

// milestone is made when it is first needed, is shared by title, and stays until another
// one is asked for.
func milestone(t *testing.T, h Harness) {
	plain := mustCreate(t, h, fresh("IT audit"))
	n := fresh("Strategy")
	n.Milestone = "Acme Dental: \"vCIO\" process, #\u200b1 \u2013 Größe (2026)"
	want := mustCreate(t, h, n)
	if want.Milestone != n.Milestone || plain.Milestone != "" {
		t.Errorf("in %q and %q, want %q and none", want.Milestone, plain.Milestone, n.Milestone)
	}
	same(t, "get returned", mustGet(t, h, want.Number), want)
	l, err := h.Forge.List(t.Context(), time.Time{})
	if err != nil || len(l) != 2 {
		t.Fatalf("list: %v, %v", l, err)
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
	want := mustCreate(t, h, fresh("IT audit"))
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
		open := mustCreate(t, h, fresh("IT audit"))
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
		open := mustCreate(t, h, fresh("IT audit"))
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
	want := mustCreate(t, h, fresh("IT audit"))
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

func comment(t *testing.T, h Harness) {
	want := mustCreate(t, h, fresh("IT audit"))
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

func list(t *testing.T, h Harness) {
	var want []int
	for n := range 12 {
		want = append(want, mustCreate(t, h, fresh(fmt.Sprint("Step ", n))).Number)
	}
	if !slices.IsSorted(want) || want[0] == want[11] {
		t.Errorf("numbers %v", want)
	}
	expect(t, "list", numbers(t, h, time.Time{}), want)
}

func listSince(t *testing.T, h Harness) {
	open := mustCreate(t, h, fresh("open"))
	first := mustCreate(t, h, fresh("closed first"))
	second := mustCreate(t, h, fresh("closed second"))
	byHand := mustCreate(t, h, fresh("closed by hand"))
	h.Advance(time.Hour)
	first = mustEdit(t, h, first.Number, reconcile.Edit{State: ptr(issue.Closed), Reason: issue.Completed})
	h.Advance(time.Hour)
	second = mustEdit(t, h, second.Number, reconcile.Edit{State: ptr(issue.Closed), Reason: issue.NotPlanned})
	h.CloseByHand(byHand.Number, issue.Completed)
	all := []int{open.Number, first.Number, second.Number, byHand.Number}
	expect(t, "all", numbers(t, h, time.Time{}), all)
	expect(t, "since the first was closed, that moment included", numbers(t, h, first.Updated), all)
	expect(t, "since the second was closed", numbers(t, h, second.Updated), []int{open.Number, second.Number, byHand.Number})
}

func foreign(t *testing.T, h Harness) {
	ours := mustCreate(t, h, fresh("ours"))
	shouted := fresh("ours, shouted")
	shouted.Labels = []string{"Almanac"}
	also := mustCreate(t, h, shouted)
	theirs := mustCreate(t, h, reconcile.NewIssue{Title: "theirs", Labels: []string{"almanac-like"}})
	bare := mustCreate(t, h, reconcile.NewIssue{Title: "without labels"})
	expect(t, "list", numbers(t, h, time.Time{}), []int{ours.Number, also.Number})
	for _, n := range []int{theirs.Number, bare.Number} {
		if i := mustGet(t, h, n); len(i.Labels) > 1 {
			t.Errorf("labels %q", i.Labels)
		}
	}
	h.RemoveLabel(ours.Number, issue.OwnershipLabel)
	expect(t, "label removed", numbers(t, h, time.Time{}), []int{also.Number})
	h.AddLabel(ours.Number, issue.OwnershipLabel)
	expect(t, "label back", numbers(t, h, time.Time{}), []int{ours.Number, also.Number})
}

func deleted(t *testing.T, h Harness) {
	first := mustCreate(t, h, fresh("first"))
	last := mustCreate(t, h, fresh("last"))
	h.Delete(last.Number)
	expect(t, "list", numbers(t, h, time.Time{}), []int{first.Number})
	if _, err := h.Forge.Get(t.Context(), last.Number); !errors.Is(err, reconcile.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
	// The ledger knows the deleted issue by its number.
	if next := mustCreate(t, h, fresh("next")); next.Number <= last.Number {
		t.Errorf("number %d was given again", next.Number)
	}
}

func unknown(t *testing.T, h Harness) {
	made := mustCreate(t, h, fresh("IT audit"))
	for _, n := range []int{made.Number + 1, made.Number + 1000, 0, -1} {
		_, get := h.Forge.Get(t.Context(), n)
		_, edit := h.Forge.Edit(t.Context(), n, reconcile.Edit{Title: ptr("x")})
		for what, err := range map[string]error{"get": get, "edit": edit, "comment": h.Forge.Comment(t.Context(), n, "x")} {
			if !errors.Is(err, reconcile.ErrNotFound) {
				t.Errorf("%s %d: %v", what, n, err)
			}
		}
	}
	expect(t, "list", numbers(t, h, time.Time{}), []int{made.Number})
}

// group is for a forge that can show one issue under another: once there, it stays there.
func group(t *testing.T, h Harness) {
	g, can := h.Forge.(reconcile.Grouper)
	if can != (h.Parent != nil) {
		t.Fatal("a forge that groups needs Parent, and no other has it")
	}
	if !can {
		return
	}
	parent, child, other := mustCreate(t, h, fresh("Onboarding")).Number, mustCreate(t, h, fresh("IT audit")), mustCreate(t, h, fresh("Welcome")).Number
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

// many is more than any page holds.
func many(t *testing.T, h Harness) {
	const n = 250
	var want []int
	for i := range n {
		want = append(want, mustCreate(t, h, fresh(fmt.Sprint("Step ", i))).Number)
	}
	expect(t, "list", numbers(t, h, time.Time{}), want)
}

func createdAtOnce(t *testing.T, h Harness) {
	const n = 16
	got := make([]int, n)
	var wait sync.WaitGroup
	for w := range n {
		wait.Go(func() {
			i, err := h.Forge.Create(t.Context(), fresh(fmt.Sprint("Step ", w)))
			if err != nil {
				t.Errorf("create: %v", err)
			}
			if got[w] = i.Number; i.Title != fmt.Sprint("Step ", w) {
				t.Errorf("created %q for step %d", i.Title, w)
			}
		})
	}
	wait.Wait()
	slices.Sort(got)
	if len(slices.Compact(slices.Clone(got))) != n {
		t.Errorf("numbers %v", got)
	}
	expect(t, "list", numbers(t, h, time.Time{}), got)
}

func editedAtOnce(t *testing.T, h Harness) {
	made := mustCreate(t, h, fresh("IT audit"))
	want := slices.Clone(made.Labels)
	var wait sync.WaitGroup
	for w := range 8 {
		label := fmt.Sprint("tag:", w)
		want = append(want, label)
		wait.Go(func() {
			if _, err := h.Forge.Edit(t.Context(), made.Number, reconcile.Edit{AddLabels: []string{label}}); err != nil {
				t.Errorf("edit: %v", err)
			}
		})
	}
	wait.Wait()
	slices.Sort(want)
	if got := mustGet(t, h, made.Number).Labels; !slices.Equal(got, want) {
		t.Errorf("labels %q, want %q", got, want)
	}
}

func cancelled(t *testing.T, h Harness) {
	want := mustCreate(t, h, fresh("IT audit"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, list := h.Forge.List(ctx, time.Time{})
	_, get := h.Forge.Get(ctx, want.Number)
	_, create := h.Forge.Create(ctx, fresh("other"))
	_, edit := h.Forge.Edit(ctx, want.Number, reconcile.Edit{Title: ptr("other")})
	for what, err := range map[string]error{"list": list, "get": get, "create": create, "edit": edit, "comment": h.Forge.Comment(ctx, want.Number, "x")} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	expect(t, "list", numbers(t, h, time.Time{}), []int{want.Number})
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
	if !before.IsZero() && after.Sub(before) < time.Hour {
		t.Errorf("clock at %s, an hour later at %s", before, after)
	}
	if _, err := h.Forge.Identity(t.Context()); err != nil {
		t.Error(err)
	}
}
