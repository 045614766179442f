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

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/command"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

var careOrganization = loadtest.Northwind(`roles:
  - {id: vcio, title: vCIO}
  - {id: director, title: Director}
  - {id: support, title: Support, pool: true}
defaults: {notify: []}
`, "dana", "noor", "priya")

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
