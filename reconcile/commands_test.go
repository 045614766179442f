package reconcile_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// TestCommandsInOrder: a decision and its sign-offs in one run, in the order in which they
// were written, and what follows from them in the plan of the same run.
func TestCommandsInOrder(t *testing.T) {
	p := newParlour(t)
	const key = "acme/care/1/decision"
	p.say("noor-h", key, "/approve")
	p.say("dana-w", key, "/decide place they asked for it")
	p.say("dana-w", key, "/approve")
	p.say("noor-h", key, "/approve")
	p.say("dana-w", "birch/care/1/call", "/done")
	h := p.hear()
	want := []string{"refused approve " + key + " by noor", "accepted decide " + key + " by dana", "accepted approve " + key + " by dana",
		"accepted approve " + key + " by noor", "accepted done birch/care/1/call by dana"}
	if d := cmp.Diff(want, verdicts(h)); d != "" {
		t.Error(d)
	}
	p.rest()
	for _, i := range p.forge.issues {
		done := strings.Contains(i.Body, "k="+key+" ") || strings.Contains(i.Body, "k=birch/care/1/call ")
		if done != (i.State == issue.Closed) {
			t.Errorf("%s is %s", i.Title, i.State)
		}
	}
	if p.keys()["acme/care/1/letter"] != 1 {
		t.Error("the letter is not opened")
	}
	if n := p.replies(); n != 1 {
		t.Errorf("%d replies", n)
	}
	if len(p.forge.reactions) != 5 {
		t.Errorf("reactions %v", p.forge.reactions)
	}
}

// TestPermissionFailsClosed: without the permission a command is refused, and without an
// answer it waits; then the run is no success, and the next one hears it.
func TestPermissionFailsClosed(t *testing.T) {
	p := newParlour(t)
	p.say("priya-r", "acme/care/1/visit", "/take")
	if h := p.hear(); len(h.Commands) != 1 || h.Commands[0].Accepted || !strings.Contains(h.Commands[0].Reason, "write") || len(p.counted()) != 0 {
		t.Errorf("%+v", h.Commands)
	}
	for _, person := range p.cat.People {
		if person.ID == "priya" {
			person.GitHub = "broken"
		}
	}
	p.clock = p.clock.Add(5 * time.Hour)
	before := p.book.heartbeat
	id := p.say("broken", "acme/care/1/visit", "/done")
	h := p.hear()
	if len(h.Failed) != 1 || len(h.Commands) != 0 || p.book.heartbeat != before {
		t.Errorf("%+v, heartbeat %s after %s", h, p.book.heartbeat, before)
	}
	p.clock = p.clock.Add(50 * time.Hour)
	for _, person := range p.cat.People {
		if person.ID == "priya" {
			person.GitHub = "fine"
		}
	}
	p.forge.permissions["fine"] = "admin"
	p.forge.said[len(p.forge.said)-1].Author = "fine"
	if p.hear(); p.counted()[id] != 1 {
		t.Error("the command was lost")
	}
}

// TestEventIsNotBelieved: the comment is fetched anew; one that says something else by now
// is refused, and one that no list shows yet is heard.
func TestEventIsNotBelieved(t *testing.T) {
	p := newParlour(t)
	e := p.ear()
	e.First = p.say("dana-w", "acme/care/1/call", "/done")
	e.Body = "/skip as I said"
	h, _, _, err := p.go1(&life{}, e)
	if err != nil || len(h.Commands) != 1 || h.Commands[0].Accepted || !strings.Contains(h.Commands[0].Reason, "edited") {
		t.Errorf("%v %+v", err, h)
	}
	p.rest()
	e.First, e.Body = p.say("dana-w", "acme/care/1/call", "/done"), "/done"
	p.forge.said[len(p.forge.said)-1].Updated = p.clock.Add(-1000 * time.Hour) // the list does not reach it
	p.forge.said[len(p.forge.said)-1].Created = p.clock.Add(-1000 * time.Hour)
	if h, _, _, err = p.go1(&life{}, e); err != nil || len(h.Commands) != 1 || !h.Commands[0].Accepted {
		t.Errorf("%v %+v", err, h)
	}
	e.First, e.Body = "4711", "/done"
	if h, _, _, err = p.go1(&life{}, e); err != nil || len(h.Commands) != 0 {
		t.Errorf("a comment that is gone: %v %+v", err, h)
	}
}

