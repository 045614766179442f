package reconcile_test

import (
	"os"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// TestFlapping: a step that is due, is moved away, is due again, is closed and is opened
// again by somebody sends nothing a second time.
func TestFlapping(t *testing.T) {
	const key, file = "acme-dental/vcio/2026/annual-strategy", "clients/acme-dental.yaml"
	text, err := os.ReadFile("../examples/northwind/" + file)
	if err != nil {
		t.Fatal(err)
	}
	here := northwind(t, nil)
	away := northwind(t, map[string]string{file: strings.TrimSpace(string(text)) +
		"\n    exceptions: [{step: annual-strategy, cycle: 2026, move-to: 2026-05-29, reason: travelling}]\n"})
	w := newWorld(t, here, "2026-04-10")
	w.converge()
	for _, day := range []string{"2026-04-29", "2026-04-30", "2026-05-05", "2026-05-06"} {
		w.on(day)
		for range 3 {
			w.files(away)
			w.converge()
			w.files(here)
			w.converge()
			is := w.byKey(key)
			for _, state := range []issue.State{issue.Closed, issue.Open} {
				is.State, is.Reason, is.Updated = state, issue.Completed, w.clock
				if state == issue.Open {
					is.Reason = ""
				}
				w.converge()
			}
		}
	}
	sent := 0
	for id, n := range w.notices() {
		if strings.HasPrefix(id, key+"/") && !strings.Contains(id, "/invite") {
			sent++
		}
		if n > 1 && !strings.Contains(id, "/invite") {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	if sent < 2 { // that it is due, and that it is overdue
		t.Errorf("%d notices about %s were sent: %v", sent, key, w.notices())
	}
}
