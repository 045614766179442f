package reconcile_test

import (
	"context"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// TestMilestoneInTheMeantime: an issue that a person puts into a milestone between the plan
// and its effects stays there; all others are put into those of their runs, once.
func TestMilestoneInTheMeantime(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	w.converge()
	w.cat.Organization.GitHub.Milestones = true
	l := &life{}
	f, b := mortal{w.forge, l}, ledger{w.book, l}
	seen, err := reconcile.Observe(t.Context(), f, b)
	if err != nil {
		t.Fatal(err)
	}
	p := w.plan(seen)
	w.forge.issues[0].Milestone = "Spring"
	r := &reconcile.Run{Forge: f, Ledger: b, Notifier: notifier{w.post, l}, Installation: w.cat.Organization.ID, Name: "late", Now: f.now, Nonce: func() string { return "late" }}
	if _, err := r.Apply(context.Background(), p, seen, w.clock); err != nil {
		t.Fatal(err)
	}
	for _, i := range w.forge.issues {
		if i.State == issue.Open && (i.Milestone == "") || (i.Milestone == "Spring") != (i.Number == 1) {
			t.Errorf("#%d %s is in %q", i.Number, i.Title, i.Milestone)
		}
	}
	if p, _, err := w.run(t.Context(), &life{}); err != nil || !p.Empty() {
		t.Errorf("%v: a second run finds %d changes", err, len(p.Changes))
	}
}
