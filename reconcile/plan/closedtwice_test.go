package plan

import (
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// TestClosedTwice: a closing is recorded once, also on a day that is played and whose clock
// lies before it, and a second one when it belongs to a later day.
func TestClosedTwice(t *testing.T) {
	w := started(t)
	w.on("2026-04-01")
	w.close(1, issue.Completed)
	w.find(1).Closed = w.AsOf.Time().Add(20 * time.Hour)
	want(t, w.plan(t), "record done acme/vcio/2026/audit ")
	w.reconcile(t, 1)
	if !w.clock.Before(w.find(1).Closed) {
		t.Fatalf("%s is not before the closing", w.clock)
	}
	nothing(t, w.plan(t))
	w.on("2026-04-02")
	nothing(t, w.plan(t))

	w.close(1, issue.Completed) // it was open in between
	want(t, w.plan(t), "record done acme/vcio/2026/audit ")
	w.reconcile(t, 1)
	nothing(t, w.plan(t))
}

// TestClosedAfterCommand: who wrote that a step is done, and closed its issue at once, did
// both that day. It stays open once it is opened again, however often it was done before.
func TestClosedAfterCommand(t *testing.T) {
	w := started(t)
	w.on("2026-04-01")
	w.close(1, issue.Completed)
	w.reconcile(t, 1)
	w.find(1).State = issue.Open
	w.command(audit, "dana", "done", "", "")
	w.close(1, issue.Completed)
	want(t, w.plan(t), "record done acme/vcio/2026/audit ")
	w.reconcile(t, 1)
	nothing(t, w.plan(t))
	w.find(1).State = issue.Open
	nothing(t, w.plan(t))
}

// TestEndedWhere: a step ends on the day that it is where the organization works, by the forge
// as by the ledger.
func TestEndedWhere(t *testing.T) {
	w := started(t)
	w.Zone = time.FixedZone("west", -5*60*60)
	w.on("2026-04-02")
	w.close(1, issue.Completed)
	w.find(1).Closed = w.AsOf.Time().Add(time.Hour)
	w.clock = w.find(1).Closed.Add(-time.Hour) // what is told next is told then
	for range 2 {
		w.apply(w.plan(t))
		w.plan(t)
		o, _ := w.Engine.Lookup(audit)
		if v := Look(w.Inputs).fate(&o, 0); v.fate != ended || v.free.String() != "2026-04-01" {
			t.Errorf("it ended on %s (%d)", v.free, v.fate)
		}
		w.issues = nil // no longer listed
	}
}
