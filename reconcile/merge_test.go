package reconcile_test

import (
	"context"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// TestTickedWhileWritten: a person ticks a box between the moment at which an issue is read
// and that at which it is written. Both changes are there in the end. Somebody who never
// stops is left alone, and the run says so.
func TestTickedWhileWritten(t *testing.T) {
	for _, times := range []int{1, 2, 1000} {
		w := newWorld(t, northwind(t, nil), "2026-04-13")
		w.converge()
		i := w.byKey("acme-dental/vcio/2026/annual-strategy")
		w.files(northwind(t, replaced(t, "clients/acme-dental.yaml", "vcio: dana", "vcio: lee")))
		left, n := times, 0
		w.forge.meddle = func(now *issue.Issue) {
			if now.Number == i.Number && left > 0 {
				left, n = left-1, n+1
				now.Body = strings.Replace(now.Body, "<!-- almanac:v1", "- [x] agenda "+strings.Repeat("i", n)+"\n\n<!-- almanac:v1", 1)
			}
		}
		_, result, err := w.run(context.Background(), &life{})
		if err != nil {
			t.Fatal(err)
		}
		ticked, handed := strings.Count(i.Body, "- [x] agenda"), strings.Contains(strings.Join(i.Assignees, " "), "lee")
		if want := min(times, 3); ticked != want || handed != (times < 3) || result.Partial() != (times >= 3) {
			t.Errorf("%d times: %d ticked, handed over %v, %+v\n%s", times, ticked, handed, result.Outcomes, i.Body)
		}
	}
}
