package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

const wholeRun = "jasper-architects/onboarding-8-week/1/" + schema.WholeRun

// byKey returns the one issue with a key.
func (w *world) byKey(key string) *issue.Issue {
	w.t.Helper()
	for i := range w.forge.issues {
		if m, ok := issue.ParseMarker(w.forge.issues[i].Body); ok && m.Key.String() == key {
			return &w.forge.issues[i]
		}
	}
	w.t.Fatalf("no issue has the key %s", key)
	return nil
}

// finish closes as a person every open issue of a run but that of the run itself, and that
// of one step.
func (w *world) finish(run, but string, as issue.CloseReason) {
	for i := range w.forge.issues {
		is := &w.forge.issues[i]
		if m, _ := issue.ParseMarker(is.Body); is.State == issue.Open && m.Key.Step != schema.WholeRun && m.Key.Step != but && strings.HasPrefix(m.Key.String(), run+"/") {
			is.State, is.Reason, is.Closed, is.Updated = issue.Closed, as, w.clock, w.clock
		}
	}
}

// onboard goes through an onboarding to its end. Its last run has the life that kill gives.
func onboard(t testing.TB, l *life) *world {
	const run = "jasper-architects/onboarding-8-week/1"
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	w.converge()
	for _, day := range []string{"2026-04-20", "2026-04-27", "2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25"} {
		for range 4 { // as often as steps wait for each other
			w.finish(run, "in-person-training", issue.Completed)
			w.converge()
		}
		w.on(day)
		w.converge()
	}
	w.finish(run, "", issue.NotPlanned)
	if l != nil {
		_, _, _ = w.run(context.Background(), l)
		w.clock = w.clock.Add(reconcile.Grace)
	}
	w.converge()
	return w
}

// TestRunEnds: the issue of a run is shown above its steps from the first day, says how
// they stand, and is closed once all have ended, with one comment, whatever happens to the
// process.
func TestRunEnds(t *testing.T) {
	w := onboard(t, nil)
	whole := w.byKey(wholeRun)
	if whole.State != issue.Closed || whole.Reason != issue.Completed || len(w.forge.comments[whole.Number]) != 1 {
		t.Errorf("%s as %q, comments %q", whole.State, whole.Reason, w.forge.comments[whole.Number])
	}
	if strings.Contains(whole.Body, "- [ ]") || !strings.Contains(whole.Body, "- [x] 0.5 Hand-over from sales to support (done)") ||
		!strings.Contains(whole.Body, "- [x] 6.1 In-person training (skipped)") {
		t.Error(whole.Body)
	}
	steps := 0
	for _, is := range w.forge.issues {
		m, _ := issue.ParseMarker(is.Body)
		if m.Key.Client == "jasper-architects" && m.Key.Template == "onboarding-8-week" && m.Key.Step != schema.WholeRun {
			if steps++; w.forge.parents[is.Number] != whole.Number {
				t.Errorf("%s is shown under %d, not %d", m.Key, w.forge.parents[is.Number], whole.Number)
			}
		}
	}
	if steps < 10 {
		t.Errorf("only %d steps", steps)
	}
	want := onboard(t, &life{})
	last := func(t testing.TB, _ int, l *life) *world { return onboard(t, l) }
	dieAnywhere(t, 1, 4, last, func(t *testing.T, got *world) {
		compare(t, want, got)
		if e := record.Fold(got.book.events)[wholeRun]; e.Outcome != record.Closed {
			t.Errorf("the ledger says that it was %s", e.Outcome)
		}
	})
}

// TestRunClosedByHand: who closes the issue of a run decides about that one only.
func TestRunClosedByHand(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	w.converge()
	whole := w.byKey(wholeRun)
	whole.State, whole.Reason, whole.Closed, whole.Updated = issue.Closed, issue.NotPlanned, w.clock, w.clock
	w.on("2026-04-20")
	w.converge()
	if w.byKey(wholeRun).State != issue.Closed || w.keys()[wholeRun] != 1 {
		t.Error("it is open again")
	}
	if w.byKey("jasper-architects/onboarding-8-week/1/first-call").State != issue.Open {
		t.Error("its steps do not go on")
	}
}

// TestRunGoesOn: a run that gets another step after its end is open again, under its
// number.
func TestRunGoesOn(t *testing.T) {
	w := onboard(t, nil)
	number := w.byKey(wholeRun).Number
	more := replaced(t, "clients/jasper-architects.yaml", "    decisions:", "    extra-steps: [{id: look-back, title: Look back, owner: support, week: 9, open: 8 weeks}]\n    decisions:")
	w.files(northwind(t, more))
	w.converge()
	if whole := w.byKey(wholeRun); whole.State != issue.Open || whole.Number != number || w.keys()[wholeRun] != 1 ||
		!strings.Contains(whole.Body, "- [ ] Look back (due Friday 2026-06-12)") {
		t.Errorf("%d is %s\n%s", whole.Number, whole.State, whole.Body)
	}
}

// TestGroupRefused: what the forge will never group is asked for once; what failed is asked
// for again.
func TestGroupRefused(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	w.forge.refusal = fmt.Errorf("no sub-issues here: %w", reconcile.ErrNotGrouped)
	w.converge()
	once := w.forge.attempts
	w.on("2026-04-14")
	w.converge()
	if once == 0 || w.forge.attempts != once {
		t.Errorf("%d attempts, then %d", once, w.forge.attempts)
	}

	w = newWorld(t, northwind(t, nil), "2026-04-13")
	w.forge.refusal = errors.New("try again")
	if _, _, err := w.run(context.Background(), &life{}); err != nil {
		t.Fatal(err)
	}
	w.forge.refusal = nil
	w.clock = w.clock.Add(reconcile.Grace)
	w.converge()
	child := w.byKey("jasper-architects/onboarding-8-week/1/sign-up")
	if whole := w.byKey(wholeRun); w.forge.parents[child.Number] != whole.Number {
		t.Errorf("%d is shown under %d, not %d", child.Number, w.forge.parents[child.Number], whole.Number)
	}
}

// TestGroupsWhatWasThere: where tracking is turned on later, one run opens the issues of
// the runs and shows under them what is open already.
func TestGroupsWhatWasThere(t *testing.T) {
	const name = "templates/onboarding-8-week.yaml"
	w := newWorld(t, northwind(t, replaced(t, name, "tracking: {owner: account-manager}\n", "")), "2026-04-13")
	w.converge()
	w.files(northwind(t, nil))
	w.on("2026-04-14")
	for range 2 {
		if _, _, err := w.run(context.Background(), &life{}); err != nil {
			t.Fatal(err)
		}
	}
	if p, _, err := w.run(context.Background(), &life{}); err != nil || !p.Empty() {
		t.Errorf("error %v, plan %+v", err, p)
	}
	child := w.byKey("jasper-architects/onboarding-8-week/1/sign-up")
	if whole := w.byKey(wholeRun); w.forge.parents[child.Number] != whole.Number {
		t.Errorf("%d is shown under %d, not %d", child.Number, w.forge.parents[child.Number], whole.Number)
	}
}
