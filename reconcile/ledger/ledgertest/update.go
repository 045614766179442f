package ledgertest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

func absent(t *testing.T, p Place) {
	l := p.Open()
	h := load(t, l)
	if h.Exists || h.Head != "" || len(h.Events())+len(h.Entries)+len(h.Damaged) > 0 {
		t.Errorf("absent ledger reads as %+v", h)
	}
	if l.Name() == "" {
		t.Error("the ledger has no name")
	}
}

func create(t *testing.T, p Place) {
	h := write(t, p.Open(), claim(key("acme", 1), "n1"))
	again := load(t, p.Open())
	for _, h := range []*reconcile.History{h, again} {
		if !h.Exists || h.Head == "" || h.Installation != "northwind" {
			t.Errorf("exists %t, head %q, installation %q", h.Exists, h.Head, h.Installation)
		}
		expectKeys(t, h, key("acme", 1))
		if e := h.Entries[key("acme", 1)]; e == nil || e.State != record.Intent || e.Claim.Nonce != "n1" {
			t.Errorf("entry %+v", e)
		}
	}
	if h.Head != again.Head {
		t.Errorf("head %s after the update, %s when loaded", h.Head, again.Head)
	}
}

func appends(t *testing.T, p Place) {
	a := write(t, p.Open(), claim(key("zeta", 1), "n1"), claim(key("acme", 2), "n2"))
	text := p.Get("v1/acme.jsonl")
	b := write(t, p.Open(), opened(key("acme", 2), 7), claim(key("acme", 1), "n3"))
	if a.Head == b.Head {
		t.Error("the head did not change")
	}
	// By client, then in the order of writing.
	expectKeys(t, load(t, p.Open()), key("acme", 2), key("acme", 2), key("acme", 1), key("zeta", 1))
	if now := p.Get("v1/acme.jsonl"); !strings.HasPrefix(now, text) || strings.Count(now, "\n") != 3 {
		t.Errorf("file went from %q to %q", text, now)
	}
	if e := b.Entries[key("acme", 2)]; e == nil || e.Number != 7 {
		t.Errorf("entry %+v", e)
	}
}

// people has a ledger keep what people commanded, and drop the claim of a comment that
// another run has.
func people(t *testing.T, p Place) {
	commanded := record.Event{V: record.Version, At: day, Key: key("acme", 1), Verb: record.Commanded, Number: 7, Run: "r1", Reason: "as agreed, ü",
		Comment: "77", Command: "decide", Arg: "now", By: "dana", Role: "vcio", Of: "0123456789ab"}
	answered := record.Event{V: record.Version, At: day, Key: key("acme", 1), Verb: record.Answered, Comment: "77"}
	started := record.Event{V: record.Version, At: day, Key: "acme/tickets/t9/whole-run", Verb: record.Started, Number: 9, By: "dana"}
	write(t, p.Open(), commanded, started)
	_, err := p.Open().Update(t.Context(), func(h *reconcile.History) (reconcile.Batch, error) {
		if e := h.Entries[commanded.Key]; e != nil && len(e.Commands) == 1 && e.Commands[0] == commanded {
			return reconcile.Batch{Events: []record.Event{answered}, Message: "answer"}, nil
		}
		return reconcile.Batch{}, errors.New("the command is not known")
	})
	if err != nil {
		t.Fatal(err)
	}
	h := load(t, p.Open())
	expectKeys(t, h, commanded.Key, started.Key, commanded.Key)
	if e := h.Entries[commanded.Key]; e.Answered["77"] != answered || e.State != record.None || e.Number != 0 {
		t.Errorf("entry %+v", e)
	}
	if e := h.Entries[started.Key]; e.Started == nil || *e.Started != started || e.Number != 9 {
		t.Errorf("entry %+v", e)
	}
}

func emptyUpdate(t *testing.T, p Place) {
	nothing := func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{Message: "nothing", Installation: "northwind"}, nil
	}
	h, err := p.Open().Update(t.Context(), nothing)
	if err != nil || h.Exists || load(t, p.Open()).Exists {
		t.Fatalf("empty update made a ledger: %+v, %v", h, err)
	}
	before := write(t, p.Open(), claim(key("acme", 1), "n1"))
	h, err = p.Open().Update(t.Context(), nothing)
	if err != nil || h.Head != before.Head || load(t, p.Open()).Head != before.Head {
		t.Errorf("empty update wrote: %+v, %v", h, err)
	}
}

func decideFails(t *testing.T, p Place) {
	broken := errors.New("broken")
	_, err := p.Open().Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{Events: []record.Event{claim(key("acme", 1), "n")}}, broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if load(t, p.Open()).Exists {
		t.Error("wrote all the same")
	}
}

func cancelled(t *testing.T, p Place) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := p.Open()
	if _, err := l.Load(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("load: %v", err)
	}
	if _, err := l.Update(ctx, always(claim(key("acme", 1), "n"))); !errors.Is(err, context.Canceled) {
		t.Errorf("update: %v", err)
	}
	if load(t, l).Exists {
		t.Error("wrote all the same")
	}
}

func cancelledWhileDeciding(t *testing.T, p Place) {
	before := write(t, p.Open(), claim(key("acme", 1), "n1"))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := p.Open().Update(ctx, func(*reconcile.History) (reconcile.Batch, error) {
		cancel()
		return reconcile.Batch{Events: []record.Event{claim(key("acme", 2), "n2")}}, nil
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, reconcile.ErrUnknownOutcome) {
		t.Errorf("update: %v", err)
	}
	if h := load(t, p.Open()); h.Head != before.Head {
		t.Error("wrote all the same")
	}
}

func badEvent(t *testing.T, p Place) {
	for _, e := range []record.Event{
		{},
		{V: record.Version, At: day, Key: "../../etc/passwd/x", Verb: record.IntendCreate},
		{V: record.Version, At: day, Key: "-/vcio/2026/audit", Verb: record.IntendCreate},
		{V: record.Version + 1, At: day, Key: key("acme", 1), Verb: record.IntendCreate},
	} {
		if _, err := p.Open().Update(t.Context(), always(e)); err == nil {
			t.Errorf("%+v was written", e)
		}
	}
	if load(t, p.Open()).Exists {
		t.Error("wrote all the same")
	}
}
