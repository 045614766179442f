// Package ledgertest is what every ledger must do, as tests.
package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Place is where one ledger lies, absent at first.
type Place struct {
	// Open returns the ledger as another process would open it.
	Open func() reconcile.Ledger
	// Put writes a file of the ledger as a person would, around almanac.
	Put func(name, text string)
	// Get returns the text of a file of the ledger.
	Get func(name string) string
	// Remove deletes the ledger.
	Remove func()
	// Keep returns a function that puts the ledger back to what it is now.
	Keep func() (restore func())
}

// Run runs the suite. Fresh returns a place for one test.
func Run(t *testing.T, fresh func(t *testing.T) Place) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Place)
	}{
		{"absent", absent},
		{"create", create},
		{"append", appends},
		{"people", people},
		{"empty update writes nothing", emptyUpdate},
		{"decide fails", decideFails},
		{"cancelled", cancelled},
		{"cancelled while deciding", cancelledWhileDeciding},
		{"heartbeat", heartbeat},
		{"heartbeat alone", heartbeatAlone},
		{"installation", installation},
		{"race", race},
		{"first creation race", creationRace},
		{"claims in one second", claims},
		{"deleted meanwhile", deletedMeanwhile},
		{"put back meanwhile", restoredMeanwhile},
		{"newer schema", newerSchema},
		{"newer event", newerEvent},
		{"damaged line", damagedLine},
		{"damaged meta", damagedMeta},
		{"event in the wrong file", wrongFile},
		{"file that is no client's", strangeFile},
		{"unknown client", unknownClient},
		{"no final line feed", noFinalLineFeed},
		{"bad event", badEvent},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, fresh(t))
		})
	}
}

// day is the time of the events.
var day = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// claim returns an event that claims an issue.
func claim(key, nonce string) record.Event {
	return record.Event{V: record.Version, At: day, Key: key, Verb: record.IntendCreate, Run: "r1", Nonce: nonce}
}

func opened(key string, number int) record.Event {
	return record.Event{V: record.Version, At: day.Add(time.Minute), Key: key, Verb: record.Opened, Number: number, Run: "r1"}
}

func key(client string, n int) string { return fmt.Sprintf("%s/vcio/2026/step-%d", client, n) }

// write adds events without looking.
func write(t *testing.T, l reconcile.Ledger, events ...record.Event) *reconcile.History {
	t.Helper()
	h, err := l.Update(t.Context(), always(events...))
	if err != nil {
		t.Fatalf("update: %v", err)
	}
	return h
}

func always(events ...record.Event) func(*reconcile.History) (reconcile.Batch, error) {
	return func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{Events: events, Message: "test", Installation: "northwind"}, nil
	}
}

func load(t *testing.T, l reconcile.Ledger) *reconcile.History {
	t.Helper()
	h, err := l.Load(t.Context())
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return h
}

// keys returns the key of each event, in order.
func keys(h *reconcile.History) []string {
	var l []string
	for _, e := range h.Events() {
		l = append(l, e.Key)
	}
	return l
}

func expectKeys(t *testing.T, h *reconcile.History, want ...string) {
	t.Helper()
	if got := keys(h); !slices.Equal(got, want) {
		t.Errorf("events of %q, want %q", got, want)
	}
}

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

