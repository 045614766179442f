package command

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

var organization = loadtest.Northwind(`roles:
  - {id: vcio, title: vCIO}
  - {id: director, title: Director, previously: [boss]}
  - {id: support, title: Support, pool: true}
  - {id: account-manager, title: Account manager}
defaults: {notify: []}
policies: {commands: {reschedule: 10 days}}
`, "dana", "noor", "priya", "tomasz", "ines", "lee")

const playbook = `kind: Playbook
id: care
title: Extra care
owner: dana
requested-by: by
fields:
  - {id: by, type: person, required: true}
  - {id: causes, title: Root cause, type: list, required-for: cause}
steps:
  - {id: decision, title: Decide, owner: vcio, due: on start, approve: [vcio, director], decide: {id: placement, question: "Placed?", options: [place, decline]}}
  - {id: call, title: Call, owner: vcio, with: [account-manager], due: on start, previously: [phone]}
  - {id: visit, title: Visit, owner: support, due: on start}
  - {id: cause, title: Find the cause, owner: support, due: on start, approve: [vcio]}
  - {id: letter, title: Letter, owner: vcio, after: [call], due: on start}
  - {id: meeting, title: Meet, owner: vcio, due: on start, issue: shared}
`

func client(id, more string) string {
	return "kind: Client\nid: " + id + "\nname: " + strings.ToUpper(id) + "\nteam: {vcio: dana, director: noor, account-manager: ines}\n" +
		"processes:\n  - template: care\n    start: 2026-05-04\n    fields: {by: ines}\n" + more
}

// bench is a world in which commands are judged: every step has an open issue, whose number
// is in numbers by the id of the step, or by the key.
type bench struct {
	t       *testing.T
	files   map[string]string
	today   civil.Date
	events  []record.Event
	issues  []issue.Issue
	numbers map[string]int
	trust   bool
	scope   func(string) bool
	frozen  map[string]string
	said    int
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, today: civil.MustParse("2026-05-04"), numbers: map[string]int{}, files: map[string]string{
		"almanac.yaml": organization, "care.yaml": playbook, "acme.yaml": client("acme", ""), "birch.yaml": client("birch", "")}}
	for _, c := range []string{"acme", "birch"} {
		for _, s := range []string{"decision", "call", "visit", "cause", "letter"} {
			b.open(c + "/care/1/" + s)
		}
	}
	b.open("all-clients/care/2026-05-04/meeting")
	for key, n := range b.numbers {
		if step, ok := strings.CutPrefix(key, "acme/care/1/"); ok {
			b.numbers[step] = n
		}
	}
	b.numbers["meeting"] = b.numbers["all-clients/care/2026-05-04/meeting"]
	return b
}

// open opens an issue, as the ledger has it too.
func (b *bench) open(key string) {
	k, err := issue.ParseKey(key)
	if err != nil {
		b.t.Fatal(err)
	}
	n := len(b.issues) + 1
	b.numbers[key] = n
	b.issues = append(b.issues, issue.Issue{Number: n, Title: key, State: issue.Open, Labels: []string{issue.OwnershipLabel}, Author: "almanac[bot]",
		Body: issue.Marker{Key: k, Installation: "northwind"}.String()})
	b.events = append(b.events, record.Event{V: 1, At: b.now(), Key: key, Verb: record.Opened, Number: n, Due: b.today})
}

func (b *bench) now() time.Time {
	return b.today.Time().Add(8*time.Hour + time.Duration(len(b.events))*time.Second)
}

// world puts together what is known.
func (b *bench) world() World {
	b.t.Helper()
	m := fstest.MapFS{}
	for name, text := range b.files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := load.Load(b.t.Context(), m, load.Options{})
	if err != nil || r.Faults.HasErrors() {
		b.t.Fatalf("%v %v", err, r.Faults)
	}
	w := World{Catalog: r.Catalog, AsOf: b.today, Trusting: b.trust}
	entries := record.Fold(b.events)
	w.Progress = progress.Look(progress.Inputs{Catalog: r.Catalog, AsOf: b.today, Zone: time.UTC, Entries: entries, Observed: b.issues})
	if w.Engine, err = due.New(r.Catalog, due.Options{AsOf: b.today, Facts: w.Progress.Facts()}); err != nil {
		b.t.Fatal(err)
	}
	w.View = plan.Look(plan.Inputs{Catalog: r.Catalog, AsOf: b.today, Zone: time.UTC, Engine: w.Engine, Progress: w.Progress, Observed: b.issues,
		Entries: entries, LedgerExists: true, Client: b.scope, Frozen: b.frozen})
	return w
}

// say judges a comment, and what is accepted is in the ledger from then on.
func (b *bench) say(login, step, body string) Verdict {
	b.t.Helper()
	b.said++
	c := issue.Comment{ID: fmt.Sprint(b.said), Issue: b.numbers[step], Author: login, Body: body, Created: b.now(), Updated: b.now()}
	if c.Issue == 0 {
		b.t.Fatalf("there is no issue of %s", step)
	}
	return b.hear(c)
}

func (b *bench) hear(c issue.Comment) Verdict {
	b.t.Helper()
	v := Judge(b.world(), c)
	if e := v.Event; e.Verb != "" {
		e.V, e.At = record.Version, b.now()
		if _, err := record.Encode(e); err != nil {
			b.t.Errorf("%s: %v", c.Body, err)
		}
		b.events = append(b.events, e)
	}
	return v
}

// verdict in a word, with the beginning of why.
func (v Verdict) word() string {
	switch {
	case v.Ignored != "":
		return "ignored"
	case v.Refused != "":
		return "refused"
	case v.Reply != "":
		return "told"
	case v.Event.Verb == record.Commanded:
		return "accepted"
	}
	return "nothing"
}

// play says lines of `login step command`, and wants each to end as the word before it says.
func (b *bench) play(lines ...string) {
	b.t.Helper()
	for _, line := range lines {
		w := strings.SplitN(line, " ", 4)
		if v := b.say(w[1], w[2], w[3]); v.word() != w[0] {
			b.t.Errorf("%q is %s: %s%s", line, v.word(), v.Refused, v.Ignored)
		}
	}
}
