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
)

const organization = `kind: Organization
id: northwind
name: Northwind IT
timezone: UTC
email-domains: [northwind.example]
roles:
  - {id: vcio, title: vCIO}
  - {id: director, title: Director, previously: [boss]}
  - {id: support, title: Support, pool: true}
  - {id: account-manager, title: Account manager}
defaults: {notify: []}
policies: {commands: {reschedule: 10 days}}
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
---
kind: Person
id: tomasz
name: Tomasz Zielinski
github: tomasz-z
roles: [support]
---
kind: Person
id: ines
name: Ines Duarte
github: ines-d
roles: [account-manager]
---
kind: Person
id: lee
name: Lee Okafor
roles: [vcio]
`

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

// TestWhoMay is every verb by everybody: dana is the vCIO, noor the director, ines the account
// manager who takes part in the call, priya and tomasz are the support pool; lee has no login.
func TestWhoMay(t *testing.T) {
	people := []string{"dana-w", "noor-h", "ines-d", "priya-r"}
	b := newBench(t)
	w := b.world()
	say := func(login, step, body string) Verdict {
		return Judge(w, issue.Comment{ID: "1", Issue: b.numbers[step], Author: login, Body: body})
	}
	for _, tt := range []struct {
		step, body string
		// may are who is accepted, in the order of people: + accepted, - refused.
		may string
	}{
		{"call", "/done", "+-+-"},
		{"call", "/skip the client was here", "+---"},
		{"call", "/reschedule 2026-05-08", "+---"},
		{"call", "/note line was busy", "+-+-"},
		{"call", "/take", "----"},
		{"call", "/release", "----"},
		{"call", "/approve", "----"},
		{"call", "/reject no", "----"},
		{"call", "/decide place", "----"},
		{"decision", "/decide place", "++--"},
		{"decision", "/decide maybe", "----"},
		{"decision", "/decide", "----"},
		{"decision", "/done", "----"},
		{"decision", "/reject not like this", "++--"},
		{"decision", "/reject", "----"},
		{"decision", "/approve", "----"}, // nothing is decided yet
		{"visit", "/take", "---+"},
		{"visit", "/done", "---+"},
		{"visit", "/skip", "----"},
		{"visit", "/release", "----"}, // nobody has it
		{"cause", "/approve", "----"}, // the field is missing
		{"letter", "/done", "----"},   // the call comes first
		{"letter", "/skip nobody reads it", "+---"},
		{"meeting", "/done acme", "+---"},
		{"meeting", "/done", "----"},
		{"meeting", "/done nobody", "----"},
		{"meeting", "/note birch they are glad", "+---"},
	} {
		for i, login := range people {
			v := say(login, tt.step, tt.body)
			if want := map[byte]string{'+': "accepted", '-': "refused"}[tt.may[i]]; v.word() != want {
				t.Errorf("%s by %s on %s: %s (%s%s), want %s", tt.body, login, tt.step, v.word(), v.Refused, v.Ignored, want)
			}
			if v.word() == "refused" && v.Event != (record.Event{}) {
				t.Errorf("%s by %s on %s is refused, and gives an event", tt.body, login, tt.step)
			}
		}
		for _, login := range []string{"mallory", "lee", "dana", "Dana Whitfield", "ghost", ""} {
			if v := say(login, tt.step, tt.body); v.word() != "ignored" || v.Unseen {
				t.Errorf("%s by the stranger %q on %s: %s", tt.body, login, tt.step, v.word())
			}
		}
	}
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

func TestSignOffInOrder(t *testing.T) {
	b := newBench(t)
	b.play(
		"accepted noor-h decision /decide place",
		"refused noor-h decision /approve",  // the vCIO first
		"refused priya-r decision /approve", // not asked
		"refused dana-w decision /approve 0123456789ab",
		"accepted dana-w decision /approve",
		"refused dana-w decision /approve", // now the director
		"accepted noor-h decision /reject say why first",
		"refused noor-h decision /approve",
		"accepted dana-w decision /approve",
		"accepted noor-h decision /approve",
		"refused noor-h decision /approve",
		"refused dana-w decision /skip too late",
	)
	var last record.Event
	for _, e := range b.events {
		if e.Command == "approve" {
			last = e
		}
	}
	if last.Role != "director" || last.By != "noor" || len(last.Of) != 12 || last.Key != "acme/care/1/decision" {
		t.Errorf("the last sign-off is %+v", last)
	}
}

func TestPool(t *testing.T) {
	newBench(t).play(
		"accepted priya-r visit /take",
		"refused priya-r visit /take",
		"refused tomasz-z visit /take",
		"refused ines-d visit /release",
		"accepted tomasz-z visit /release she is ill",
		"refused tomasz-z visit /release",
		"accepted tomasz-z visit /take",
		"accepted tomasz-z visit /done",
		"refused tomasz-z visit /done",
		"refused priya-r visit /reschedule 2026-05-08",
	)
}

func TestRescheduleIsBounded(t *testing.T) {
	newBench(t).play(
		"refused dana-w call /reschedule",
		"refused dana-w call /reschedule friday",
		"refused dana-w call /reschedule 2026-02-30",
		"refused dana-w call /reschedule 2026-05-03",
		"refused dana-w call /reschedule 2026-05-15",
		"accepted dana-w call /reschedule 2026-05-14 the client is away",
		"accepted dana-w call /reschedule 2026-05-04",
	)
}

// TestFormerNames: comments may use ids of before.
func TestFormerNames(t *testing.T) {
	b := newBench(t)
	b.files["acme.yaml"] = strings.Replace(b.files["acme.yaml"], "id: acme\n", "id: acme-dental\npreviously: [acme]\n", 1)
	b.play("accepted dana-w meeting /done acme")
	if e := b.events[len(b.events)-1]; e.Key != "acme-dental/care/1/meeting" {
		t.Errorf("the command is about %s", e.Key)
	}
}

// TestDeputy: while somebody is away the deputy may do as much.
func TestDeputy(t *testing.T) {
	b := newBench(t)
	b.play("refused tomasz-z call /done")
	b.files["almanac.yaml"] = strings.Replace(organization, "github: dana-w\n", "github: dana-w\naway: [{from: 2026-05-01, to: 2026-05-20, deputy: tomasz}]\n", 1)
	b.play("accepted tomasz-z call /note line was busy", "accepted dana-w call /note from the beach", "accepted tomasz-z call /done")
}

// TestDeputyAway: one who is away as well stands in for nobody.
func TestDeputyAway(t *testing.T) {
	b := newBench(t)
	b.files["almanac.yaml"] = strings.NewReplacer("github: dana-w\n", "github: dana-w\naway: [{from: 2026-05-01, to: 2026-05-20, deputy: tomasz}]\n",
		"github: tomasz-z\n", "github: tomasz-z\naway: [{from: 2026-05-01, to: 2026-05-20}]\n").Replace(organization)
	b.play("refused tomasz-z call /skip as I like")
}

// TestLateDecision: a closed step can still be decided anew while the run goes on.
func TestLateDecision(t *testing.T) {
	b := newBench(t)
	b.play("accepted dana-w decision /decide decline", "accepted dana-w decision /approve", "accepted noor-h decision /approve")
	i := &b.issues[b.numbers["decision"]-1]
	i.State, i.Reason, i.Closed = issue.Closed, issue.Completed, b.now()
	b.events = append(b.events, record.Event{V: 1, At: b.now(), Key: "acme/care/1/decision", Verb: record.Done, Number: i.Number})
	b.play("accepted dana-w decision /decide place the director asked", "refused dana-w call /decide place", "told dana-w decision /help")
}

func TestFileWins(t *testing.T) {
	b := newBench(t)
	b.files["acme.yaml"] += "    decisions: {placement: place}\n"
	b.play("refused dana-w decision /decide decline", "accepted dana-w decision /approve")
}

func TestEndedRun(t *testing.T) {
	b := newBench(t)
	b.files["acme.yaml"] += "    ended: 2026-05-04\n"
	for _, body := range []string{"/done", "/skip it", "/reschedule 2026-05-08", "/take"} {
		if v := b.say("dana-w", "call", body); v.word() != "refused" {
			t.Errorf("%s: %s", body, v.word())
		}
	}
}

// TestSeparateHands: neither who asked for the run nor one person for two roles signs off.
func TestSeparateHands(t *testing.T) {
	b := newBench(t)
	b.files["acme.yaml"] = strings.Replace(b.files["acme.yaml"], "by: ines", "by: dana", 1)
	b.play("accepted dana-w decision /decide place", "refused dana-w decision /approve")
	b = newBench(t)
	b.files["acme.yaml"] = strings.Replace(b.files["acme.yaml"], "director: noor", "director: dana", 1)
	b.play("accepted dana-w decision /decide place", "accepted dana-w decision /approve", "refused dana-w decision /approve")
}

// TestHostile are comments that look like commands and are none for us, or not as they stand.
func TestHostile(t *testing.T) {
	b := newBench(t)
	b.issues = append(b.issues, issue.Issue{Number: 99, Title: "mine", State: issue.Open, Author: "mallory", Labels: []string{issue.OwnershipLabel}})
	b.numbers["strange"] = 99
	at := b.now()
	on := func(change func(*issue.Comment)) issue.Comment {
		c := issue.Comment{ID: "7", Issue: b.numbers["call"], Author: "dana-w", Body: "/done", Created: at, Updated: at}
		change(&c)
		return c
	}
	for name, tt := range map[string]struct {
		comment issue.Comment
		want    string
	}{
		"as it should be":      {on(func(*issue.Comment) {}), "accepted"},
		"a login in capitals":  {on(func(c *issue.Comment) { c.Author = "DANA-W" }), "accepted"},
		"edited":               {on(func(c *issue.Comment) { c.Updated = at.Add(time.Second) }), "refused"},
		"a program":            {on(func(c *issue.Comment) { c.Bot = true }), "ignored"},
		"a stranger":           {on(func(c *issue.Comment) { c.Author = "mallory" }), "ignored"},
		"a stranger, edited":   {on(func(c *issue.Comment) { c.Author, c.Updated = "mallory", at.Add(1) }), "ignored"},
		"somebody's id":        {on(func(c *issue.Comment) { c.Author = "lee" }), "ignored"},
		"another issue":        {on(func(c *issue.Comment) { c.Issue = 99 }), "ignored"},
		"an issue far away":    {on(func(c *issue.Comment) { c.Issue = 4711 }), "ignored"},
		"quoted":               {on(func(c *issue.Comment) { c.Body = "> /done" }), "ignored"},
		"in a block of code":   {on(func(c *issue.Comment) { c.Body = "```\n/done\n```" }), "ignored"},
		"in the second line":   {on(func(c *issue.Comment) { c.Body = "thanks\n/done" }), "ignored"},
		"a path":               {on(func(c *issue.Comment) { c.Body = "/etc/passwd" }), "ignored"},
		"no verb":              {on(func(c *issue.Comment) { c.Body = "/merge" }), "refused"},
		"a novel":              {on(func(c *issue.Comment) { c.Body = "/done " + strings.Repeat("x", 300) }), "refused"},
		"an address":           {on(func(c *issue.Comment) { c.Body = "/done told jo@client.example" }), "refused"},
		"a secret":             {on(func(c *issue.Comment) { c.Body = "/done password: hunter2hunter2" }), "refused"},
		"characters that turn": {on(func(c *issue.Comment) { c.Body = "/done \u202e gnihton" }), "refused"},
	} {
		b.events = b.events[:11]
		if v := b.hear(tt.comment); v.word() != tt.want {
			t.Errorf("%s: %s (%s%s), want %s", name, v.word(), v.Refused, v.Ignored, tt.want)
		}
	}
}

// TestTwoPeopleOneLogin: of whom is not known who wrote, nobody did.
func TestTwoPeopleOneLogin(t *testing.T) {
	b := newBench(t)
	b.files["almanac.yaml"] = strings.Replace(organization, "github: noor-h", "github: dana-w", 1)
	b.play("ignored dana-w call /done")
}

// TestTrusted: where whoever writes is believed, ids and names do.
func TestTrusted(t *testing.T) {
	b := newBench(t)
	b.trust = true
	b.play("accepted dana call /note one", "accepted dana-w call /note two", "refused lee call /note three", "ignored mallory call /done")
	if v := b.say("Dana Whitfield", "call", "/done"); v.word() != "accepted" || v.Event.By != "dana" {
		t.Errorf("%+v", v)
	}
}

// TestOtherShard: what is about the clients of another run is left to it.
func TestOtherShard(t *testing.T) {
	b := newBench(t)
	b.scope = func(id string) bool { return id == "birch" }
	b.play("ignored dana-w call /done", "ignored dana-w meeting /done birch")
	b.scope = func(id string) bool { return id == "all-clients" }
	b.play("accepted dana-w meeting /done acme", "accepted dana-w meeting /done birch")
}

// TestFrozen: while files are wrong the answer says so, and nothing else happens.
func TestFrozen(t *testing.T) {
	b := newBench(t)
	b.frozen = map[string]string{"acme": "acme.yaml:3: unknown field"}
	b.play("refused dana-w call /done", "refused dana-w meeting /done acme", "accepted dana-w meeting /done birch")
}

// TestObsolete: a step that the files have no more is answered, too.
func TestObsolete(t *testing.T) {
	b := newBench(t)
	b.files["care.yaml"] = strings.Replace(playbook, "  - {id: visit, title: Visit, owner: support, due: on start}\n", "", 1)
	b.play("refused priya-r visit /done")
}

// TestRefusalsHelp holds that every refusal says what to do: it names a command, a person or a
// file, or that there is nothing to do.
func TestRefusalsHelp(t *testing.T) {
	b := newBench(t)
	w, n := b.world(), 0
	for _, step := range []string{"decision", "call", "visit", "cause", "letter", "meeting"} {
		for _, v := range append(Verbs(), "merge") {
			for _, rest := range []string{"", " acme", " acme 2026-01-01", " 2026-01-01", " 2027-01-01 x", " place", " x"} {
				for _, login := range []string{"dana-w", "priya-r", "noor-h"} {
					why := Judge(w, issue.Comment{ID: "1", Issue: b.numbers[step], Author: login, Body: "/" + string(v) + rest}).Refused
					if why == "" {
						continue
					}
					n++
					helps := strings.Contains(why, ": ") || strings.Contains(why, "such as /") || strings.Contains(why, "nothing left to do")
					if !helps || strings.HasSuffix(why, ".") || strings.ToLower(why[:1]) != why[:1] || strings.Contains(why, "  ") || strings.Contains(why, ": ,") {
						t.Errorf("%s on %s by %s: %q", "/"+string(v)+rest, step, login, why)
					}
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d refusals", n)
	}
}

func TestHelpFitsTheIssue(t *testing.T) {
	b := newBench(t)
	for step, want := range map[string][2]string{
		"call":     {"`/done`", "/approve"},
		"decision": {"`/decide place`", "/done"},
		"visit":    {"`/take`", "/decide"},
		"meeting":  {"`/done acme`", "/take"},
	} {
		v := b.say("ines-d", step, "/help")
		if v.word() != "told" || !strings.Contains(v.Reply, want[0]) || strings.Contains(v.Reply, want[1]) || !strings.Contains(v.Reply, "`/help`") {
			t.Errorf("%s: %s %q", step, v.word(), v.Reply)
		}
	}
}

func TestAnswerQuotesHarmlessly(t *testing.T) {
	got := Answer(issue.Comment{Author: "dana-w", Body: "/done `x` @northwind/all <!-- almanac:begin --> " + strings.Repeat("y", 90) + "\nsecond"}, "ask @dana")
	for _, bad := range []string{"second", "<!-- almanac:begin", strings.Repeat("y", 60)} {
		if strings.Contains(got, bad) {
			t.Errorf("%q holds %q", got, bad)
		}
	}
	if strings.Contains(got, "ask @dana") || !strings.Contains(got, "was not carried out: ask ") {
		t.Errorf("%q", got)
	}
}
