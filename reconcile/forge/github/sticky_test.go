package github_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

const stickyMarker = "<!-- almanac-preview -->"

// said is a comment that somebody made.
func said(id int, author, body string) githubtest.Comment {
	return githubtest.Comment{ID: id, Author: author, Body: body, At: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)}
}

// comments returns author and text of all comments.
func comments(r *rig, number int) []string {
	i, _ := r.Issue(number)
	var l []string
	for _, c := range i.Comments {
		l = append(l, c.Author+": "+c.Body)
	}
	return l
}

func TestSticky(t *testing.T) {
	r := newRig(t, githubtest.Options{PageSize: 2})
	number := r.Add(githubtest.Issue{Title: "move a meeting", PullRequest: true, Author: "lee-k", Comments: []githubtest.Comment{
		said(1, "stranger", "copied\n\n"+stickyMarker),
		said(2, "almanac-bot", "ours, and about something else"),
		said(3, "almanac-bot", "quoted "+stickyMarker+" and more"),
	}})
	before := comments(r, number)
	set := func(text string, updateOnly bool) {
		t.Helper()
		if err := r.SetSticky(t.Context(), github.Sticky{Number: number, Marker: stickyMarker, Text: text, UpdateOnly: updateOnly}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(writes int, last ...string) {
		t.Helper()
		if diff := cmp.Diff(append(before[:3:3], last...), comments(r, number)); diff != "" {
			t.Error(diff)
		}
		if _, got := r.Totals(); got != writes {
			t.Errorf("%d writes, want %d", got, writes)
		}
		r.Reset()
	}
	set("nothing", true)
	want(0)
	set("first\n", false)
	want(1, "almanac-bot: first\n\n"+stickyMarker)
	for n := range 5 {
		r.Change(number, func(i *githubtest.Issue) {
			i.Comments = append(i.Comments, said(10+n, "lee-k", "talk"))
		})
	}
	talk := []string{"lee-k: talk", "lee-k: talk", "lee-k: talk", "lee-k: talk", "lee-k: talk"}
	set("second", true)
	want(1, append([]string{"almanac-bot: second\n\n" + stickyMarker}, talk...)...)
	r.Change(number, func(i *githubtest.Issue) { i.Comments[3].Body = "second\r\n\r\n" + stickyMarker })
	set("second", false)
	want(0, append([]string{"almanac-bot: second\r\n\r\n" + stickyMarker}, talk...)...)
}

// TestStickyAmongMany finds the comment behind a thousand others.
func TestStickyAmongMany(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	var talk []githubtest.Comment
	for n := range 1000 {
		talk = append(talk, said(n+1, "lee-k", "talk"))
	}
	number := r.Add(githubtest.Issue{Title: "a", PullRequest: true, Author: "lee-k", Comments: append(talk, said(1001, "almanac-bot", "old\n\n"+stickyMarker))})
	if err := r.SetSticky(t.Context(), github.Sticky{Number: number, Marker: stickyMarker, Text: "new"}); err != nil {
		t.Fatal(err)
	}
	got := comments(r, number)
	if len(got) != 1001 || got[1000] != "almanac-bot: new\n\n"+stickyMarker || r.Count("issues/list-comments") != 11 {
		t.Errorf("%d comments, the last %q, %d pages", len(got), got[len(got)-1], r.Count("issues/list-comments"))
	}
}

// TestStickyOtherToken holds that the token of a workflow, which cannot be asked whose it
// is, finds its own comment, and not that of another account.
func TestStickyOtherToken(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetToken("ghs_workflow", githubtest.Account{Login: "github-actions[bot]", Integration: true})
	actions := r.client(t, func(o *github.Options) { o.Token = "ghs_workflow" })
	number := r.Add(githubtest.Issue{Title: "move a meeting", PullRequest: true, Author: "lee-k"})
	for n, f := range []*github.Forge{actions, r.Forge, actions, r.Forge} {
		if err := f.SetSticky(t.Context(), github.Sticky{Number: number, Marker: stickyMarker, Text: fmt.Sprint(n)}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"github-actions[bot]: 2\n\n" + stickyMarker, "almanac-bot: 3\n\n" + stickyMarker}
	if diff := cmp.Diff(want, comments(r, number)); diff != "" {
		t.Error(diff)
	}
}

func TestStickyFails(t *testing.T) {
	good := github.Sticky{Number: 1, Marker: stickyMarker, Text: "text"}
	for _, tc := range []struct {
		name  string
		fault *githubtest.Fault
		s     github.Sticky
		is    error
		want  string
		// added is how many comments there are more afterwards.
		added int
	}{
		{name: "a page is lost", fault: &githubtest.Fault{Operation: "issues/list-comments", Skip: 1, Times: 3, Status: http.StatusBadGateway}, s: good, want: "502"},
		{name: "a page is empty", fault: &githubtest.Fault{Operation: "issues/list-comments", Skip: 1, Times: 3, Empty: true}, s: good, want: "cannot be read"},
		{name: "the answer is lost", fault: &githubtest.Fault{Operation: "issues/create-comment", After: true, Drop: true}, s: good, is: reconcile.ErrUnknownOutcome, added: 1},
		{name: "no such number", s: github.Sticky{Number: 99, Marker: stickyMarker, Text: "x"}, is: reconcile.ErrNotFound},
		{name: "number below 1", s: github.Sticky{Marker: stickyMarker, Text: "x"}, is: reconcile.ErrNotFound},
		{name: "no marker", s: github.Sticky{Number: 1, Text: "x"}, want: "marker"},
		{name: "marker of two lines", s: github.Sticky{Number: 1, Marker: "a\nb", Text: "x"}, want: "marker"},
		{name: "too long", s: github.Sticky{Number: 1, Marker: "<!-- other -->", Text: strings.Repeat("x", 70000)}, want: "too long"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRig(t, githubtest.Options{PageSize: 1})
			r.Add(githubtest.Issue{Title: "a", PullRequest: true, Author: "lee-k", Comments: []githubtest.Comment{said(1, "lee-k", "a"), said(2, "lee-k", "b")}})
			if tc.fault != nil {
				r.Inject(*tc.fault)
			}
			err := r.SetSticky(context.Background(), tc.s)
			if err == nil || tc.is != nil && !errors.Is(err, tc.is) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %v %q", err, tc.is, tc.want)
			}
			if got := comments(r, 1); len(got) != 2+tc.added {
				t.Errorf("%d comments, want %d: %q", len(got), 2+tc.added, got)
			}
		})
	}
}

func TestStickyReadOnly(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetToken("ghs_fork", githubtest.Account{Login: "github-actions[bot]", Integration: true, Access: githubtest.ReadOnly})
	fork := r.client(t, func(o *github.Options) { o.Token = "ghs_fork" })
	number := r.Add(githubtest.Issue{Title: "a", PullRequest: true, Author: "lee-k"})
	err := fork.SetSticky(t.Context(), github.Sticky{Number: number, Marker: stickyMarker, Text: "text"})
	var p *github.PermissionError
	if !errors.As(err, &p) || !strings.Contains(err.Error(), `"pull-requests: write"`) || strings.Contains(err.Error(), "issues: write") {
		t.Errorf("%v, want a permission that is missing", err)
	}
}
