package record

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/proptest"
)

// TestJoin: which entry comes first makes no difference, neither is changed, and nothing that
// people did or were told is lost.
func TestJoin(t *testing.T) {
	if Join(nil, nil) != nil {
		t.Error("nothing and nothing is something")
	}
	proptest.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(anyEvent(), 1, 12).Draw(t, "events")
		two := func() (a, b *Entry) {
			entries := Fold(events)
			for _, e := range events { // any two of them may be told of one occurrence
				if n := entries[e.Key]; a == nil {
					a = n
				} else if n != nil && n != a {
					b = n
				}
			}
			return a, b
		}
		a, b := two()
		got := Join(a, b)
		if d := cmp.Diff(got, Join(b, a)); d != "" {
			t.Errorf("the order counts:\n%s", d)
		}
		wasA, wasB := two()
		if d := cmp.Diff([]*Entry{wasA, wasB}, []*Entry{a, b}); d != "" {
			t.Errorf("an entry was changed:\n%s", d)
		}
		for _, e := range []*Entry{a, b} {
			if e == nil {
				continue
			}
			if got.State < e.State || e.Decided != nil && got.Decided == nil || e.Sealed != nil && got.Sealed == nil || e.Started != nil && got.Started == nil {
				t.Errorf("%+v lost what %+v had", got, e)
			}
			for name := range e.Notices {
				if got.Notices[name].Verb == "" {
					t.Errorf("the notice %s is lost", name)
				}
			}
			for id := range e.Answered {
				if got.Answered[id].Verb == "" {
					t.Errorf("the answer to %s is lost", id)
				}
			}
		}
	})
}
