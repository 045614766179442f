package proptest

import (
	"flag"
	"testing"

	"pgregory.net/rapid"
)

// TestSameValues: two checks of a run see the same values, and so do two runs.
func TestSameValues(t *testing.T) {
	values := func() (l []int) {
		Check(t, func(t *rapid.T) { l = append(l, rapid.Int().Draw(t, "value")) })
		return l
	}
	first, second := values(), values()
	if len(first) < 10 || len(first) != len(second) {
		t.Fatalf("%d and %d values", len(first), len(second))
	}
	for i := range first {
		if first[i] != second[i] {
			t.Errorf("value %d is %d, then %d", i, first[i], second[i])
		}
	}
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		t.Error("another run sees others")
	}
}
