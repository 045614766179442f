package reconcile_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// TestDigestOrder holds that a digest goes by client, then by owner, then by date, whatever
// the keys are called.
func TestDigestOrder(t *testing.T) {
	today := civil.MustParse("2026-05-06")
	p := &plan.Plan{AsOf: today}
	for i, l := range []string{"Birch Ann 3", "Acme Dana 2", "Acme Dana 1", "Birch Ann 1", "Acme Ann 4"} {
		w := strings.Fields(l)
		c := notice(fmt.Sprintf("k%d/t/2026/s", i), "ops", "channel ops", due.HeadsUp, today.AddDays(7+int(w[2][0]-'0')))
		c.Notice.Client, c.Notice.Owner = w[0], w[1]
		p.Changes = append(p.Changes, c)
	}
	var got []string
	m := reconcile.Messages(p)[0]
	for _, s := range m.Sections() {
		for _, i := range s.Items {
			got = append(got, fmt.Sprint(i.Client, " ", i.Owner, " ", int(i.Due-today-7)))
		}
	}
	if l := strings.Join(got, ", "); l != "Acme Ann 4, Acme Dana 1, Acme Dana 2, Birch Ann 1, Birch Ann 3" {
		t.Error(l)
	}
}

// full is a forge that takes no more.
type full struct{ mortal }

func (full) Create(context.Context, reconcile.NewIssue) (issue.Issue, error) {
	return issue.Issue{}, reconcile.ErrDeferred
}

// TestFullForge holds that people are told although the forge takes no more for now.
func TestFullForge(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-05-04")
	f, b := full{mortal{w.forge, &life{}}}, ledger{w.book, &life{}}
	seen, err := reconcile.Observe(t.Context(), f, b)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	r := &reconcile.Run{Forge: f, Ledger: b, Notifier: notifier{w.post, &life{}}, Installation: "northwind", Name: "run-1", Now: w.forge.now,
		Nonce: func() string { n++; return fmt.Sprint(n) }}
	res, err := r.Apply(t.Context(), w.plan(seen), seen, w.clock)
	if err != nil || len(w.post.sent) == 0 || len(w.forge.issues) != 0 || !res.Partial() {
		t.Errorf("%v, %d messages, %d issues", err, len(w.post.sent), len(w.forge.issues))
	}
}
