package plan

import (
	"strings"
	"testing"
)

// needs returns what a step waits for, in words.
func (w *world) needs(t *testing.T, key string) string {
	t.Helper()
	w.plan(t)
	o, ok := w.Engine.Lookup(key)
	if !ok {
		t.Fatalf("no occurrence %s", key)
	}
	var l []string
	for _, n := range Look(w.Inputs).Needs(&o) {
		l = append(l, string(n.Kind)+": "+n.For)
	}
	return strings.Join(l, "; ")
}

// TestNeeds: a step says what it waits for, from what is in the way to the last sign-off,
// and a step done without an answer owes it until a later turn asks again.
func TestNeeds(t *testing.T) {
	w := careWorld(t, "2026-05-07")
	w.t = t
	want := func(key, want string) {
		t.Helper()
		if got := w.needs(t, key); got != want {
			t.Errorf("%s on %s: %q, want %q", key, w.AsOf, got, want)
		}
	}
	const decision, first, second = "acme/care/1/decision", "acme/care/1/weekly/2026-05-18", "acme/care/1/weekly/2026-05-25"
	want(first, "")
	w.on("2026-05-12")
	want(decision, "answer: an answer: Placed? place or decline; sign-off: the sign-off by vCIO, Dana Whitfield")
	want("acme/care/1/announce", "decision: the decision placement")
	w.command(decision, "dana", "decide", "place", "")
	want("acme/care/1/cause", "steps: Decide")
	w.command(decision, "dana", "approve", "", "vcio")
	want(decision, "sign-off: the sign-off by Director, Noor Haddad")
	w.command(decision, "noor", "approve", "", "director")
	want(decision, "")
	want("acme/care/1/cause", "fields: Root cause, in acme.yaml; sign-off: the sign-off by vCIO, Dana Whitfield")

	w.on("2026-05-18")
	w.command(first, "dana", "done", "", "")
	want(first, "answer: an answer: Stays? stay or remove")
	w.on("2026-05-23")
	want(first, "")
	want(second, "answer: an answer: Stays? stay or remove")
	w.command(second, "dana", "decide", "stay", "")
	want(second, "")

	// What was skipped although it has to be signed off bars the way until that is taken back.
	w.on("2026-05-27")
	w.command(second, "dana", "decide", "remove", "")
	want("acme/care/1/removal", "steps: Root cause")
	w.command("acme/care/1/cause", "priya", "skip", "", "")
	want("acme/care/1/removal", "steps: Root cause (skipped without the sign-off that it needs: open its issue again)")
}
