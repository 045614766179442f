package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/forge/files"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	gitledger "github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

// readOnly panics at whatever would change something.
type readOnly struct{ mortal }

func (readOnly) Create(context.Context, reconcile.NewIssue) (issue.Issue, error) { panic("create") }
func (readOnly) Edit(context.Context, int, reconcile.Edit) (issue.Issue, error)  { panic("edit") }
func (readOnly) Comment(context.Context, int, string) error                      { panic("comment") }
func (readOnly) React(context.Context, string, reconcile.Reaction) error         { panic("react") }

type readOnlyLedger struct{ ledger }

func (readOnlyLedger) Update(context.Context, func(*reconcile.History) (reconcile.Batch, error)) (*reconcile.History, error) {
	panic("update")
}

// TestPlanWritesNothing plans with a forge and a ledger that panic on every write, at each
// stage of the plot.
func TestPlanWritesNothing(t *testing.T) {
	for _, w := range []*world{newWorld(t, northwind(t, nil), "2026-04-13"), play(t, 0, nil)} {
		w.on("2026-06-08")
		l := &life{}
		seen, err := reconcile.Observe(context.Background(), readOnly{mortal{w.forge, l}}, readOnlyLedger{ledger{w.book, l}})
		if err != nil {
			t.Fatal(err)
		}
		if p := w.plan(seen); len(p.Changes) == 0 {
			t.Error("there was nothing to plan")
		}
	}
}

// TestReadErrorIsNoAbsence holds that a run which cannot read does nothing.
func TestReadErrorIsNoAbsence(t *testing.T) {
	w := play(t, 0, nil)
	before := len(w.book.events)
	l := &life{dead: true}
	if _, _, err := w.run(context.Background(), l); !errors.Is(err, errKilled) {
		t.Errorf("error %v", err)
	}
	if l.effects > 0 || len(w.book.events) != before {
		t.Error("a run that could read nothing did something")
	}
}

// TestLedgerLost deletes the ledger: the next run only takes in the issues that are there,
// and later ones go on from them.
func TestLedgerLost(t *testing.T) {
	w := play(t, 0, nil)
	want := states(w)
	w.book.events, w.book.exists, w.book.heartbeat = nil, false, time.Time{}
	sent := len(w.post.sent)
	p, _, err := w.run(context.Background(), &life{})
	if err != nil || p.Summary.Create+p.Summary.Close+p.Summary.Update+p.Summary.Notify > 0 || p.Summary.Adopt == 0 {
		t.Fatalf("error %v, plan %+v", err, p.Summary)
	}
	if len(w.post.sent) != sent {
		t.Error("notices went out without a ledger")
	}
	w.clock = w.clock.Add(25 * time.Minute)
	w.converge()
	for key, n := range w.keys() {
		if n != 1 {
			t.Errorf("%s has %d issues", key, n)
		}
	}
	for key, s := range want {
		if got := states(w)[key]; got != s {
			t.Errorf("%s became %s, was %s", key, got, s)
		}
	}
}

// TestLedgerRewound forgets the later half of the events.
func TestLedgerRewound(t *testing.T) {
	w := play(t, 0, nil)
	want := w.keys()
	w.book.events = w.book.events[:len(w.book.events)/2]
	w.book.heartbeat = time.Time{}
	w.converge()
	for key, n := range w.keys() {
		if n != 1 || want[key] != 1 {
			t.Errorf("%s has %d issues, had %d", key, n, want[key])
		}
	}
}

// TestOrganizationRenamed gives the organization another id. Declared, its issues and its
// ledger go on; undeclared, the ledger is somebody else's and nothing is written.
func TestOrganizationRenamed(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	w.converge()
	want := w.keys()
	w.files(northwind(t, replaced(t, "almanac.yaml", "id: northwind\n", "id: southwind\n")))
	events := len(w.book.events)
	if p, _, err := w.run(context.Background(), &life{}); err == nil && !p.Empty() {
		t.Error("an unknown organization wrote into the ledger")
	}
	if len(w.book.events) != events {
		t.Error("the ledger of another organization was written")
	}
	w.files(northwind(t, replaced(t, "almanac.yaml", "id: northwind\n", "id: southwind\npreviously: [northwind]\n")))
	w.clock = w.clock.Add(25 * time.Minute)
	w.converge()
	for key, n := range w.keys() {
		if n != 1 || want[key] != 1 {
			t.Errorf("%s has %d issues, had %d", key, n, want[key])
		}
	}
	if w.book.installation != "northwind" {
		t.Errorf("the ledger was renamed to %q", w.book.installation)
	}
}

