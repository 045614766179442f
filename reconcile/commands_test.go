package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/command"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/diag"
)

const careOrganization = `kind: Organization
id: northwind
name: Northwind IT
timezone: UTC
email-domains: [northwind.example]
roles:
  - {id: vcio, title: vCIO}
  - {id: director, title: Director}
  - {id: support, title: Support, pool: true}
defaults: {notify: []}
---
kind: Person
id: dana
name: Dana Whitfield
github: dana-w
roles: [vcio]
---
kind: Person
id: noor
name: Noor Haddad
github: noor-h
roles: [director]
---
kind: Person
id: priya
name: Priya Raman
github: priya-r
roles: [support]
`

const carePlaybook = `kind: Playbook
id: care
title: Extra care
owner: dana
steps:
  - {id: decision, title: Decide, owner: vcio, due: on start, approve: [vcio, director], decide: {id: placement, question: "Placed?", options: [place, decline]}}
  - {id: call, title: Call, owner: vcio, due: on start}
  - {id: visit, title: Visit, owner: support, due: on start}
  - {id: letter, title: Letter, owner: vcio, after: [decision], when: {placement: [place]}, due: 1 day after decision, open: 1 week}
`

// parlour is a world in which people write comments.
type parlour struct {
	*world
	// judged counts how often a judge was made, asked what the forge was asked.
	judged int
	asked  *tally
}

// tally counts what a forge is asked.
type tally struct {
	mu    sync.Mutex
	calls map[string]int
}

func (a *tally) count(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls[what]++
}

type counting struct {
	mortal
	*tally
}

func (c counting) Permission(ctx context.Context, login string) (string, error) {
	c.count("permission " + login)
	if login == "broken" {
		return "", errors.New("no answer")
	}
	return c.mortal.Permission(ctx, login)
}

func (c counting) Comments(ctx context.Context, since time.Time) ([]issue.Comment, error) {
	c.count("comments")
	return c.mortal.Comments(ctx, since)
}

func (c counting) Get(ctx context.Context, n int) (issue.Issue, error) {
	c.count("get")
	return c.mortal.Get(ctx, n)
}

func (c counting) Comment(ctx context.Context, n int, text string) error {
	c.count("reply")
	return c.mortal.Comment(ctx, n, text)
}

func newParlour(t testing.TB) *parlour {
	client := func(id string) string {
		return "kind: Client\nid: " + id + "\nname: " + id + "\nteam: {vcio: dana, director: noor}\nprocesses:\n  - template: care\n    start: 2026-05-04\n"
	}
	p := &parlour{world: newWorld(t, tree(map[string]string{"almanac.yaml": careOrganization, "care.yaml": carePlaybook, "acme.yaml": client("acme"), "birch.yaml": client("birch")}), "2026-05-04"),
		asked: &tally{calls: map[string]int{}}}
	p.forge.permissions = map[string]string{"dana-w": "write", "noor-h": "admin", "priya-r": "read"}
	p.rest()
	return p
}

// say writes a comment on the issue of a step.
func (p *parlour) say(login, key, body string) string {
	at := slices.IndexFunc(p.forge.issues, func(i issue.Issue) bool { return strings.Contains(i.Body, "k="+key+" ") })
	if at < 0 {
		p.t.Fatalf("no issue of %s", key)
	}
	c := issue.Comment{ID: fmt.Sprint(1000 + len(p.forge.said)), Issue: at + 1, Author: login, Body: body, Created: p.clock, Updated: p.clock}
	p.forge.said = append(p.forge.said, c)
	p.forge.issues[at].Updated = p.clock
	p.clock = p.clock.Add(time.Second)
	return c.ID
}

func (p *parlour) look(w *reconcile.World) plan.Inputs {
	p.t.Helper()
	in := plan.Inputs{Groups: true, Catalog: p.cat, AsOf: p.today, Observed: w.Issues, Gone: w.Gone, Identity: w.Identity,
		Entries: w.History.Entries, LedgerExists: w.History.Exists, Frozen: plan.Frozen(p.cat, diag.List{})}
	in.Progress = progress.Look(progress.Inputs{Catalog: p.cat, AsOf: p.today, Entries: in.Entries, Observed: w.Issues, Gone: w.Gone, Identity: w.Identity})
	var err error
	if in.Engine, err = due.New(p.cat, due.Options{AsOf: p.today, Facts: in.Progress.Facts()}); err != nil {
		p.t.Fatal(err)
	}
	return in
}

