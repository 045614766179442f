// Package proptest checks properties of random values that are the same in every run, so
// that a change is judged by what it changes and not by the luck of the day. Others are
// tried with -rapid.seed=N or RAPID_SEED=N, more of them with -rapid.checks=N.
package proptest

import (
	"flag"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// seed is where the values of every test begin.
const seed = "1"

// steady sets the seed where nobody asked for another one.
var steady = sync.OnceValue(func() error {
	f := flag.Lookup("rapid.seed")
	if f.Value.String() != "0" {
		return nil
	}
	return f.Value.Set(seed)
})

// Check fails the test where prop fails for a value, which is made as small as it can be.
func Check(t *testing.T, prop func(*rapid.T)) {
	t.Helper()
	if err := steady(); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, prop)
}