// TestHostileFlood: a thousand comments of strangers cost one list and nothing else; a
// thousand of one who may leave room for others, and are worked off in bounded pieces.
func TestHostileFlood(t *testing.T) {
	p := newParlour(t)
	for range 1000 {
		p.say("mallory", "acme/care/1/call", "/done")
	}
	p.asked.calls, p.judged = map[string]int{}, 0
	h := p.hear()
	if len(h.Commands) != 0 || !h.Whole() || len(p.asked.calls) != 1 || p.asked.calls["comments"] != 1 || p.judged != 1 {
		t.Errorf("%+v, asked %v, judged %d times", h, p.asked.calls, p.judged)
	}
	for range 1000 {
		p.say("dana-w", "acme/care/1/call", "/shrug")
	}
	p.say("noor-h", "birch/care/1/decision", "/decide place")
	p.asked.calls, p.judged = map[string]int{}, 0
	h = p.hear()
	if len(h.Commands) != 41 || h.Commands[40].By != "noor" || !h.Commands[40].Accepted || h.Left != 960 || p.asked.calls["reply"] != 40 || p.asked.calls["permission noor-h"] != 1 {
		t.Errorf("%d commands, %d left, asked %v", len(h.Commands), h.Left, p.asked.calls)
	}
}

// TestOverhear writes nothing, and plans with what it heard.
func TestOverhear(t *testing.T) {
	p := newParlour(t)
	p.say("dana-w", "acme/care/1/call", "/done")
	p.say("priya-r", "acme/care/1/visit", "/take") // whether she may is not asked
	events := len(p.book.events)
	l := &life{}
	r, f := p.process(l)
	w, err := reconcile.Observe(context.Background(), f, r.Ledger)
	if err != nil {
		t.Fatal(err)
	}
	p.asked.calls = map[string]int{}
	h, err := reconcile.Overhear(context.Background(), f, p.clock, w, p.ear())
	if err != nil || len(h.Commands) != 2 || !h.Commands[0].Accepted || !h.Commands[1].Accepted {
		t.Fatalf("%v %+v", err, h)
	}
	if len(p.book.events) != events || l.effects != 0 || len(p.asked.calls) != 1 {
		t.Errorf("%d events more, %d effects, asked %v", len(p.book.events)-events, l.effects, p.asked.calls)
	}
	pl := plan.Make(p.look(w))
	if !slices.ContainsFunc(pl.Changes, func(c plan.Change) bool { return c.Action == plan.Close && c.Key == "acme/care/1/call" }) {
		t.Errorf("the plan does not close what is done: %+v", pl.Changes)
	}
}

// TestClosedLongAgo: a command on an issue that no list shows is heard all the same.
func TestClosedLongAgo(t *testing.T) {
	p := newParlour(t)
	p.say("dana-w", "acme/care/1/decision", "/decide decline")
	p.say("dana-w", "acme/care/1/decision", "/approve")
	p.say("noor-h", "acme/care/1/decision", "/approve")
	p.rest()
	p.clock = p.clock.Add(200 * time.Hour)
	p.rest()
	p.say("dana-w", "acme/care/1/decision", "/decide place")
	for i := range p.forge.issues {
		if strings.Contains(p.forge.issues[i].Body, "k=acme/care/1/decision ") {
			p.forge.issues[i].Updated = p.forge.issues[i].Closed
		}
	}
	h := p.hear()
	if len(h.Commands) != 1 || !h.Commands[0].Accepted {
		t.Errorf("%+v", h)
	}
}

// TestSweep holds from when on comments are read.
func TestSweep(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	opened := now.AddDate(0, -2, 0)
	h := &reconcile.History{}
	if got := h.Sweep(now, false); got != now.AddDate(0, 0, -7) {
		t.Errorf("without any history from %s", got)
	}
	h.All = func() []record.Event { return []record.Event{{At: now}, {At: opened}} }
	if got := h.Sweep(now, false); got != opened {
		t.Errorf("without a success from %s", got)
	}
	h.Heartbeat = now.Add(-time.Hour)
	if whole, part := h.Sweep(now, false), h.Sweep(now, true); !whole.Before(h.Heartbeat) || part.After(h.Heartbeat.AddDate(0, 0, -7)) {
		t.Errorf("from %s, of a part from %s", whole, part)
	}
}
