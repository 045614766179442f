package reconcile_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// TestTellBlocked holds that a blocked plan is told once by each channel, whatever became of
// the others, and that a run which died is made up for.
func TestTellBlocked(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-05-04")
	f := &fickle{}
	runs := 0
	tell := func(p *plan.Plan) error {
		runs++
		n := 0
		r := &reconcile.Run{Ledger: ledger{w.book, &life{}}, Notifier: f, Installation: "northwind", Name: fmt.Sprint("run-", runs),
			Now: w.forge.now, Nonce: func() string { n++; return fmt.Sprintf("%d-%d", runs, n) }}
		return r.TellBlocked(t.Context(), p, &reconcile.World{History: w.book.history()}, []string{"ops", "mail"}, []string{"dana"})
	}
	sent := func(want int) {
		t.Helper()
		if len(f.sent) != want {
			t.Errorf("%d messages, want %d: %+v", len(f.sent), want, f.sent)
		}
		f.sent = nil
	}
	blocked := &plan.Plan{AsOf: w.today, Blocked: &plan.Blocked{Rule: plan.RuleCloses, Message: "too much", Approve: "abc"}}
	if err := tell(blocked); err != nil {
		t.Error(err)
	}
	sent(0) // there is no ledger yet, and it must not begin with this
	w.converge()
	f.err = errors.New("404")
	if err := tell(blocked); err == nil {
		t.Error("no error")
	}
	sent(2)
	f.err = reconcile.ErrUnknownOutcome
	_ = tell(blocked)
	sent(2)
	_ = tell(blocked)
	sent(0) // claimed still
	w.clock, f.err = w.clock.Add(25*time.Minute), nil
	for range 3 {
		if err := tell(blocked); err != nil {
			t.Error(err)
		}
	}
	sent(2)
	w.clock = w.clock.Add(48 * time.Hour)
	_ = tell(blocked)
	sent(0)
	clock := *blocked
	clock.Blocked = &plan.Blocked{Rule: reconcile.RuleClock}
	_ = tell(&clock)
	_ = tell(&plan.Plan{})
	sent(0)
	for _, e := range w.book.events {
		if _, err := record.Encode(e); err != nil {
			t.Error(err)
		}
	}
	// The runs go on as if nothing had been said.
	w.converge()
	if p, _, err := w.run(t.Context(), &life{}); err != nil || !p.Empty() {
		t.Errorf("%v %+v", err, p)
	}
}
