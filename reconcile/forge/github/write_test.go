package github_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

func editOf(title *string, state *issue.State, addLabels ...string) reconcile.Edit {
	return reconcile.Edit{Title: title, State: state, AddLabels: addLabels}
}

// labelled is a new issue with labels and assignees.
func labelled() reconcile.NewIssue {
	return reconcile.NewIssue{Title: "audit", Labels: []string{"almanac", "client:acme-dental"}, Assignees: []string{"dana-w", "lee-k"}}
}

// TestDroppedLabels: the token may open issues but not label them. The issue exists, so it
// is returned with the error; a second one is not opened.
func TestDroppedLabels(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetAssignable("dana-w", "lee-k")
	for _, l := range labelled().Labels {
		r.SetLabel(l, "ededed", "")
	}
	r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.NoPush})
	i, err := r.Create(t.Context(), labelled())
	var missing *github.PermissionError
	if i.Number != 1 || !errors.As(err, &missing) || !strings.Contains(err.Error(), "#1 but left out the labels almanac, client:acme-dental") || !strings.Contains(err.Error(), "issues: write") {
		t.Errorf("created %+v: %v", i, err)
	}
	if i, err := r.Create(t.Context(), labelled()); i.Number != 0 || !errors.As(err, &missing) || len(r.Issues()) != 1 {
		t.Errorf("created %+v: %v", i, err)
	}
}

// TestDroppedAssignees tells a token that may not assign from people who cannot be.
func TestDroppedAssignees(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetAssignable("dana-w", "lee-k")
	r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.NoPush})
	n := labelled()
	n.Labels = nil
	i, err := r.Create(t.Context(), n)
	var missing *github.PermissionError
	if i.Number != 1 || !errors.As(err, &missing) || !strings.Contains(err.Error(), "did not assign it to dana-w, lee-k") {
		t.Errorf("created %+v: %v", i, err)
	}
	if _, err := r.Edit(t.Context(), 1, reconcile.Edit{AddAssignees: []string{"dana-w"}}); !errors.As(err, &missing) {
		t.Errorf("edited: %v", err)
	}
	if _, err := r.Edit(t.Context(), 1, reconcile.Edit{AddLabels: []string{"overdue"}}); !errors.As(err, &missing) {
		t.Errorf("labelled: %v", err)
	}
}

// TestKept: what a token may not take off GitHub leaves where it is, and answers as if all
// were well. A 404 to a label can mean that too.
func TestKept(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		r := newRig(t, o)
		r.SetAssignable("dana-w", "lee-k")
		r.Add(githubtest.Issue{Title: "audit", Author: "almanac-bot", Labels: []string{"almanac", "Overdue"}, Assignees: []string{"Dana-W", "lee-k"}})
		r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.NoPush})
		off := reconcile.Edit{RemoveLabels: []string{"overdue"}}
		var missing *github.PermissionError
		if _, err := r.Edit(t.Context(), 1, reconcile.Edit{RemoveAssignees: []string{"dana-w"}}); !errors.As(err, &missing) || !strings.Contains(err.Error(), "did not take off dana-w: the token needs") {
			t.Errorf("assignee: %v", err)
		}
		r.Inject(githubtest.Fault{Operation: "issues/remove-label", Status: 404, Body: `{"message":"Not Found"}`})
		if _, err := r.Edit(t.Context(), 1, off); !errors.As(err, &missing) || !strings.Contains(err.Error(), "did not take off overdue: the token needs") {
			t.Errorf("label: %v", err)
		}
		r.Inject(githubtest.Fault{Operation: "issues/remove-label", Status: 200, Body: `[{"name":"almanac"},{"name":"Overdue"}]`})
		if _, err := r.Edit(t.Context(), 1, off); !errors.As(err, &missing) {
			t.Errorf("label that is in the answer: %v", err)
		}
		r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.Write})
		for range 2 { // the second time it is not there, which is fine
			if i, err := r.Edit(t.Context(), 1, off); err != nil || !slices.Equal(i.Labels, []string{"almanac"}) {
				t.Errorf("taken off: %v, %v", i.Labels, err)
			}
		}
	})
}