// TestInterrupted stops a run after some of its changes: what was done is written down,
// what was not is free at once, and the next run finishes without waiting for anything.
func TestInterrupted(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	whole := newWorld(t, northwind(t, nil), "2026-04-13")
	whole.converge()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	seen, err := reconcile.Observe(ctx, mortal{w.forge, &life{}}, ledger{w.book, &life{}})
	if err != nil {
		t.Fatal(err)
	}
	done, nonces := 0, 0
	r := &reconcile.Run{Forge: mortal{w.forge, &life{}}, Ledger: ledger{w.book, &life{}}, Notifier: notifier{w.post, &life{}}, Installation: "northwind",
		Name: "stopped", Now: func() time.Time { return w.clock }, Nonce: func() string { nonces++; return fmt.Sprint(nonces) },
		Progress: func(reconcile.Outcome) {
			if done++; done == 3 {
				stop()
			}
		}}
	p := w.plan(seen)
	res, err := r.Apply(ctx, p, seen, w.clock)
	if err != nil || !res.Interrupted || !res.Partial() {
		t.Fatalf("error %v, result %+v", err, res)
	}
	if len(w.forge.issues) != 3 {
		t.Fatalf("%d issues", len(w.forge.issues))
	}
	open := 0
	for _, e := range record.Fold(w.book.events) {
		if e.State == record.Intent {
			t.Errorf("%s is still claimed", e.Key)
		}
		if e.State == record.IsOpen {
			open++
		}
	}
	if open != 3 {
		t.Errorf("%d issues in the ledger", open)
	}
	if _, res, err := w.run(context.Background(), &life{}); err != nil || res.Partial() {
		t.Fatalf("the next run: error %v, result %+v", err, res)
	}
	compare(t, whole, w)
}

// stoppedAt is a ledger at whose update of that number, from 1, the run is stopped.
type stoppedAt struct {
	ledger
	update *int
	at     int
	stop   func()
}

func (l stoppedAt) Update(ctx context.Context, decide func(*reconcile.History) (reconcile.Batch, error)) (*reconcile.History, error) {
	if *l.update++; *l.update == l.at {
		l.stop()
	}
	return l.ledger.Update(ctx, decide)
}

// TestInterruptedWithMuchLeft stops a run with more left over than is written down at once:
// nothing stays claimed, and it is no failure.
func TestInterruptedWithMuchLeft(t *testing.T) {
	t.Run("after one change", func(t *testing.T) { interrupt(t, 1, -1) })
	t.Run("while it writes down what it did", func(t *testing.T) { interrupt(t, 20, 2) })
}

// interrupt stops a run after a number of issues, or at an update of the ledger.
func interrupt(t *testing.T, issues, update int) {
	w := newWorld(t, loadtest.Generate(60), "2026-04-13")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	seen, err := reconcile.Observe(ctx, mortal{w.forge, &life{}}, ledger{w.book, &life{}})
	if err != nil {
		t.Fatal(err)
	}
	nonces := 0
	book := stoppedAt{ledger{w.book, &life{}}, new(int), update, stop}
	r := &reconcile.Run{Forge: mortal{w.forge, &life{}}, Ledger: book, Notifier: notifier{w.post, &life{}}, Installation: "northwind",
		Name: "stopped", Now: func() time.Time { return w.clock }, Nonce: func() string { nonces++; return fmt.Sprint(nonces) },
		Progress: func(reconcile.Outcome) {
			if update < 0 {
				stop()
			}
		}}
	p := w.plan(seen)
	if len(p.Changes) < 45 {
		t.Fatalf("only %d changes", len(p.Changes))
	}
	res, err := r.Apply(ctx, p, seen, w.clock)
	if err != nil || !res.Interrupted {
		t.Errorf("error %v, interrupted %v", err, res.Interrupted)
	}
	if len(w.forge.issues) != issues || len(res.Outcomes) != len(p.Changes) {
		t.Errorf("%d issues, %d outcomes of %d changes", len(w.forge.issues), len(res.Outcomes), len(p.Changes))
	}
	for _, e := range record.Fold(w.book.events) {
		if e.State == record.Intent {
			t.Errorf("%s is still claimed", e.Key)
		}
	}
}