func (p *parlour) ear() reconcile.Ear {
	return reconcile.Ear{Permission: "write", Judge: func(w *reconcile.World) (func(issue.Comment) command.Verdict, error) {
		p.judged++
		in := p.look(w)
		cw := command.World{Catalog: p.cat, AsOf: p.today, Engine: in.Engine, Progress: in.Progress, View: plan.Look(in)}
		return func(c issue.Comment) command.Verdict { return command.Judge(cw, c) }, nil
	}}
}

// process returns what carries out a run with a life.
func (p *parlour) process(l *life) (*reconcile.Run, counting) {
	p.runs++
	run, nonces := p.runs, 0
	f := counting{mortal{p.forge, l}, p.asked}
	return &reconcile.Run{Forge: f, Ledger: ledger{p.book, l}, Notifier: notifier{p.post, l}, Installation: "northwind", Name: fmt.Sprintf("run-%d", run),
		Now: func() time.Time { return p.clock }, Nonce: func() string { nonces++; return fmt.Sprintf("%d-%d", run, nonces) }}, f
}

// go1 is one run: it hears, plans and acts.
func (p *parlour) go1(l *life, e reconcile.Ear) (*reconcile.Heard, *plan.Plan, *reconcile.Result, error) {
	r, f := p.process(l)
	observed := p.clock
	w, err := reconcile.Observe(context.Background(), f, r.Ledger)
	if err != nil {
		return nil, nil, nil, err
	}
	h, err := r.Commands(context.Background(), w, e)
	p.clock = p.clock.Add(time.Second)
	if err != nil {
		return h, nil, nil, err
	}
	pl := plan.Make(p.look(w))
	if pl.Blocked != nil {
		p.t.Fatalf("blocked: %+v", pl.Blocked)
	}
	res, err := r.Apply(context.Background(), pl, w, observed)
	return h, pl, res, err
}

// hear is one run of a process that lives.
func (p *parlour) hear() *reconcile.Heard {
	p.t.Helper()
	h, _, _, err := p.go1(&life{}, p.ear())
	if err != nil {
		p.t.Fatal(err)
	}
	return h
}

// rest runs until nothing is left to do.
func (p *parlour) rest() {
	p.t.Helper()
	for range 12 {
		h, pl, res, err := p.go1(&life{}, p.ear())
		if err != nil {
			p.t.Fatal(err)
		}
		if pl.Empty() && !res.Partial() && h.Whole() && len(h.Commands) == 0 {
			return
		}
		p.clock = p.clock.Add(25 * time.Minute)
	}
	p.t.Fatal("no end after twelve runs")
}

// verdicts are the commands of a run, in words.
func verdicts(h *reconcile.Heard) (l []string) {
	for _, c := range h.Commands {
		how := "refused"
		if c.Accepted {
			how = "accepted"
		}
		l = append(l, how+" "+c.Command+" "+c.Key+" by "+c.By)
	}
	return l
}

// counted returns the commands in the ledger by comment, and how often each was written.
func (p *parlour) counted() map[string]int {
	m := map[string]int{}
	for _, e := range p.book.events {
		if e.Verb == record.Commanded {
			m[e.Comment]++
		}
	}
	return m
}

func (p *parlour) replies() (n int) {
	for _, l := range p.forge.comments {
		for _, text := range l {
			if strings.Contains(text, "was not carried out") || strings.Contains(text, "A command is") {
				n++
			}
		}
	}
	return n
}

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
	for doomed := 1; doomed <= 2; doomed++ {
		count := &life{}
		chat(t, doomed, count)
		if count.effects < 10 {
			t.Fatalf("run %d has only %d effects", doomed, count.effects)
		}
		for at := 1; at <= count.effects; at++ {
			for _, after := range []bool{false, true} {
				got := chat(t, doomed, &life{at: at, after: after})
				where := fmt.Sprintf("run %d/effect %d/after %v", doomed, at, after)
				if d := cmp.Diff(want.counted(), got.counted()); d != "" {
					t.Errorf("%s: commands (-want +got):\n%s", where, d)
				}
				if d := cmp.Diff(want.forge.reactions, got.forge.reactions); d != "" {
					t.Errorf("%s: reactions (-want +got):\n%s", where, d)
				}
				if a, b := want.replies(), got.replies(); b < a || b > a+1 {
					t.Errorf("%s: %d replies, want %d", where, b, a)
				}
				if d := cmp.Diff(want.keys(), got.keys()); d != "" {
					t.Errorf("%s: issues (-want +got):\n%s", where, d)
				}
				for i := range want.forge.issues {
					if a, b := want.forge.issues[i].State, got.forge.issues[i].State; a != b {
						t.Errorf("%s: %s is %s, want %s", where, want.forge.issues[i].Title, b, a)
					}
				}
			}
		}
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