// TestUnknownAssignee is left out and told of once; the issue opens, and later ones do not
// try again.
func TestUnknownAssignee(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		r := newRig(t, o)
		r.SetAssignable("lee-k")
		for range 3 {
			i, err := r.Create(t.Context(), labelled())
			if err != nil || !slices.Equal(i.Assignees, []string{"lee-k"}) {
				t.Fatalf("created %+v: %v", i, err)
			}
		}
		if n := r.Count("issues/create"); n != 4 || len(r.Issues()) != 3 {
			t.Errorf("%d requests made %d issues", n, len(r.Issues()))
		}
		if strings.Count(r.said(), "@dana-w cannot be assigned") != 1 || strings.Contains(r.said(), "lee-k") {
			t.Errorf("said %q", r.said())
		}
		r.Reset()
		i, err := r.Edit(t.Context(), 1, reconcile.Edit{AddAssignees: []string{"dana-w", "no such!"}})
		if _, writes := r.Totals(); err != nil || writes != 0 || len(i.Assignees) != 1 {
			t.Errorf("edited %+v with %d writes: %v", i, writes, err)
		}
	})
}

// TestAssigneeWhoLeft was seen on an older issue, and is refused now.
func TestAssigneeWhoLeft(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetAssignable("lee-k")
	r.Add(githubtest.Issue{Title: "old", Labels: []string{"almanac", "client:acme-dental"}, Assignees: []string{"dana-w"}})
	if _, err := r.List(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if i, err := r.Create(t.Context(), labelled()); err != nil || !slices.Equal(i.Assignees, []string{"lee-k"}) {
		t.Errorf("created %+v: %v", i, err)
	}
	if i, err := r.Edit(t.Context(), 2, reconcile.Edit{AddAssignees: []string{"dana-w"}}); err != nil || len(i.Assignees) != 1 {
		t.Errorf("edited %+v: %v", i, err)
	}
}

// TestAssigneesRefusedTogether: GitHub says no and not whom it means.
func TestAssigneesRefusedTogether(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetAssignable("dana-w", "lee-k")
	r.Inject(githubtest.Fault{Operation: "issues/create", Status: 422, Body: `{"message":"Validation Failed","errors":[{"resource":"Issue","field":"assignees","code":"invalid"}]}`})
	if i, err := r.Create(t.Context(), labelled()); err != nil || len(i.Assignees) != 0 || !strings.Contains(r.said(), "dana-w, lee-k") {
		t.Errorf("created %+v: %v, said %q", i, err, r.said())
	}
}

// TestManyAssignees: ten are taken.
func TestManyAssignees(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	var logins []string
	for c := 'a'; c < 'a'+101; c++ {
		logins = append(logins, "p"+strings.Repeat("x", int(c-'a')))
	}
	r.SetAssignable(logins...)
	if i, err := r.Create(t.Context(), reconcile.NewIssue{Title: "x", Assignees: logins}); err != nil || len(i.Assignees) != 10 || !strings.Contains(r.said(), "10 assignees") {
		t.Errorf("created %+v: %v", i, err)
	}
}

// TestLabelsAreMade before they are used, with a look by their prefix, in lower case, once.
func TestLabelsAreMade(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	all := []string{"almanac", "client:acme-dental", "process:vcio", "type:audit", "role:engineer", "tag:q1", "Overdue", "blocked", "touchpoint", "internal", "other"}
	for range 2 {
		if _, err := r.Create(t.Context(), reconcile.NewIssue{Title: "x", Labels: all}); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.Count("issues/create-label"); n != len(all) {
		t.Errorf("%d labels were made", n)
	}
	for i, l := range r.Labels() {
		if l.Name != strings.ToLower(all[i]) || (l.Color == "ededed" || l.Description == "") && l.Name != "other" && l.Name != "tag:q1" {
			t.Errorf("made %+v", l)
		}
	}
}

// TestLabelsThatExist are neither made nor changed, whatever their case.
func TestLabelsThatExist(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetLabel("Almanac", "123456", "ours")
	for range 2 {
		i, err := r.Create(t.Context(), aNewIssue())
		if err != nil || !slices.Equal(i.Labels, []string{"Almanac"}) {
			t.Fatalf("created %+v: %v", i.Labels, err)
		}
	}
	if got := r.Labels(); len(got) != 1 || got[0].Color != "123456" || r.Count("issues/create-label") != 0 || r.Count("issues/get-label") != 1 {
		t.Errorf("labels %+v", got)
	}
	r.DeleteLabel("Almanac")
	if i, err := r.Create(t.Context(), aNewIssue()); err != nil || !slices.Equal(i.Labels, []string{"almanac"}) {
		t.Errorf("created %+v after the label was deleted: %v", i.Labels, err)
	}
}

// TestLabelRace: somebody makes the label first, or the answer is lost after it was made.
// Nothing of that leaves the fate of the issue unknown.
func TestLabelRace(t *testing.T) {
	for name, c := range map[string]struct {
		fault githubtest.Fault
		want  string
	}{
		"made by another": {githubtest.Fault{Operation: "issues/create-label", Status: 422, Body: `{"message":"Validation Failed","errors":[{"resource":"Label","code":"already_exists","field":"name"}]}`}, ""},
		"lost after":      {githubtest.BadGateway("issues/create-label", true), ""},
		"lost before":     {githubtest.BadGateway("issues/create-label", false), "it is not there"},
	} {
		r := newRig(t, githubtest.Options{})
		r.Inject(c.fault)
		i, err := r.Create(t.Context(), aNewIssue())
		if c.want == "" && (err != nil || len(i.Labels) != 1) ||
			c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, reconcile.ErrUnknownOutcome) || len(r.Issues()) != 0) {
			t.Errorf("%s: created %+v: %v", name, i, err)
		}
	}
}