// TestFence holds that a process which slept too long does not act on claims that may be
// others' by now.
func TestFence(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	seen, err := reconcile.Observe(context.Background(), mortal{w.forge, &life{}}, ledger{w.book, &life{}})
	if err != nil {
		t.Fatal(err)
	}
	nonces := 0
	r := &reconcile.Run{Forge: mortal{w.forge, &life{}}, Ledger: ledger{w.book, &life{}}, Notifier: notifier{w.post, &life{}}, Installation: "northwind",
		Name: "slow", Now: func() time.Time { return w.clock }, Nonce: func() string { nonces++; return fmt.Sprint(nonces) },
		Progress: func(reconcile.Outcome) { w.clock = w.clock.Add(11 * time.Minute) }}
	res, err := r.Apply(context.Background(), w.plan(seen), seen, w.clock)
	if err != nil || !res.Partial() || len(w.forge.issues) != 1 {
		t.Errorf("error %v, %d issues", err, len(w.forge.issues))
	}
}

// TestClaimedElsewhere holds that a claim of another run is respected for the whole grace
// and taken over after it.
func TestClaimedElsewhere(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	_, _, _ = w.run(context.Background(), &life{at: 2}) // claims everything, then dies
	w.clock = w.clock.Add(reconcile.Grace - time.Minute)
	_, res, err := w.run(context.Background(), &life{})
	if err != nil || len(w.forge.issues) > 0 {
		t.Fatalf("error %v, %d issues within the grace", err, len(w.forge.issues))
	}
	if o := res.Outcomes[0]; o.Status != reconcile.Elsewhere || o.Err.Error() != "claimed by run run-1, and taken over after 12:20 UTC if that one has stopped" {
		t.Errorf("%s: %v", o.Status, o.Err)
	}
	w.clock = w.clock.Add(2 * time.Minute)
	if _, _, err := w.run(context.Background(), &life{}); err != nil || len(w.forge.issues) == 0 {
		t.Fatalf("error %v, %d issues after the grace", err, len(w.forge.issues))
	}
}

// TestClockGate blocks clocks that cannot be right.
func TestClockGate(t *testing.T) {
	now := time.Date(2026, 4, 13, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		forge, heartbeat time.Time
		blocked          bool
	}{
		"no other clock":      {time.Time{}, time.Time{}, false},
		"four minutes off":    {now.Add(4 * time.Minute), time.Time{}, false},
		"two hours behind":    {now.Add(2 * time.Hour), time.Time{}, true},
		"two hours ahead":     {now.Add(-2 * time.Hour), time.Time{}, true},
		"before the last":     {time.Time{}, now.Add(time.Hour), true},
		"1970":                {now.AddDate(-56, 0, 0), now, true},
		"just after the last": {now, now.Add(-time.Second), false},
	} {
		w := &reconcile.World{History: &reconcile.History{Heartbeat: tt.heartbeat}, Clock: tt.forge}
		if got := w.ClockGate(now); (got != nil) != tt.blocked {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestEightAtOnce lets eight processes loose on one ledger in a remote repository and one
// folder of issues.
func TestEightAtOnce(t *testing.T) {
	dir := t.TempDir()
	remote := filepath.Join(dir, "ledger.git")
	if out, err := exec.Command("git", "init", "--bare", "-q", remote).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	eng, err := due.New(w.cat, due.Options{AsOf: w.today})
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	now := func() time.Time { return w.clock.Add(time.Since(started)) }
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			book, err := gitledger.Git(gitledger.Options{URL: remote, Now: now})
			if err != nil {
				t.Error(err)
				return
			}
			f := files.New(filepath.Join(dir, "issues"), files.Options{Now: now})
			seen, err := reconcile.Observe(context.Background(), f, book)
			if err != nil {
				t.Error(err)
				return
			}
			p := plan.Make(plan.Inputs{Catalog: w.cat, AsOf: w.today, Engine: eng, Observed: seen.Issues, Entries: seen.History.Entries, LedgerExists: seen.History.Exists})
			n := 0
			r := &reconcile.Run{Forge: f, Ledger: book, Notifier: notifier{w.post, &life{}}, Installation: "northwind", Name: fmt.Sprintf("run-%d", i), Now: now,
				Nonce: func() string { n++; return fmt.Sprintf("%d-%d", i, n) }}
			if _, err := r.Apply(context.Background(), p, seen, now()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	issues, err := files.New(filepath.Join(dir, "issues"), files.Options{Now: now}).List(context.Background(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	w.forge.issues = issues
	whole := newWorld(t, northwind(t, nil), "2026-04-13")
	whole.converge()
	if len(issues) != len(whole.forge.issues) {
		t.Errorf("%d issues, want %d", len(issues), len(whole.forge.issues))
	}
	for key, n := range w.keys() {
		if n != 1 {
			t.Errorf("%s has %d issues", key, n)
		}
	}
	for id, n := range w.notices() {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}
