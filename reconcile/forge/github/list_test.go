package github_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// fill adds n issues of ours, and a pull request after every tenth.
func fill(r *githubtest.Server, n int) {
	for i := range n {
		r.Add(githubtest.Issue{Title: fmt.Sprint("Step ", i), Author: "almanac-bot", Labels: []string{issue.OwnershipLabel, "client:acme-dental"}})
		if i%10 == 9 {
			r.Add(githubtest.Issue{Title: "change files", Author: "dana-w", Labels: []string{issue.OwnershipLabel}, PullRequest: true})
		}
	}
}

func numbersOf(list []issue.Issue) []int {
	var n []int
	for _, i := range list {
		n = append(n, i.Number)
	}
	return n
}

// TestCursors: beyond the last page that can be asked for by number only the address that
// GitHub gives leads on.
func TestCursors(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		o.PageSize, o.MaxPage = 5, 4
		r := newRig(t, o)
		fill(r.Server, 100)
		list, err := r.List(t.Context(), time.Time{})
		if err != nil || len(list) != 100 || !slices.IsSorted(numbersOf(list)) {
			t.Errorf("%d issues, %v", len(list), err)
		}
		if n := r.Count("issues/list-for-repo"); n != 22 {
			t.Errorf("%d pages", n)
		}
	})
}

// TestPageFails: no page that fails makes the list shorter.
func TestPageFails(t *testing.T) {
	for name, fault := range map[string]githubtest.Fault{
		"502":               githubtest.BadGateway("", false),
		"404":               {Status: 404, Body: `{"message":"Not Found"}`},
		"no body":           {Empty: true},
		"null":              {Status: 200, Body: "null"},
		"an object":         {Status: 200, Body: "{}"},
		"a page of HTML":    {Status: 200, Body: "<html>"},
		"cut off":           {Truncate: true},
		"dropped":           {Drop: true},
		"202":               {Status: 202, Body: "[]"},
		"304":               {Status: 304},
		"422 about cursors": {Status: 422, Body: `{"message":"use cursor based pagination"}`},
	} {
		t.Run(name, func(t *testing.T) {
			protocols(t, func(t *testing.T, o githubtest.Options) {
				o.PageSize = 4
				r := newRig(t, o)
				fill(r.Server, 20)
				for page := range 5 {
					fault.Operation, fault.Skip, fault.Times = "issues/list-for-repo", page, 100
					r.ClearFaults()
					r.Inject(fault)
					for _, since := range []time.Time{{}, r.Server.Clock().Now().Add(-time.Hour)} {
						if list, err := r.List(t.Context(), since); err == nil || list != nil {
							t.Errorf("page %d: %d issues, %v", page+1, len(list), err)
						}
					}
				}
			})
		})
	}
}