func heartbeat(t *testing.T, p Place) {
	beat := func(at time.Time, n string) *reconcile.History {
		h, err := p.Open().Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
			return reconcile.Batch{Events: []record.Event{claim(key("acme", 1), n)}, Heartbeat: at}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for i, c := range []struct{ at, want time.Time }{
		{time.Time{}, time.Time{}},
		{day, day},
		{time.Time{}, day},
		{day.Add(-time.Hour), day},
		{day.Add(time.Hour).In(time.FixedZone("", 3600)), day.Add(time.Hour)},
	} {
		h := beat(c.at, fmt.Sprint("n", i))
		if !h.Heartbeat.Equal(c.want) || h.Heartbeat.Location() != time.UTC {
			t.Errorf("step %d: heartbeat %s, want %s", i, h.Heartbeat, c.want)
		}
	}
}

// heartbeatAlone has a run that found nothing to do.
func heartbeatAlone(t *testing.T, p Place) {
	beat := func(at time.Time) *reconcile.History {
		h, err := p.Open().Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
			return reconcile.Batch{Message: "heartbeat", Heartbeat: at, Installation: "northwind"}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	first := beat(day)
	if !first.Exists || !first.Heartbeat.Equal(day) || len(first.Events()) > 0 {
		t.Errorf("first heartbeat: %+v", first)
	}
	for _, at := range []time.Time{day, day.Add(-time.Hour)} {
		if h := beat(at); h.Head != first.Head {
			t.Errorf("a heartbeat of %s was written", at)
		}
	}
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	beat(day.Add(time.Hour))
	h := load(t, p.Open())
	if !h.Heartbeat.Equal(day.Add(time.Hour)) {
		t.Errorf("heartbeat %s", h.Heartbeat)
	}
	expectKeys(t, h, key("acme", 1))
}

func installation(t *testing.T, p Place) {
	before := write(t, p.Open(), claim(key("acme", 1), "n1"))
	_, err := p.Open().Update(t.Context(), func(*reconcile.History) (reconcile.Batch, error) {
		return reconcile.Batch{Events: []record.Event{claim(key("acme", 2), "n2")}, Installation: "contoso"}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "northwind") || !strings.Contains(err.Error(), "contoso") {
		t.Errorf("another organization's update: %v", err)
	}
	if h := load(t, p.Open()); h.Head != before.Head || h.Installation != "northwind" {
		t.Errorf("wrote all the same: %+v", h)
	}
}

// each runs f for 0 to n-1 at once.
func each(n int, f func(i int)) {
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { f(i) })
	}
	wait.Wait()
}

func race(t *testing.T, p Place) {
	const writers, updates = 8, 5
	write(t, p.Open(), claim(key("acme", 0), "first"))
	raceOf(t, p, writers, updates)
	h := load(t, p.Open())
	if len(h.Events()) != writers*updates+1 {
		t.Errorf("%d events, want %d", len(h.Events()), writers*updates+1)
	}
	for w := range writers {
		for n := range updates {
			if h.Entries[key(fmt.Sprint("client-", w%3), w*100+n)] == nil {
				t.Errorf("update %d of writer %d is lost", n, w)
			}
		}
	}
}

func creationRace(t *testing.T, p Place) {
	raceOf(t, p, 4, 1)
	if h := load(t, p.Open()); len(h.Events()) != 4 {
		t.Errorf("%d events, want 4", len(h.Events()))
	}
}

// raceOf lets writers write to three files at once; each sees its own event afterwards.
func raceOf(t *testing.T, p Place, writers, updates int) {
	each(writers, func(w int) {
		l := p.Open()
		for n := range updates {
			k := key(fmt.Sprint("client-", w%3), w*100+n)
			h, err := l.Update(t.Context(), always(claim(k, fmt.Sprint("w", w, "n", n))))
			if err != nil {
				t.Errorf("writer %d: %v", w, err)
			} else if h.Entries[k] == nil {
				t.Errorf("writer %d does not see what it wrote", w)
			}
		}
	})
}

// claims lets two writers claim the same keys at the same moment, with equal events but for
// the nonce: each key is claimed once.
func claims(t *testing.T, p Place) {
	const rounds = 6
	write(t, p.Open(), claim(key("acme", 99), "first"))
	a, b := p.Open(), p.Open()
	for n := range rounds {
		k := key("acme", n)
		var won [2]bool
		each(2, func(i int) {
			_, err := []reconcile.Ledger{a, b}[i].Update(t.Context(), func(h *reconcile.History) (reconcile.Batch, error) {
				won[i] = h.Entries[k] == nil
				if !won[i] {
					return reconcile.Batch{}, nil
				}
				return reconcile.Batch{Events: []record.Event{claim(k, "same")}, Message: "claim"}, nil
			})
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
		if won[0] == won[1] {
			t.Errorf("round %d: both claims have the outcome %t", n, won[0])
		}
	}
	if h := load(t, p.Open()); len(h.Events()) != rounds+1 {
		t.Errorf("%d events, want %d", len(h.Events()), rounds+1)
	}
}

// meanwhile calls f once, between reading and writing, and returns the histories that
// decide was given and the one that Update returned.
func meanwhile(t *testing.T, l reconcile.Ledger, f func(), e record.Event) (given []*reconcile.History, now *reconcile.History) {
	t.Helper()
	now, err := l.Update(t.Context(), func(h *reconcile.History) (reconcile.Batch, error) {
		if given = append(given, h); len(given) == 1 {
			f()
		}
		return reconcile.Batch{Events: []record.Event{e}, Installation: "northwind"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return given, now
}

func deletedMeanwhile(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	given, h := meanwhile(t, p.Open(), p.Remove, claim(key("acme", 2), "n2"))
	if len(given) != 2 || !given[0].Exists || given[1].Exists {
		t.Errorf("decided %d times: the deletion was not noticed", len(given))
	}
	expectKeys(t, h, key("acme", 2))
	expectKeys(t, load(t, p.Open()), key("acme", 2))
}

func restoredMeanwhile(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	restore := p.Keep()
	write(t, p.Open(), claim(key("acme", 2), "n2"))
	given, h := meanwhile(t, p.Open(), restore, claim(key("acme", 3), "n3"))
	if len(given) != 2 || len(given[0].Events()) != 2 || len(given[1].Events()) != 1 {
		t.Errorf("decided %d times: what was put back was not noticed", len(given))
	}
	expectKeys(t, h, key("acme", 1), key("acme", 3))
}

// refuses expects that nothing can be written, for a reason.
func refuses(t *testing.T, p Place, target error, words ...string) {
	t.Helper()
	before := p.Get("v1/acme.jsonl")
	_, err := p.Open().Update(t.Context(), always(claim(key("acme", 2), "n2"), claim(key("zeta", 2), "n2")))
	if err == nil || target != nil && !errors.Is(err, target) {
		t.Fatalf("update: %v, want %v", err, target)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
	if p.Get("v1/acme.jsonl") != before {
		t.Error("wrote all the same")
	}
}

func newerSchema(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	p.Put("meta.json", `{"schema": 9, "shards": {"by": "month"}}`)
	refuses(t, p, record.ErrNewer, "schema 9", "up to 1")
	if _, err := p.Open().Load(t.Context()); !errors.Is(err, record.ErrNewer) {
		t.Errorf("load: %v", err)
	}
}

func newerEvent(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"), claim(key("zeta", 1), "n1"))
	p.Put("v1/acme.jsonl", p.Get("v1/acme.jsonl")+`{"v": 7, "what": "is this"}`+"\n")
	h := load(t, p.Open())
	if !errors.Is(h.Damaged["acme"], record.ErrNewer) || len(h.Damaged) != 1 {
		t.Errorf("damaged: %v", h.Damaged)
	}
	refuses(t, p, record.ErrNewer, "version 7", "v1/acme.jsonl:2")
}

func damagedLine(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"), claim(key("zeta", 1), "n1"))
	p.Put("v1/acme.jsonl", p.Get("v1/acme.jsonl")+"<<<<<<< ours\n")
	write(t, p.Open(), opened(key("acme", 1), 4), claim(key("zeta", 2), "n2"))
	h := load(t, p.Open())
	if err := h.Damaged["acme"]; err == nil || !strings.Contains(err.Error(), "v1/acme.jsonl:2") || len(h.Damaged) != 1 {
		t.Errorf("damaged: %v", h.Damaged)
	}
	// What can be read is still known, and the others go on.
	expectKeys(t, h, key("acme", 1), key("acme", 1), key("zeta", 1), key("zeta", 2))
	if !strings.Contains(p.Get("v1/acme.jsonl"), "<<<<<<< ours\n") {
		t.Error("the damaged line was dropped")
	}
}

func damagedMeta(t *testing.T, p Place) {
	for _, text := range []string{"", "[]", `{"schema": 0}`, `{"schema": 1, "color": "red"}`} {
		write(t, p.Open(), claim(key("acme", 1), "n1"))
		sound := p.Get("meta.json")
		p.Put("meta.json", text)
		if _, err := p.Open().Load(t.Context()); err == nil || !strings.Contains(err.Error(), "meta.json") {
			t.Errorf("meta.json %q: %v", text, err)
		}
		refuses(t, p, nil, "meta.json")
		p.Put("meta.json", sound)
	}
}

func wrongFile(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"), claim(key("zeta", 1), "n1"))
	p.Put("v1/zeta.jsonl", p.Get("v1/acme.jsonl"))
	h := load(t, p.Open())
	if err := h.Damaged["zeta"]; err == nil || len(h.Damaged) != 1 {
		t.Errorf("damaged: %v", h.Damaged)
	}
	expectKeys(t, h, key("acme", 1))
}

func strangeFile(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	p.Put("v1/Acme copy.jsonl", p.Get("v1/acme.jsonl"))
	p.Put("v1/notes.txt", "remember the milk")
	p.Put("README.md", "do not edit")
	h := write(t, p.Open(), claim(key("acme", 2), "n2"))
	if h.Damaged["Acme copy"] == nil || len(h.Damaged) != 1 {
		t.Errorf("damaged: %v", h.Damaged)
	}
	expectKeys(t, h, key("acme", 1), key("acme", 2))
	if p.Get("README.md") != "do not edit" || p.Get("v1/notes.txt") != "remember the milk" {
		t.Error("files of others were changed")
	}
}

func unknownClient(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	line, err := record.Encode(claim(key("long-gone", 1), "n1"))
	if err != nil {
		t.Fatal(err)
	}
	p.Put("v1/long-gone.jsonl", string(line))
	h := write(t, p.Open(), claim(key("acme", 2), "n2"))
	if len(h.Damaged) > 0 || h.Entries[key("long-gone", 1)] == nil {
		t.Errorf("damaged %v, entries %v", h.Damaged, h.Entries)
	}
}

func noFinalLineFeed(t *testing.T, p Place) {
	write(t, p.Open(), claim(key("acme", 1), "n1"))
	p.Put("v1/acme.jsonl", strings.TrimSuffix(p.Get("v1/acme.jsonl"), "\n"))
	write(t, p.Open(), claim(key("acme", 2), "n2"))
	h := load(t, p.Open())
	expectKeys(t, h, key("acme", 1), key("acme", 2))
	if len(h.Damaged) > 0 {
		t.Errorf("damaged: %v", h.Damaged)
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
