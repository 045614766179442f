package github_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

// family opens an issue and some more.
func family(t *testing.T, r *rig, children int) {
	t.Helper()
	for range children + 1 {
		if _, err := r.Create(t.Context(), aNewIssue()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestGroupCostsOneWrite: the id of an issue that was just opened, or listed, is known.
func TestGroupCostsOneWrite(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	family(t, r, 1)
	r.Server.Reset()
	if err := r.Group(t.Context(), 1, 2); err != nil {
		t.Fatal(err)
	}
	if all, writes := r.Totals(); all != 1 || writes != 1 {
		t.Errorf("%d requests, %d writes", all, writes)
	}
	f := r.client(t)
	if _, err := f.List(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	r.Server.Reset()
	if err := f.Group(t.Context(), 1, 2); err != nil || r.Count("issues/get") != 0 {
		t.Errorf("%v, and it was asked for again", err)
	}
}

// TestGroupFull: more than a hundred are refused for good, and told of.
func TestGroupFull(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	family(t, r, 1)
	for range 100 {
		r.Add(githubtest.Issue{Title: "step", Parent: 1, State: "closed"})
	}
	err := r.Group(t.Context(), 1, 2)
	if i, _ := r.Issue(2); !errors.Is(err, reconcile.ErrNotGrouped) || i.Parent != 0 || !strings.Contains(r.said(), "100 sub-issues") {
		t.Errorf("%v, parent %d, said %s", err, i.Parent, r.said())
	}
}

// TestNoSubIssues: a server without them is asked once, and told of once. An issue that is
// gone is another matter.
func TestNoSubIssues(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	r.NoSubIssues()
	family(t, r, 3)
	r.Delete(4)
	if err := r.Group(t.Context(), 4, 2); !errors.Is(err, reconcile.ErrNotFound) || errors.Is(err, reconcile.ErrNotGrouped) {
		t.Errorf("under one that is gone: %v", err)
	}
	for range 2 {
		for child := 2; child <= 3; child++ {
			if err := r.Group(t.Context(), 1, child); !errors.Is(err, reconcile.ErrNotGrouped) {
				t.Errorf("%d: %v", child, err)
			}
		}
	}
	if n := strings.Count(r.said(), "no sub-issues"); n != 1 || r.Count("issues/add-sub-issue") != 2 {
		t.Errorf("told %d times, asked %d times:\n%s", n, r.Count("issues/add-sub-issue"), r.said())
	}
}

// TestGroupMayNot: a token that may not is no reason never to ask again.
func TestGroupMayNot(t *testing.T) {
	r := newRig(t, githubtest.Options{})
	family(t, r, 1)
	r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.ReadOnly})
	if err := r.Group(t.Context(), 1, 2); err == nil || errors.Is(err, reconcile.ErrNotGrouped) || errors.Is(err, reconcile.ErrNotFound) {
		t.Error(err)
	}
	r.SetToken(githubtest.Token, githubtest.Account{Login: "almanac-bot", Access: githubtest.Write})
	r.Inject(githubtest.BadGateway("issues/add-sub-issue", true))
	if err := r.Group(t.Context(), 1, 2); !errors.Is(err, reconcile.ErrUnknownOutcome) {
		t.Errorf("lost answer: %v", err)
	}
	if err := r.Group(t.Context(), 1, 2); err != nil {
		t.Errorf("after it: %v", err)
	}
}
