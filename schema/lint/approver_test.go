package lint

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/proptest"
)

// tried is fill by trying every choice.
func tried(people [][]string, distinct bool) bool {
	if len(people) == 0 {
		return true
	}
	return slices.ContainsFunc(people[0], func(who string) bool {
		if distinct {
			return tried(without(people[1:], who), true)
		}
		return tried(people[1:], false)
	})
}

// TestFill: people are found for roles whenever there is any way to do it.
func TestFill(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		who := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		people := rapid.SliceOfN(rapid.SliceOfNDistinct(who, 0, 3, rapid.ID[string]), 0, 5).Draw(t, "people")
		for _, distinct := range []bool{true, false} {
			if got, want := fill(people, distinct), tried(people, distinct); got != want {
				t.Errorf("%v, distinct %t: %t, want %t", people, distinct, got, want)
			}
		}
	})
}

// TestFillMany: an answer comes also where the choices are too many to try.
func TestFillMany(t *testing.T) {
	var people [][]string
	for range 30 {
		var pool []string
		for i := range 30 {
			pool = append(pool, fmt.Sprint("p", i))
		}
		people = append(people, pool)
	}
	if !fill(people, true) {
		t.Error("thirty people do not fill thirty roles")
	}
	if fill(append(people, []string{"p1"}), true) || fill(append(people, nil), false) {
		t.Error("a role too many is filled")
	}
}
