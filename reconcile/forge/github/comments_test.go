package github_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// heard returns who said what on which issue.
func heard(t *testing.T, r *rig, since time.Time) []string {
	t.Helper()
	l, err := r.Comments(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range l {
		s := fmt.Sprintf("#%d %s: %s", c.Issue, c.Author, c.Body)
		if c.Bot {
			s += " (bot)"
		}
		if !c.Updated.Equal(c.Created) {
			s += " (edited)"
		}
		out = append(out, s)
	}
	return out
}

// says adds a comment and returns its id.
func says(r *rig, number int, author, body string) int {
	r.Change(number, func(i *githubtest.Issue) {
		i.Comments = append(i.Comments, githubtest.Comment{Author: author, Body: body})
	})
	i, _ := r.Issue(number)
	return i.Comments[len(i.Comments)-1].ID
}

// TestOddComments has programs, accounts that are gone, the line ends of the web page, an
// edited comment, pull requests and issues that are gone.
func TestOddComments(t *testing.T) {
	r := newRig(t, githubtest.Options{PageSize: 2})
	add := func(pull bool) int {
		return r.Add(githubtest.Issue{Title: "x", Author: "dana-w", PullRequest: pull})
	}
	one, pull, two, gone, moved := add(false), add(true), add(false), add(false), add(false)
	edited := says(r, two, "dana-w", "/done")
	says(r, one, "dana-w", "/done\r\nat last")
	says(r, one, "", "/done")
	onPull := says(r, pull, "dana-w", "/done")
	says(r, gone, "dana-w", "/done")
	says(r, moved, "dana-w", "/done")
	says(r, two, "helper[bot]", "/done")
	r.Delete(gone)
	r.Transfer(moved)
	r.Server.Clock().Advance(time.Minute)
	since := r.Server.Clock().Now()
	r.EditComment(edited, "/skip it")
	want := []string{"#3 dana-w: /skip it (edited)", "#1 dana-w: /done\nat last", "#1 ghost: /done", "#3 helper[bot]: /done (bot)"}
	if diff := cmp.Diff(want, heard(t, r, time.Time{})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[:1], heard(t, r, since.Add(time.Millisecond))); diff != "" {
		t.Error(diff)
	}
	if c, err := r.GetComment(t.Context(), fmt.Sprint(onPull)); !errors.Is(err, reconcile.ErrNoComment) {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestCommentsMove: a comment that is edited while the list is read comes into it, and moves
// the others back. None is lost, and none is there twice.
func TestCommentsMove(t *testing.T) {
	r := newRig(t, githubtest.Options{PageSize: 3})
	number := r.Add(githubtest.Issue{Title: "x", Author: "dana-w"})
	old := says(r, number, "dana-w", "old")
	r.Server.Clock().Advance(time.Hour)
	since := r.Server.Clock().Now()
	var want []string
	for n := range 8 {
		says(r, number, "dana-w", fmt.Sprint("new ", n))
		want = append(want, fmt.Sprintf("#1 dana-w: new %d", n))
	}
	r.Inject(githubtest.Fault{Operation: "issues/list-comments-for-repo", Skip: 1, Do: func() { r.EditComment(old, "mended") }})
	if diff := cmp.Diff(want, heard(t, r, since)); diff != "" {
		t.Error(diff)
	}
	if got := heard(t, r, since); len(got) != 9 {
		t.Errorf("the next time: %q", got)
	}
}

// TestCommentsLag: the list may be minutes old; one comment can be read by its id all the
// same, and answered.
func TestCommentsLag(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	number := r.Add(githubtest.Issue{Title: "x", Author: "dana-w"})
	r.SetLag(8 * time.Minute)
	id := fmt.Sprint(says(r, number, "dana-w", "/done"))
	if got := heard(t, r, time.Time{}); len(got) > 0 {
		t.Errorf("listed %q", got)
	}
	if c, err := r.GetComment(t.Context(), id); err != nil || c.Body != "/done" {
		t.Errorf("%+v, %v", c, err)
	}
	if err := r.React(t.Context(), id, reconcile.Accepted); err != nil {
		t.Error(err)
	}
	r.Server.Clock().Advance(9 * time.Minute)
	if got := heard(t, r, time.Time{}); len(got) != 1 {
		t.Errorf("listed %q", got)
	}
}

// TestCommentPageFails: no page that fails makes the list shorter.
func TestCommentPageFails(t *testing.T) {
	for name, fault := range map[string]githubtest.Fault{
		"502":           githubtest.BadGateway("", false),
		"404":           {Status: 404, Body: `{"message":"Not Found"}`},
		"no body":       {Empty: true},
		"null":          {Status: 200, Body: "null"},
		"an object":     {Status: 200, Body: "{}"},
		"without id":    {Status: 200, Body: `[{"body":"/done","issue_url":"https://x.example/issues/1","created_at":"2026-01-05T09:00:00Z","updated_at":"2026-01-05T09:00:00Z"}]`},
		"without issue": {Status: 200, Body: `[{"id":1,"body":"/done","created_at":"2026-01-05T09:00:00Z","updated_at":"2026-01-05T09:00:00Z"}]`},
		"without time":  {Status: 200, Body: `[{"id":1,"body":"/done","issue_url":"https://x.example/issues/1"}]`},
		"cut off":       {Truncate: true},
		"dropped":       {Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, githubtest.Options{PageSize: 2})
			number := r.Add(githubtest.Issue{Title: "x", Author: "dana-w", Labels: []string{"onboarding"}})
			for range 5 {
				says(r, number, "dana-w", "/done")
				r.Add(githubtest.Issue{Title: "x", Author: "dana-w", Labels: []string{"onboarding"}})
			}
			for page := range 3 {
				r.ClearFaults()
				for _, operation := range []string{"issues/list-comments-for-repo", "issues/list-for-repo"} {
					fault.Operation, fault.Skip, fault.Times = operation, page, 100
					r.Inject(fault)
				}
				if l, err := r.Comments(t.Context(), time.Time{}); err == nil || l != nil || errors.Is(err, reconcile.ErrNotFound) {
					t.Errorf("page %d: %d comments, %v", page+1, len(l), err)
				}
				if l, err := r.Forge.Requests(t.Context(), "onboarding"); !strings.HasPrefix(name, "without") && (err == nil || l != nil) {
					t.Errorf("page %d: %d requests, %v", page+1, len(l), err)
				}
			}
		})
	}
}

// TestReact counts what is written, and asks again where the answer was lost.
func TestReact(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	number := r.Add(githubtest.Issue{Title: "x", Author: "dana-w"})
	id := says(r, number, "dana-w", "/done")
	r.Inject(githubtest.Fault{Operation: "reactions/create-for-issue-comment", Drop: true, After: true})
	if err := r.React(t.Context(), fmt.Sprint(id), reconcile.Accepted); !errors.Is(err, reconcile.ErrUnknownOutcome) {
		t.Errorf("the answer was lost: %v", err)
	}
	if err := r.React(t.Context(), fmt.Sprint(id), reconcile.Accepted); err != nil {
		t.Error(err)
	}
	if got := r.Reactions(id); len(got) != 1 || got[0].Content != "rocket" || got[0].Login != "almanac-bot" {
		t.Errorf("reactions %+v", got)
	}
	if n := r.Count("reactions/create-for-issue-comment"); n != 2 {
		t.Errorf("%d requests", n)
	}
	for name, do := range map[string]func(){
		"permission": func() {
			r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.ReadOnly})
		},
		"no repository": func() {
			r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.None})
		},
		"another": func() {
			r.Inject(githubtest.Fault{Operation: "write", Status: http.StatusOK, Body: `{"id":1,"content":"heart"}`})
		},
	} {
		r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot"})
		do()
		err := r.React(t.Context(), fmt.Sprint(id), reconcile.Accepted)
		if p := (*github.PermissionError)(nil); err == nil || errors.Is(err, reconcile.ErrNoComment) || name == "permission" && !errors.As(err, &p) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPermission fails closed: what cannot be found out is an error or nothing.
func TestPermission(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetPermission("dana-w", "write", "write")
	may := func() (string, error) { return r.Permission(t.Context(), "dana-w") }
	for name, body := range map[string]string{
		"somebody else": `{"permission":"admin","role_name":"admin","user":{"login":"lee-k"}}`,
		"nobody":        `{"permission":"admin","role_name":"admin","user":null}`,
	} {
		r.Inject(githubtest.Fault{Status: http.StatusOK, Body: body})
		if got, err := may(); err != nil || got != "none" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, f := range map[string]githubtest.Fault{
		"no body":  {Empty: true, Times: 9},
		"an array": {Status: http.StatusOK, Body: "[]", Times: 9},
		"a word":   {Status: http.StatusOK, Body: `{"permission":"owner","role_name":"admin","user":{"login":"dana-w"}}`},
		"502":      {Status: http.StatusBadGateway, Times: 9},
	} {
		r.ClearFaults()
		r.Inject(f)
		if got, err := may(); err == nil || got != "" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	r.ClearFaults()
	for access, want := range map[githubtest.Access]string{githubtest.NoPush: "write access to the repository", githubtest.None: "shows no such repository"} {
		r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: access})
		if got, err := may(); err == nil || !strings.Contains(err.Error(), want) || got != "" {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
		if got, err := r.Permission(t.Context(), "stranger"); err == nil || got != "" {
			t.Errorf("stranger: %q, %v", got, err)
		}
	}
	r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot"})
	r.SetPublic(true)
	if got, err := r.Permission(t.Context(), "stranger"); err != nil || got != "read" {
		t.Errorf("in a public repository: %q, %v", got, err)
	}
}

// TestRequestsOfOthers: pull requests and issues of ours are none, and a filter that is
// passed over makes none.
func TestRequestsOfOthers(t *testing.T) {
	r := newRig(t, githubtest.Options{PageSize: 2})
	var want []int
	for range 5 {
		want = append(want, r.Add(githubtest.Issue{Title: "asked", Author: "dana-w", Labels: []string{"onboarding"}}))
		r.Add(githubtest.Issue{Title: "change", Author: "dana-w", Labels: []string{"onboarding"}, PullRequest: true})
		r.Add(githubtest.Issue{Title: "ours", Author: "almanac-bot", Labels: []string{"onboarding", issue.OwnershipLabel}})
	}
	if l, err := r.Forge.Requests(t.Context(), "Onboarding"); err != nil || !slices.Equal(numbersOf(l), want) {
		t.Errorf("%v, %v, want %v", numbersOf(l), err, want)
	}
	r.Inject(githubtest.Fault{Operation: "issues/list-for-repo", Status: 200, Body: `[{"number":1,"title":"theirs","state":"open","labels":[{"name":"bug"}]},{"number":2,"title":"closed","state":"closed","labels":[{"name":"onboarding"}]}]`})
	if l, err := r.Forge.Requests(t.Context(), "onboarding"); err != nil || len(l) > 0 {
		t.Errorf("%+v, %v", l, err)
	}
	if l, err := r.Forge.Requests(t.Context(), "a,b"); err == nil || !strings.Contains(err.Error(), "comma") {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestCostOfSweep: to find five new comments on 3,000 open issues costs one request, and
// each more page of a hundred one more.
func TestCostOfSweep(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	for i := range 3000 {
		n := r.Add(githubtest.Issue{Title: fmt.Sprint("Step ", i), Author: "almanac-bot", Labels: []string{issue.OwnershipLabel}})
		if i%10 == 0 {
			says(r, n, "dana-w", "talk")
		}
	}
	r.Server.Clock().Advance(time.Hour)
	since := r.Server.Clock().Now()
	for i := range 5 {
		says(r, 1+i*700, "dana-w", "/done")
	}
	for _, c := range []struct {
		since          time.Time
		comments, cost int
	}{{since, 5, 1}, {since.Add(time.Hour), 0, 1}, {time.Time{}, 305, 4}} {
		r.Reset()
		l, err := r.Comments(t.Context(), c.since)
		if all, writes := r.Totals(); err != nil || len(l) != c.comments || all != c.cost || writes > 0 || r.Count("issues/list-comments-for-repo") != all {
			t.Errorf("%d comments for %d requests, %d writes, %v; want %d for %d", len(l), all, writes, err, c.comments, c.cost)
		}
	}
}

// TestSecretsOfComments: no error holds the token, not even where the server sends it back.
func TestSecretsOfComments(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.Inject(githubtest.Fault{Times: 100, Status: http.StatusForbidden, Body: `{"message":"token ` + githubtest.Token + ` may not"}`})
	ctx := t.Context()
	_, list := r.Comments(ctx, time.Time{})
	_, get := r.GetComment(ctx, "1")
	_, may := r.Permission(ctx, "dana-w")
	_, requests := r.Forge.Requests(ctx, "onboarding")
	for what, err := range map[string]error{"list": list, "get": get, "permission": may, "requests": requests, "react": r.React(ctx, "1", reconcile.Refused)} {
		if err == nil || strings.Contains(err.Error(), "SENTINEL") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
