package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// daily is a plan with a step on each of a number of days, the first of them Monday.
const daily = `
kind: OnboardingPlan
id: daily
title: Daily rounds
weeks:
  - week: 0
    steps: [{id: rounds, title: Rounds, day: mon, owner: support, roll: unadjusted, every: 1 day, times: %d, open: 0 days}]
`

// TestMissedTurns stops runs for 1, 3, 30 and 400 turns of a daily step. What the policy
// gives up is told, one by one; what it opens comes in the end, within the limits, once.
func TestMissedTurns(t *testing.T) {
	for _, n := range []int{1, 3, 30, 400} {
		for policy, opened := range map[string]int{"latest": 1, "all": n, "none": 0} {
			t.Run(fmt.Sprintf("%s/%d", policy, n), func(t *testing.T) {
				w := newWorld("2026-06-01")
				f := with("almanac.yaml", "channels:", "policies: {catch-up: {recurring: "+policy+", window: 3 years}}\nchannels:")
				f["acme.yaml"] = strings.Replace(f["acme.yaml"], "template: vcio\n    since: 2026-01-01", "template: daily\n    start: 2026-06-01", 1)
				f["daily.yaml"] = fmt.Sprintf(daily, n)
				w.read(t, f)
				w.AsOf = w.AsOf.AddDays(n) // the day after the last turn
				first := w.plan(t)
				if got := len(first.Missed); got != n-opened {
					t.Errorf("%d told as missed, want %d", got, n-opened)
				}
				if want := max(opened-15, 0); len(first.Deferred) != want || first.Summary.Create != min(opened, 15) {
					t.Errorf("%d opened and %d deferred of %d", first.Summary.Create, len(first.Deferred), opened)
				}
				w.reconcile(t, opened/15+2)
				if len(w.issues) != opened {
					t.Errorf("%d issues, want %d", len(w.issues), opened)
				}
				for key, times := range w.opened {
					if times != 1 {
						t.Errorf("%s was opened %d times", key, times)
					}
				}
			})
		}
	}
}

// TestLongWait leaves a step open for longer than anything missed is reported: what waits
// for it is still told, and opened once it is done.
func TestLongWait(t *testing.T) {
	w := started(t)
	w.AsOf = civil.MustParse("2027-08-02")
	w.clock = w.AsOf.Time()
	waiting := func(p *Plan) bool {
		return slices.ContainsFunc(p.Waiting, func(h Held) bool { return h.Key == "acme/vcio/2026/strategy" })
	}
	if p := w.reconcile(t, 2); !waiting(p) {
		t.Errorf("not waiting:\n%s", brief(p))
	}
	w.close(1, issue.Completed)
	p := w.plan(t)
	if !slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Action == Create && c.Key == "acme/vcio/2026/strategy" }) {
		t.Errorf("not opened:\n%s", brief(p))
	}
	w.apply(&Plan{Records: p.Records}) // the issue itself comes with a later run
	if p := w.reconcile(t, 2); waiting(p) || w.opened["acme/vcio/2026/strategy"] != 1 {
		t.Errorf("not opened later:\n%s", brief(p))
	}
}
