package reconcile_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/command"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// TestTwoRunsAtOnce: whichever writes first has the command, and there is one answer.
func TestTwoRunsAtOnce(t *testing.T) {
	p := newParlour(t)
	p.say("dana-w", "acme/care/1/call", "/done")
	p.say("noor-h", "birch/care/1/call", "/done")
	var runs [2]*reconcile.Run
	var worlds [2]*reconcile.World
	for i := range runs {
		r, f := p.process(&life{})
		w, err := reconcile.Observe(context.Background(), f, r.Ledger)
		if err != nil {
			t.Fatal(err)
		}
		runs[i], worlds[i] = r, w
	}
	var heard [2]*reconcile.Heard
	// The second runs to its end between the moment the first has judged and its claim.
	e := p.ear()
	inner := e.Judge
	first := true
	e.Judge = func(w *reconcile.World) (func(issue.Comment) command.Verdict, error) {
		judge, err := inner(w)
		if first {
			first = false
			heard[1], err = runs[1].Commands(context.Background(), worlds[1], p.ear())
		}
		return judge, err
	}
	var err error
	if heard[0], err = runs[0].Commands(context.Background(), worlds[0], e); err != nil {
		t.Fatal(err)
	}
	if len(heard[0].Commands) != 0 || len(heard[1].Commands) != 2 {
		t.Errorf("first %+v, second %+v", heard[0], heard[1])
	}
	for id, n := range p.counted() {
		if n != 1 {
			t.Errorf("comment %s counts %d times", id, n)
		}
	}
	if n := p.replies(); n != 1 || len(p.counted()) != 1 {
		t.Errorf("%d replies, commands %v", n, p.counted())
	}
}

// chat goes through commands, sign-offs and what follows from them.
func chat(t testing.TB, doomed int, l *life) *parlour {
	p := newParlour(t)
	step := func(n int) {
		if n == doomed {
			_, _, _, _ = p.go1(l, p.ear())
			p.clock = p.clock.Add(25 * time.Minute)
		}
		p.rest()
	}
	const key = "acme/care/1/decision"
	p.say("noor-h", key, "/approve")
	p.say("dana-w", key, "/decide decline")
	p.say("dana-w", key, "/approve")
	p.say("dana-w", "birch/care/1/call", "/reschedule 2026-05-08 the client is away")
	p.say("dana-w", "acme/care/1/call", "/help")
	step(1)
	p.say("noor-h", key, "/reject too early")
	p.say("dana-w", key, "/decide place")
	p.say("dana-w", key, "/approve")
	p.say("noor-h", key, "/approve")
	p.say("dana-w", "birch/care/1/call", "/done")
	p.say("mallory", "birch/care/1/visit", "/done")
	p.say("noor-h", "birch/care/1/call", "/skip")
	step(2)
	return p
}

// TestCommandsKilledAnywhere stops a run that hears, plans and acts before and after every
// single effect. Every command counts once, everybody is answered, and one reply at most is
// given twice.
func TestCommandsKilledAnywhere(t *testing.T) {
	want := chat(t, 0, nil)
	if n := len(want.counted()); n != 8 {
		t.Fatalf("%d commands: %v", n, want.counted())
	}
	dieAnywhere(t, 2, 10, chat, func(t *testing.T, got *parlour) {
		if d := cmp.Diff(want.counted(), got.counted()); d != "" {
			t.Errorf("commands (-want +got):\n%s", d)
		}
		if d := cmp.Diff(want.forge.reactions, got.forge.reactions); d != "" {
			t.Errorf("reactions (-want +got):\n%s", d)
		}
		if a, b := want.replies(), got.replies(); b < a || b > a+1 {
			t.Errorf("%d replies, want %d", b, a)
		}
		if d := cmp.Diff(want.keys(), got.keys()); d != "" {
			t.Errorf("issues (-want +got):\n%s", d)
		}
		for i := range want.forge.issues {
			if a, b := want.forge.issues[i].State, got.forge.issues[i].State; a != b {
				t.Errorf("%s is %s, want %s", want.forge.issues[i].Title, b, a)
			}
		}
	})
}
