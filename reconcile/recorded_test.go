package reconcile_test

import (
	"context"
	"errors"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// decisions counts what the ledger says of answers that were seen in files.
func (w *world) decisions() map[string]int {
	m := map[string]int{}
	for _, e := range w.book.events {
		if e.Verb == record.Decided {
			m[e.Key]++
		}
	}
	return m
}

// TestRecordedOnce: of two runs that saw the same, one writes it down.
func TestRecordedOnce(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	seen, err := reconcile.Observe(context.Background(), mortal{w.forge, &life{}}, ledger{w.book, &life{}})
	if err != nil {
		t.Fatal(err)
	}
	late, observed := w.plan(seen), w.clock
	if _, first, err := w.run(context.Background(), &life{}); err != nil || first.Recorded != len(late.Records) {
		t.Fatalf("the first run: %v, %+v", err, first)
	}
	r := &reconcile.Run{Forge: mortal{w.forge, &life{}}, Ledger: ledger{w.book, &life{}}, Notifier: notifier{w.post, &life{}}, Installation: "northwind",
		Name: "late", Now: w.forge.now, Nonce: func() string { return "late" }}
	second, err := r.Apply(context.Background(), late, seen, observed)
	if err != nil || second.Recorded != 0 {
		t.Errorf("the second run: %v, recorded %d, want 0", err, second.Recorded)
	}
	if len(w.decisions()) == 0 {
		t.Fatal("the example decides nothing in files")
	}
	for key, n := range w.decisions() {
		if n != 1 {
			t.Errorf("%s was written down %d times", key, n)
		}
	}
}

// shut is a ledger that cannot be written.
type shut struct{ ledger }

func (shut) Update(_ context.Context, decide func(*reconcile.History) (reconcile.Batch, error)) (*reconcile.History, error) {
	_, err := decide(&reconcile.History{})
	return nil, errors.Join(err, errors.New("permission denied"))
}

// TestRecordedNothing: what a ledger refused is not counted as recorded.
func TestRecordedNothing(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-04-13")
	b := shut{ledger{w.book, &life{}}}
	seen, err := reconcile.Observe(context.Background(), mortal{w.forge, &life{}}, b)
	if err != nil {
		t.Fatal(err)
	}
	r := &reconcile.Run{Forge: mortal{w.forge, &life{}}, Ledger: b, Notifier: notifier{w.post, &life{}}, Installation: "northwind",
		Name: "run", Now: w.forge.now, Nonce: func() string { return "nonce" }}
	res, err := r.Apply(context.Background(), w.plan(seen), seen, w.clock)
	if err == nil || res.Recorded != 0 {
		t.Errorf("recorded %d, error %v", res.Recorded, err)
	}
}
