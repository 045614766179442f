package due

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

// ever is nearly every day that the random catalogs can reach.
var ever = Window{civil.MustParse("1900-01-01"), civil.MustParse("2060-01-01")}

// TestRuns: what stands for whole runs is listed as in a window, and it
// begins and ends as the steps of its run do.
func TestRuns(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e, _ := drawEngine(t)
		var want []string
		for _, o := range e.Occurrences(ever) {
			if o.Whole {
				want = append(want, full(&o))
			}
		}
		runs := e.Runs()
		got := rows(runs, func(o *Occurrence) bool { return o.Due <= ever.To })
		if !slices.Equal(got, want) {
			t.Fatalf("runs are\n%v\nlisted are\n%v", got, want)
		}
		for i := range runs {
			checkRun(t, e, &runs[i])
		}
	})
}

func checkRun(t *rapid.T, e *Engine, o *Occurrence) {
	steps := e.Run(o)
	var last, first civil.Date
	for i := range steps {
		s := &steps[i]
		if found, ok := e.Lookup(s.Key); !ok || full(&found) != full(s) || s.Whole {
			t.Fatalf("%s is in the run as\n%s but looked up as\n%s", s.Key, full(s), full(&found))
		}
		if s.Due == 0 || s.Cancelled() {
			continue
		}
		if last = max(last, s.Due); s.Undecided == "" && (first == 0 || s.Opens < first) {
			first = s.Opens
		}
	}
	if first == 0 {
		first = last
	}
	over := e.over(o)
	if over != 0 {
		last = min(last, over)
	}
	switch {
	case len(steps) == 0 && (over == 0 || o.Nominal != over):
		t.Errorf("%s stands for a run without steps", o.Key)
	case last == 0 || o.Exception != nil || o.Moved.To != 0:
	case o.Due != last || o.Nominal != last || o.Opens != first:
		t.Errorf("%s is due %s and opens %s; its steps from %s to %s", o.Key, o.Due, o.Opens, first, last)
	case len(o.Notices) != 0 && o.Step.Remind == nil:
		t.Errorf("%s has notices: %v", o.Key, o.Notices)
	}
}
