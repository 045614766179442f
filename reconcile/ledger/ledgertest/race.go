package ledgertest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// each runs f for 0 to n-1 at once.
func each(n int, f func(i int)) {
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { f(i) })
	}
	wait.Wait()
}

func race(t *testing.T, p Place) {
	const writers, updates = 8, 5
	write(t, p.Open(), claim(key("acme", 0), "first"))
	raceOf(t, p, writers, updates)
	h := load(t, p.Open())
	if len(h.Events()) != writers*updates+1 {
		t.Errorf("%d events, want %d", len(h.Events()), writers*updates+1)
	}
	for w := range writers {
		for n := range updates {
			if h.Entries[key(fmt.Sprint("client-", w%3), w*100+n)] == nil {
				t.Errorf("update %d of writer %d is lost", n, w)
			}
		}
	}
}

func creationRace(t *testing.T, p Place) {
	raceOf(t, p, 4, 1)
	if h := load(t, p.Open()); len(h.Events()) != 4 {
		t.Errorf("%d events, want 4", len(h.Events()))
	}
}

// raceOf lets writers write to three files at once; each sees its own event afterwards.
func raceOf(t *testing.T, p Place, writers, updates int) {
	each(writers, func(w int) {
		l := p.Open()
		for n := range updates {
			k := key(fmt.Sprint("client-", w%3), w*100+n)
			h, err := l.Update(t.Context(), always(claim(k, fmt.Sprint("w", w, "n", n))))
			if err != nil {
				t.Errorf("writer %d: %v", w, err)
			} else if h.Entries[k] == nil {
				t.Errorf("writer %d does not see what it wrote", w)
			}
		}
	})
}

// claims lets two writers claim the same keys at the same moment, with equal events but for
// the nonce: each key is claimed once.
func claims(t *testing.T, p Place) {
	const rounds = 6
	write(t, p.Open(), claim(key("acme", 99), "first"))
	a, b := p.Open(), p.Open()
	for n := range rounds {
		k := key("acme", n)
		var won [2]bool
		each(2, func(i int) {
			_, err := []reconcile.Ledger{a, b}[i].Update(t.Context(), func(h *reconcile.History) (reconcile.Batch, error) {
				won[i] = h.Entries[k] == nil
				if !won[i] {
					return reconcile.Batch{}, nil
				}
				return reconcile.Batch{Events: []record.Event{claim(k, "same")}, Message: "claim"}, nil
			})
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
		if won[0] == won[1] {
			t.Errorf("round %d: both claims have the outcome %t", n, won[0])
		}
	}
	if h := load(t, p.Open()); len(h.Events()) != rounds+1 {
		t.Errorf("%d events, want %d", len(h.Events()), rounds+1)
	}
}

// meanwhile calls f once, between reading and writing, and returns the histories that
// decide was given and the one that Update returned.
func meanwhile(t *testing.T, l reconcile.Ledger, f func(), e record.Event) (given []*reconcile.History, now *reconcile.History) {
	t.Helper()
	now, err := l.Update(t.Context(), func(h *reconcile.History) (reconcile.Batch, error) {
		if given = append(given, h); len(given) == 1 {
			f()
		}
		return reconcile.Batch{Events: []record.Event{e}, Installation: "northwind"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return given, now
}

func deletedMeanwhile(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	given, h := meanwhile(t, p.Open(), p.Remove, claim(key("acme", 2), "n2"))
	if len(given) != 2 || !given[0].Exists || given[1].Exists {
		t.Errorf("decided %d times: the deletion was not noticed", len(given))
	}
	expectKeys(t, h, key("acme", 2))
	expectKeys(t, load(t, p.Open()), key("acme", 2))
}

func restoredMeanwhile(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	restore := p.Keep()
	write(t, p.Open(), claim(key("acme", 2), "n2"))
	given, h := meanwhile(t, p.Open(), restore, claim(key("acme", 3), "n3"))
	if len(given) != 2 || len(given[0].Events()) != 2 || len(given[1].Events()) != 1 {
		t.Errorf("decided %d times: what was put back was not noticed", len(given))
	}
	expectKeys(t, h, key("acme", 1), key("acme", 3))
}