// TestRefusals say what is wrong and what to do, and are no unknown outcomes.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(r *rig)
		want string
	}{
		"archived":   {func(r *rig) { r.SetArchived(true) }, "is archived"},
		"issues off": {func(r *rig) { r.SetIssuesOff(true) }, "turn them on under Settings, General, Features"},
		"revoked":    {func(r *rig) { r.Revoke(githubtest.Token) }, "has expired or was revoked"},
		"no access":  {func(r *rig) { r.SetToken(githubtest.Token, githubtest.Account{Access: githubtest.None}) }, "shows no such repository"},
		"read only": {func(r *rig) {
			r.SetToken(githubtest.Token, githubtest.Account{Login: "x", Access: githubtest.ReadOnly})
		}, "not accessible by personal access token"},
		"a workflow": {func(r *rig) {
			r.SetToken(githubtest.Token, githubtest.Account{Access: githubtest.ReadOnly, Integration: true})
		}, `"issues: write" under permissions`},
		"404 to a new": {func(r *rig) {
			r.Inject(githubtest.Fault{Operation: "issues/create", Times: 2, Status: 404, Body: `{"message":"Not Found"}`}, githubtest.Fault{Operation: "issues/create-comment", Status: 403, Body: `{}`})
		}, "the token needs"},
	} {
		t.Run(name, func(t *testing.T) {
			r := ready(t, githubtest.Options{})
			c.set(r)
			_, create := r.Create(t.Context(), aNewIssue())
			for what, err := range map[string]error{"create": create, "comment": r.Comment(t.Context(), 1, "x")} {
				if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, reconcile.ErrUnknownOutcome) || errors.Is(err, reconcile.ErrNotFound) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if len(r.Issues()) != 1 {
				t.Errorf("%d issues", len(r.Issues()))
			}
		})
	}
}

