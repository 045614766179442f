// Package ledgertest is what every ledger must do, as tests.
package ledgertest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Place is where one ledger lies, absent at first.
type Place struct {
	// Open returns the ledger as another process would open it.
	Open func() reconcile.Ledger
	// Put writes a file of the ledger as a person would, around almanac.
	Put func(name, text string)
	// Get returns the text of a file of the ledger.
	Get func(name string) string
	// Remove deletes the ledger.
	Remove func()
	// Keep returns a function that puts the ledger back to what it is now.
	Keep func() (restore func())
}

// Run runs the suite. Fresh returns a place for one test.
func Run(t *testing.T, fresh func(t *testing.T) Place) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Place)
	}{
		{"absent", absent},
		{"create", create},
		{"append", appends},
		{"people", people},
		{"empty update writes nothing", emptyUpdate},
		{"decide fails", decideFails},
		{"cancelled", cancelled},
		{"cancelled while deciding", cancelledWhileDeciding},
		{"heartbeat", heartbeat},
		{"heartbeat alone", heartbeatAlone},
		{"installation", installation},
		{"race", race},
		{"first creation race", creationRace},
		{"claims in one second", claims},
		{"deleted meanwhile", deletedMeanwhile},
		{"put back meanwhile", restoredMeanwhile},
		{"newer schema", newerSchema},
		{"newer event", newerEvent},
		{"damaged line", damagedLine},
		{"damaged meta", damagedMeta},
		{"event in the wrong file", wrongFile},
		{"file that is no client's", strangeFile},
		{"unknown client", unknownClient},
		{"no final line feed", noFinalLineFeed},
		{"bad event", badEvent},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, fresh(t))
		})
	}
}

// day is the time of the events.
var day = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// claim returns an event that claims an issue.
func claim(key, nonce string) record.Event {
	return record.Event{V: record.Version, At: day, Key: key, Verb: record.IntendCreate, Run: "r1", Nonce: nonce}
}

func opened(key string, number int) record.Event {
	return record.Event{V: record.Version, At: day.Add(time.Minute), Key: key, Verb: record.Opened, Number: number, Run: "r1"}
}

func key(client string, n int) string { return fmt.Sprintf("%s/vcio/2026/step-%d", client, n) }

// write adds events without looking.
func write(t *testing.T, l reconcile.Ledger, events ...record.Event) *reconcile.History {
	t.Helper()
	h, err := l.Update(t.Context(), always(events...))
	if err != nil {
		t.Fatalf("update: %v", err)
	}
	return h
}

func always(events ...record.Event) func(*reconcile.History) (reconcile.Batch, error) {
	return func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{Events: events, Message: "test", Installation: "northwind"}, nil
	}
}

func load(t *testing.T, l reconcile.Ledger) *reconcile.History {
	t.Helper()
	h, err := l.Load(t.Context())
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return h
}

// keys returns the key of each event, in order.
func keys(h *reconcile.History) []string {
	var l []string
	for _, e := range h.Events() {
		l = append(l, e.Key)
	}
	return l
}

func expectKeys(t *testing.T, h *reconcile.History, want ...string) {
	t.Helper()
	if got := keys(h); !slices.Equal(got, want) {
		t.Errorf("events of %q, want %q", got, want)
	}
}
