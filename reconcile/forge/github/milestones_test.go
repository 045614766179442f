package github_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

const vcio = "Acme Dental: vCIO process (2026)"

// within is a new issue in a milestone.
func within(title string) reconcile.NewIssue {
	n := aNewIssue()
	n.Milestone = title
	return n
}

// milestoneRequests returns how often milestones were listed and made.
func milestoneRequests(r *rig) [2]int {
	return [2]int{r.Count("issues/list-milestones"), r.Count("issues/create-milestone")}
}

// TestMilestonesCost: nothing where none is asked for; otherwise one list for each run, and
// one write for each that is missing. Reading issues asks for none.
func TestMilestonesCost(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	title := "other"
	if _, err := r.Create(t.Context(), aNewIssue()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Edit(t.Context(), 1, reconcile.Edit{Title: &title}); err != nil || milestoneRequests(r) != [2]int{} {
		t.Errorf("%v, %v requests for no milestone", err, milestoneRequests(r))
	}
	for _, m := range []string{vcio, "Beta: Welcome (1)", vcio} {
		if _, err := r.Create(t.Context(), within(m)); err != nil {
			t.Fatal(err)
		}
	}
	r.Reset()
	f := r.client(t)
	if _, err := f.List(t.Context(), time.Time{}); err != nil || milestoneRequests(r) != [2]int{} {
		t.Errorf("%v, %v requests to list issues", err, milestoneRequests(r))
	}
	for n := range 3 {
		if _, err := f.Edit(t.Context(), n+1, reconcile.Edit{Milestone: vcio}); err != nil {
			t.Fatal(err)
		}
	}
	if _, writes := r.Totals(); milestoneRequests(r) != [2]int{1, 0} || writes != 3 || len(r.Milestones()) != 2 {
		t.Errorf("%v requests, %d writes, %d milestones", milestoneRequests(r), writes, len(r.Milestones()))
	}
}

// TestMilestonesOfAllPages: the one that is meant is on the last page, and closed. GitHub
// would take no second one.
func TestMilestonesOfAllPages(t *testing.T) {
	protocols(t, func(t *testing.T, o githubtest.Options) {
		o.PageSize = 10
		r := newRig(t, o)
		for n := range 24 {
			r.AddMilestone(fmt.Sprint("Client ", n), false)
		}
		want := r.AddMilestone(vcio, true)
		if _, err := r.Create(t.Context(), within(vcio)); err != nil {
			t.Fatal(err)
		}
		if i, _ := r.Issue(1); i.Milestone != want || milestoneRequests(r) != [2]int{3, 0} {
			t.Errorf("in milestone %d after %v requests, want %d", i.Milestone, milestoneRequests(r), want)
		}
	})
}

// TestMilestonesAtOnce: issues that are opened at the same time share one milestone.
func TestMilestonesAtOnce(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := r.Create(t.Context(), within(vcio)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if milestoneRequests(r) != [2]int{1, 1} {
		t.Errorf("%v requests", milestoneRequests(r))
	}
}

// TestMilestoneWithoutAnswer: where no answer came, the list says whether it is there. Either
// way no issue is opened twice, and no milestone made twice.
func TestMilestoneWithoutAnswer(t *testing.T) {
	for after, issues := range map[bool]int{true: 1, false: 0} {
		for name, fault := range map[string]githubtest.Fault{
			"502":    githubtest.BadGateway("issues/create-milestone", after),
			"closed": {Operation: "issues/create-milestone", Drop: true, After: after},
		} {
			t.Run(fmt.Sprint(name, after), func(t *testing.T) {
				r := newRig(t, githubtest.Options{})
				r.Inject(fault)
				_, err := r.Create(t.Context(), within(vcio))
				if len(r.Issues()) != issues || (err == nil) != after || errors.Is(err, reconcile.ErrUnknownOutcome) {
					t.Errorf("%d issues: %v", len(r.Issues()), err)
				}
				if _, err := r.Create(t.Context(), within(vcio)); err != nil || len(r.Milestones()) != 1 || len(r.Issues()) != issues+1 {
					t.Errorf("then %d milestones and %d issues: %v", len(r.Milestones()), len(r.Issues()), err)
				}
			})
		}
	}
}

// TestMilestoneMadeMeanwhile: somebody was faster. Where the list does not show theirs yet,
// the issue waits for another run.
func TestMilestoneMadeMeanwhile(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.Inject(githubtest.Fault{Operation: "issues/create-milestone", Do: func() { r.AddMilestone(vcio, false) }})
	if i, err := r.Create(t.Context(), within(vcio)); err != nil || i.Milestone != vcio || len(r.Milestones()) != 1 {
		t.Errorf("created %+v: %v", i, err)
	}
	r.SetLag(time.Hour)
	if _, err := r.client(t).Create(t.Context(), within(vcio)); err == nil || !strings.Contains(err.Error(), "already_exists") || len(r.Issues()) != 1 {
		t.Errorf("%d issues: %v", len(r.Issues()), err)
	}
}

// TestDroppedMilestone: the token may open issues and not put them into milestones.
func TestDroppedMilestone(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.AddMilestone(vcio, false)
	r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.NoPush})
	n := within(vcio)
	n.Labels, n.Assignees = nil, nil
	var missing *github.PermissionError
	i, err := r.Create(t.Context(), n)
	if i.Number != 1 || !errors.As(err, &missing) || !strings.Contains(err.Error(), "#1 but did not put it into the milestone "+vcio) || !strings.Contains(err.Error(), "issues: write") {
		t.Errorf("created %+v: %v", i, err)
	}
	if _, err := r.Edit(t.Context(), 1, reconcile.Edit{Milestone: vcio}); !errors.As(err, &missing) || !strings.Contains(err.Error(), vcio) {
		t.Errorf("edited: %v", err)
	}
	n.Milestone = "Beta: Welcome (1)"
	if i, err := r.Create(t.Context(), n); i.Number != 0 || !errors.As(err, &missing) {
		t.Errorf("created %+v: %v", i, err)
	}
}