// TestOddIssues: a text that is null, an author who is gone, an issue of no label.
func TestOddIssues(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	windows := "one\r\ntwo"
	r.Add(githubtest.Issue{Title: "no text", Author: "almanac-bot", Labels: []string{"Almanac"}})
	r.Add(githubtest.Issue{Title: "gone", Labels: []string{"almanac"}, Body: &windows})
	r.Add(githubtest.Issue{Title: "pull", Author: "dana-w", Labels: []string{"almanac"}, PullRequest: true})
	r.Add(githubtest.Issue{Title: "theirs", Author: "dana-w"})
	list, err := r.List(t.Context(), time.Time{})
	if err != nil || len(list) != 2 || list[0].Body != "" || list[1].Author != "ghost" || list[1].Body != "one\ntwo" {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestFilterPassedOver: a server that returns everything whatever the filter does not make
// its issues ours.
func TestFilterPassedOver(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.Inject(githubtest.Fault{Operation: "issues/list-for-repo", Status: 200, Body: `[{"number":1,"title":"theirs","state":"open","labels":[{"name":"bug"}]},{"number":2,"title":"ours","state":"open","labels":[{"name":"almanac"}]}]`})
	list, err := r.List(t.Context(), time.Time{})
	if err != nil || !slices.Equal(numbersOf(list), []int{2}) {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestClosedWhileListed: closing an issue of page one moves the first issue of page two to
// page one, which has been read. It is not lost.
func TestClosedWhileListed(t *testing.T) {
	r := newRig(t, githubtest.Options{PageSize: 5, Tick: 2 * time.Second})
	fill(r.Server, 30)
	since := r.Server.Clock().Now().Add(-time.Hour)
	r.Server.Clock().Advance(time.Minute)
	r.Inject(githubtest.Fault{Operation: "issues/list-for-repo", Skip: 1, Do: func() {
		r.Change(2, func(i *githubtest.Issue) { i.State = "closed" })
	}})
	list, err := r.List(t.Context(), since)
	if err != nil || len(list) != 30 || list[1].State != issue.Closed {
		t.Errorf("%d issues %v, %v", len(list), numbersOf(list), err)
	}
}

// TestClosedBetweenLists: one that is closed after the open ones were read is in both lists,
// and the later one holds.
func TestClosedBetweenLists(t *testing.T) {
	r := newRig(t, githubtest.Options{Tick: 2 * time.Second})
	fill(r.Server, 5)
	r.Server.Clock().Advance(time.Minute)
	r.Inject(githubtest.Fault{Operation: "issues/list-for-repo", Skip: 1, Do: func() {
		r.Change(3, func(i *githubtest.Issue) { i.State, i.Reason = "closed", "not_planned" })
	}})
	list, err := r.List(t.Context(), r.Server.Clock().Now())
	if err != nil || len(list) != 5 || list[2].State != issue.Closed || list[2].Reason != issue.NotPlanned {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestClosedFasterThanListed gives up rather than return a list that may lack something.
func TestClosedFasterThanListed(t *testing.T) {
	r := newRig(t, githubtest.Options{Tick: 2 * time.Second})
	fill(r.Server, 9)
	r.Server.Clock().Advance(time.Minute)
	next := 0
	r.Inject(githubtest.Fault{Operation: "issues/list-for-repo", Times: 100, Do: func() {
		next++
		r.Change(next, func(i *githubtest.Issue) { i.State = "closed" })
	}})
	if list, err := r.List(t.Context(), r.Server.Clock().Now()); err == nil || !strings.Contains(err.Error(), "faster") {
		t.Errorf("%d issues, %v", len(list), err)
	}
}

// TestLag: lists may be minutes old. One issue that was just made can be read by its number
// all the same.
func TestLag(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.SetLag(8 * time.Minute)
	i, err := r.Create(t.Context(), aNewIssue())
	if err != nil {
		t.Fatal(err)
	}
	if list, err := r.List(t.Context(), time.Time{}); err != nil || len(list) != 0 {
		t.Errorf("listed %v, %v", numbersOf(list), err)
	}
	if _, err := r.Get(t.Context(), i.Number); err != nil {
		t.Error(err)
	}
	r.Server.Clock().Advance(9 * time.Minute)
	if list, err := r.List(t.Context(), time.Time{}); err != nil || len(list) != 1 {
		t.Errorf("listed %v, %v", numbersOf(list), err)
	}
}

// workflowToken is a token such as a workflow gets.
const workflowToken = "ghs_SENTINELsentinelSENTINELsentinel0003"

// aWorkflow returns a rig that works with it.
func aWorkflow(t testing.TB, o githubtest.Options) *rig {
	t.Helper()
	r := newRig(t, o, func(o *github.Options) { o.Token = workflowToken })
	r.SetToken(workflowToken, githubtest.Account{Login: "github-actions[bot]", Integration: true})
	return r
}

// nothingToDo is what a run asks for that finds everything as it should be. That it is all of
// it holds TestGitHubCost of the command line.
func nothingToDo(t testing.TB, r *rig, f *github.Forge) {
	t.Helper()
	ctx := t.Context()
	if _, err := f.Comments(ctx, r.Server.Clock().Now().Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.List(ctx, r.Server.Clock().Now().Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Identity(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Clock(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Public(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestCost: a run with nothing to do makes one list request per 100 open issues, three
// others, and no write. The README says what that makes an hour; BenchmarkNothingToDo has
// 10,000 too.
func TestCost(t *testing.T) {
	for open, most := range map[int]int{100: 4, 1_000: 13, 3_000: 33} {
		r := aWorkflow(t, githubtest.Options{})
		for i := range open {
			r.Add(githubtest.Issue{Title: fmt.Sprint("Step ", i), Author: "almanac-bot", Labels: []string{issue.OwnershipLabel}})
		}
		nothingToDo(t, r, r.Forge)
		if all, writes := r.Totals(); writes != 0 || all > most {
			t.Errorf("%d open issues: %d requests, want %d; %d writes", open, all, most, writes)
		}
	}
}

// TestCostOfChanges: two writes a change at most, once the labels are there.
func TestCostOfChanges(t *testing.T) {
	r := ready(t, githubtest.Options{})
	title, closed := "moved", issue.Closed
	for name, c := range map[string]struct {
		do  func() error
		max int
	}{
		"create":  {func() error { _, err := r.Create(t.Context(), aNewIssue()); return err }, 1},
		"update":  {func() error { return edit(t.Context(), r, editOf(&title, nil, issue.OwnershipLabel)) }, 2},
		"close":   {func() error { return edit(t.Context(), r, editOf(nil, &closed)) }, 1},
		"comment": {func() error { return r.Comment(t.Context(), 1, "why") }, 1},
	} {
		r.Reset()
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, writes := r.Totals(); writes > c.max {
			t.Errorf("%s: %d writes", name, writes)
		}
	}
}

// BenchmarkNothingToDo counts what a run with nothing to do asks of GitHub, and what a day
// of half-hourly runs takes of the 1,000 requests an hour of a workflow's token.
func BenchmarkNothingToDo(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := aWorkflow(b, githubtest.Options{Hourly: 1 << 30})
			for i := range n {
				r.Add(githubtest.Issue{Title: fmt.Sprint("Step ", i), Author: "almanac-bot", Labels: []string{issue.OwnershipLabel}})
			}
			runs := 0
			for b.Loop() {
				nothingToDo(b, r, r.client(b, func(o *github.Options) { o.Token = workflowToken }))
				runs++
			}
			all, _ := r.Totals()
			b.ReportMetric(float64(all)/float64(runs), "requests/run")
			b.ReportMetric(float64(all)/float64(runs)*2, "requests/hour")
			b.ReportMetric(float64(all)/float64(runs)*48, "requests/day")
		})
	}
}