// TestNotVisible: to a token that lost its access GitHub denies each issue. None of them is
// taken for deleted.
func TestNotVisible(t *testing.T) {
	r := ready(t, githubtest.Options{})
	if _, err := r.Public(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.SetToken(githubtest.Token, githubtest.Account{Login: "x", Access: githubtest.None})
	title := "x"
	_, get := r.Get(t.Context(), 1)
	_, edit := r.Edit(t.Context(), 1, reconcile.Edit{Title: &title})
	_, list := r.List(t.Context(), time.Time{})
	for what, err := range map[string]error{"get": get, "edit": edit, "list": list, "comment": r.Comment(t.Context(), 1, "x")} {
		if err == nil || errors.Is(err, reconcile.ErrNotFound) || !strings.Contains(err.Error(), "check its name") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestGone: issues that were deleted or transferred, and pull requests, are not found. A
// transferred one is not touched where it is now.
func TestGone(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	for range 2 {
		r.Add(githubtest.Issue{Title: "x", Labels: []string{"almanac"}})
	}
	r.Add(githubtest.Issue{Title: "x", PullRequest: true})
	r.Delete(1)
	r.Transfer(2)
	title := "x"
	for n, want := range map[int]string{1: "deleted", 2: "it was moved to http://127.0.0.1", 3: "pull request"} {
		_, get := r.Get(t.Context(), n)
		errs := map[string]error{"get": get}
		if n < 3 {
			_, errs["edit"] = r.Edit(t.Context(), n, reconcile.Edit{Title: &title})
			errs["comment"] = r.Comment(t.Context(), n, "x")
		}
		for what, err := range errs {
			if !errors.Is(err, reconcile.ErrNotFound) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s %d: %v", what, n, err)
			}
		}
	}
}

// TestRenamed: the old name of the repository leads on, for writes too, and is told of.
func TestRenamed(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		o.PageSize = 2
		r := ready(t, o)
		fill(r.Server, 5)
		r.Rename("northwind/operations")
		n := aNewIssue()
		if i, err := r.Create(t.Context(), n); err != nil || i.Body != n.Body {
			t.Errorf("create: %v", err)
		}
		title := "new"
		if i, err := r.Edit(t.Context(), 1, reconcile.Edit{Title: &title, AddLabels: []string{"overdue"}, RemoveLabels: []string{"almanac"}}); err != nil || i.Title != title || len(i.Labels) != 1 {
			t.Errorf("edit: %+v, %v", i, err)
		}
		if list, err := r.List(t.Context(), time.Time{}); err != nil || len(list) != 6 {
			t.Errorf("list: %d, %v", len(list), err)
		}
		if strings.Count(r.said(), "is now northwind/operations: use the new name") != 1 {
			t.Errorf("said %q", r.said())
		}
	})
}

// TestRedirectThatLosesTheWrite: Go makes a GET of a POST after a 301, and the answer would
// be taken for that of the POST.
func TestRedirectThatLosesTheWrite(t *testing.T) {
	r := ready(t, githubtest.Options{})
	r.Inject(githubtest.Fault{Operation: "issues/create", Status: 301, Header: http.Header{"Location": {r.URL() + "/repositories/4711/issues"}}})
	if _, err := r.Create(t.Context(), aNewIssue()); err == nil || !strings.Contains(err.Error(), "and so did nothing") {
		t.Errorf("create: %v", err)
	}
}

// TestTooLong: GitHub's word reaches whoever has to cut the text.
func TestTooLong(t *testing.T) {
	r := ready(t, githubtest.Options{})
	n := aNewIssue()
	n.Body = strings.Repeat("x", 65_537)
	if _, err := r.Create(t.Context(), n); err == nil || !strings.Contains(err.Error(), "body is too long (maximum is 65536 characters)") {
		t.Errorf("create: %v", err)
	}
	if err := r.Comment(t.Context(), 1, n.Body); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("comment: %v", err)
	}
}

// TestLockedIssue: what cannot be said is told, and is definite.
func TestLockedIssue(t *testing.T) {
	r := ready(t, githubtest.Options{})
	r.SetToken(githubtest.Token, githubtest.Account{Login: "x", Access: githubtest.NoPush})
	r.Change(1, func(i *githubtest.Issue) { i.Locked = true })
	if err := r.Comment(t.Context(), 1, "x"); err == nil || !strings.Contains(err.Error(), "unlock it on GitHub") {
		t.Errorf("comment: %v", err)
	}
}
