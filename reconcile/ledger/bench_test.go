package ledger_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// fill writes a year of five steps for each of many clients: three events a step.
func fill(b *testing.B, l reconcile.Ledger, clients int) {
	_, err := l.Update(context.Background(), func(*reconcile.History) (reconcile.Batch, error) {
		var events []record.Event
		for c := range clients {
			for s := range 5 {
				e := event(fmt.Sprintf("client-%05d", c), fmt.Sprint("step-", s))
				open, done := e, e
				open.Verb, open.Number, open.Owner = record.Opened, c*5+s+1, "dana"
				done.Verb, done.Number, done.At = record.Done, c*5+s+1, e.At.Add(24*time.Hour)
				events = append(events, e, open, done)
			}
		}
		return reconcile.Batch{Events: events, Installation: "northwind"}, nil
	})
	check(b, err)
}

func BenchmarkLedger(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		dir, repo := filepath.Join(b.TempDir(), "ledger"), bare(b)
		for name, open := range map[string]func() ledger.Ledger{
			"dir": func() ledger.Ledger { return ledger.Dir(dir) },
			"git": func() ledger.Ledger { return open(b, ledger.Options{URL: repo}) },
		} {
			fill(b, open(), n)
			// Load is what a run pays once.
			b.Run(fmt.Sprint("load/", name, "/", n), func(b *testing.B) {
				for b.Loop() {
					if h, err := open().Load(b.Context()); err != nil || len(h.Entries) < n*5 {
						b.Fatal(err)
					}
				}
			})
			// Update is what each batch of effects costs the same run afterwards.
			l := open()
			_, err := l.Load(b.Context())
			check(b, err)
			b.Run(fmt.Sprint("update/", name, "/", n), func(b *testing.B) {
				for b.Loop() {
					write(b, l, event("client-00007", "call"))
				}
			})
		}
	}
}
