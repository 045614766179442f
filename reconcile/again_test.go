package reconcile_test

import (
	"context"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
)

// TestRepeatIsReported holds that a message which may have gone out before is sent again
// once, and that the run which does so names the one that did not say how it ended.
func TestRepeatIsReported(t *testing.T) {
	w := newWorld(t, northwind(t, nil), "2026-05-04")
	send := func(n int, l *life) (again, notices int) {
		_, res, err := w.run(context.Background(), l)
		if l.at == 0 && err != nil {
			t.Fatal(err)
		}
		for _, o := range res.Outcomes {
			if o.Change.Notice == nil {
				continue
			}
			notices++
			if o.Again != "" && o.Status == reconcile.Done {
				again++
				if o.Again != "run-1" {
					t.Errorf("run %d names %s", n, o.Again)
				}
			}
		}
		w.clock = w.clock.Add(25 * time.Minute)
		return again, notices
	}
	// The first run dies after it has sent its first message and before it wrote so.
	dry := newWorld(t, northwind(t, nil), "2026-05-04")
	died := &life{after: true}
	for died.at = 1; len(dry.post.sent) == 0; died.at++ {
		dry = newWorld(t, northwind(t, nil), "2026-05-04")
		_, _, _ = dry.run(context.Background(), &life{at: died.at, after: true})
	}
	died.at--
	send(1, died)
	if len(w.post.sent) != 1 {
		t.Fatalf("%d messages before it died", len(w.post.sent))
	}
	again, notices := send(2, &life{})
	if again != notices || notices == 0 || w.repeats() != 1 {
		t.Errorf("of %d notices %d are told to be repeats, %d messages are", notices, again, w.repeats())
	}
	if _, notices = send(3, &life{}); notices != 0 {
		t.Errorf("a third run sends %d", notices)
	}
}
