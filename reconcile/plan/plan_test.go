package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// northwind is the repository of these tests: one client in a yearly process and a plan.
var northwind = map[string]string{
	"almanac.yaml": `
kind: Organization
id: northwind
name: Northwind IT
timezone: America/Chicago
holidays: {country: us}
email-domains: [northwind.example]
roles:
  - {id: vcio, title: vCIO}
  - {id: engineer, title: Engineer}
  - {id: support, title: Support, pool: true}
channels:
  - {id: ops, type: slack, url-from: {env: SLACK_OPS_URL}}
  - {id: mail, type: email, from: almanac@northwind.example, server-from: {env: SMTP_URL}}
`,
	"people.yaml": `
kind: Person
id: dana
name: Dana Whitfield
email: dana@northwind.example
github: dana-w
roles: [vcio, support]
---
kind: Person
id: priya
name: Priya Raman
github: priya-r
roles: [engineer]
---
kind: Person
id: sol
name: Sol Ibarra
email: sol@contractor.example
roles: [support]
`,
	"acme.yaml": `
kind: Client
id: acme
name: Acme Dental
alignment-date: 2026-06-01
team: {vcio: dana, engineer: priya}
processes:
  - template: vcio
    since: 2026-01-01
`,
	"vcio.yaml": `
kind: ProcessTemplate
id: vcio
title: vCIO process
steps:
  - {id: audit, type: audit, title: IT audit, due: 2 months before, owner: engineer, open: 2 weeks}
  - {id: strategy, type: meeting, title: Annual strategy, due: 1 month before, owner: vcio, open: 3 weeks, after: [audit]}
  - {id: q1, type: meeting, title: Quarterly follow-up, due: 2 months after, owner: vcio, open: 2 weeks}
`,
	"weekly.yaml": `
kind: ProcessTemplate
id: weekly
title: Weekly rounds
steps:
  - {id: rounds, title: Rounds, due: on alignment, owner: support, every: 1 week, times: 20}
`,
}

const (
	audit    = "acme/vcio/2026/audit"
	strategy = "acme/vcio/2026/strategy"
)

// with returns the repository with some files replaced by text in them.
func with(file string, replace ...string) map[string]string {
	files := maps.Clone(northwind)
	text := files[file]
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			panic(fmt.Sprintf("%s does not hold %q", file, replace[i]))
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	files[file] = text
	return files
}

// started returns a world on 1 April 2026, the day the audit is due, with its issue open.
func started(t *testing.T) *world {
	w := newWorld("2026-04-01")
	w.read(t, northwind)
	w.reconcile(t, 1)
	if len(w.issues) != 1 {
		t.Fatalf("%d issues", len(w.issues))
	}
	return w
}

// want compares what a plan comes to.
func want(t *testing.T, p *Plan, lines ...string) {
	t.Helper()
	if d := cmp.Diff(strings.Join(lines, "\n")+"\n", brief(p)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func nothing(t *testing.T, p *Plan) {
	t.Helper()
	if !p.Empty() {
		t.Errorf("something to do:\n%s", brief(p))
	}
}

func TestOpens(t *testing.T) {
	w := newWorld("2026-03-17")
	w.read(t, northwind)
	nothing(t, w.plan(t))
	w.AsOf++
	want(t, w.plan(t), "create acme/vcio/2026/audit [assignee body labels state title]: due 2026-04-01, opens 2 weeks before")
	w.reconcile(t, 1)
	if i := w.find(1); i.Title != "Acme Dental: IT audit (2026)" || !cmp.Equal(i.Assignees, []string{"priya-r"}) {
		t.Errorf("%+v", i)
	}
}

func TestOverdueAndMoved(t *testing.T) {
	w := started(t)
	w.AsOf++
	want(t, w.plan(t), "update acme/vcio/2026/audit [labels]: overdue since 2026-04-02")
	w.reconcile(t, 1)
	w.read(t, with("acme.yaml", "    since:", "    exceptions: [{step: audit, cycle: 2026, move-to: 2026-04-20, reason: client on leave}]\n    since:"))
	want(t, w.plan(t), "update acme/vcio/2026/audit [body labels]: due date moved from 2026-04-01 to 2026-04-20; no longer overdue")
	w.reconcile(t, 1)
	if body := w.find(1).Body; !strings.Contains(body, "Monday 2026-04-20 (moved from Wednesday 2026-04-01: client on leave)") {
		t.Error(body)
	}
}

func TestOwner(t *testing.T) {
	w := started(t)
	w.find(1).Assignees = []string{"dana-w", "priya-r"}
	nothing(t, w.plan(t))
	w.read(t, with("acme.yaml", "engineer: priya", "engineer: dana"))
	p := w.plan(t)
	want(t, p, "update acme/vcio/2026/audit [assignee body]: Dana Whitfield has it now, before it was Priya Raman",
		"notify acme/vcio/2026/audit []: tells the new owner")
	if c := p.Changes[0]; c.Comment != "Dana Whitfield has it now, before it was Priya Raman." || c.Before["assignee"] != "priya" {
		t.Errorf("%+v", c)
	}
	w.reconcile(t, 1)
	if d := cmp.Diff([]string{"dana-w"}, w.find(1).Assignees); d != "" {
		t.Error(d)
	}
	w.find(1).Assignees = nil // somebody else's decision
	nothing(t, w.plan(t))
}

func TestPeopleMayEdit(t *testing.T) {
	w := started(t)
	i := w.find(1)
	i.Labels = append(i.Labels, "urgent", "Waiting for parts")
	i.Body = "Key under the mat.\n\n" + strings.ReplaceAll(i.Body, "\n", "\r\n") + "\r\n\r\nCall first.\r\n"
	w.reconcile(t, 1)
	if got := w.find(1).Body; !strings.HasPrefix(got, "Key under the mat.\n") || !strings.Contains(got, "\n\nCall first.\n") {
		t.Errorf("%q", got)
	}
	i.Title, i.Body, i.Labels = "mine", "all gone", []string{"urgent", "almanac", "type:call"}
	p := w.plan(t)
	want(t, p, "update acme/vcio/2026/audit [body labels title]: differs from the files: body, labels, title")
	w.reconcile(t, 1)
	if got := w.find(1); !strings.HasPrefix(got.Body, "all gone\n\n") || got.Title != "Acme Dental: IT audit (2026)" ||
		!cmp.Equal(got.Labels, []string{"almanac", "client:acme", "process:vcio", "role:engineer", "type:audit", "urgent"}) {
		t.Errorf("%+v", got)
	}
}

func TestHumanClose(t *testing.T) {
	for how, state := range map[issue.CloseReason]State{issue.Completed: Done, "": Done, issue.NotPlanned: Skipped, issue.Duplicate: Skipped} {
		w := started(t)
		w.close(1, how)
		verb := map[State]string{Done: "done", Skipped: "skipped"}[state]
		want(t, w.plan(t), "record "+verb+" acme/vcio/2026/audit ")
		w.reconcile(t, 1)
		w.issues = nil // closed long ago, and no longer listed
		p := w.plan(t)
		nothing(t, p)
		o, _ := w.Engine.Lookup(audit)
		if got := Look(w.Inputs).State(&o); got != state {
			t.Errorf("closed as %q: %s", how, got)
		}
	}
}

func TestHumanReopens(t *testing.T) {
	w := started(t)
	w.close(1, issue.Completed)
	w.reconcile(t, 1)
	w.find(1).State = issue.Open
	nothing(t, w.plan(t))
	o, _ := w.Engine.Lookup(audit)
	if got := Look(w.Inputs).State(&o); got != Open {
		t.Error(got)
	}
	w.close(1, issue.NotPlanned)
	want(t, w.plan(t), "record skipped acme/vcio/2026/audit ")
	w.reconcile(t, 1)
	w.find(1).State = issue.Open
	w.read(t, with("acme.yaml", "    since:", "    overrides: {audit: {remove: true}}\n    since:"))
	want(t, w.plan(t), "close acme/vcio/2026/audit [state]: the step was taken out for Acme Dental")
	w.reconcile(t, 1)
	w.find(1).State = issue.Open // what we closed and a person opens stays
	nothing(t, w.plan(t))
}

func TestDependencies(t *testing.T) {
	w := started(t)
	w.AsOf = civil.MustParse("2026-04-15")
	w.reconcile(t, 1)
	want(t, w.plan(t), "waiting acme/vcio/2026/strategy: waits for acme/vcio/2026/audit")
	w.AsOf = civil.MustParse("2026-08-15") // far too late for both, but one waits for the other
	w.read(t, with("vcio.yaml", ", open: 2 weeks}\n", "}\n"))
	w.reconcile(t, 1)
	w.clock = w.AsOf.Time()
	w.close(1, issue.Completed)
	p := w.reconcile(t, 2)
	if !strings.Contains(brief(p), "create "+strategy) || !strings.Contains(brief(p), "; what it waited for is done") {
		t.Error(brief(p))
	}
	w.find(1).State = issue.Open
	p = w.reconcile(t, 1)
	if !strings.Contains(brief(p), "update acme/vcio/2026/strategy [labels]: waits for acme/vcio/2026/audit") {
		t.Error(brief(p))
	}
}

func TestMissed(t *testing.T) {
	w := newWorld("2026-05-20")
	w.read(t, northwind)
	want(t, w.plan(t),
		"create acme/vcio/2026/strategy [assignee body labels state title]: due 2026-05-01, 19 days ago",
		"missed acme/vcio/2026/audit: never opened, and due before the catch-up window")
	w.AsOf = civil.MustParse("2027-04-03")
	if got := brief(w.plan(t)); strings.Contains(got, audit) {
		t.Errorf("still missed after a year:\n%s", got)
	}
}

func TestRecurring(t *testing.T) {
	files := func(policy string) map[string]string {
		f := with("almanac.yaml", "channels:", "policies: {catch-up: {recurring: "+policy+"}}\nchannels:")
		f["acme.yaml"] = strings.Replace(f["acme.yaml"], "template: vcio", "template: weekly", 1)
		return f
	}
	for policy, lines := range map[string][]string{
		"latest": {"create acme/weekly/2026/rounds/3", "missed acme/weekly/2026/rounds/1", "missed acme/weekly/2026/rounds/2"},
		"all":    {"create acme/weekly/2026/rounds/1", "create acme/weekly/2026/rounds/2", "create acme/weekly/2026/rounds/3"},
		"none":   {"missed acme/weekly/2026/rounds/1", "missed acme/weekly/2026/rounds/2", "missed acme/weekly/2026/rounds/3"},
	} {
		w := newWorld("2026-06-18")
		w.read(t, files(policy))
		var got []string
		for _, l := range strings.Split(strings.TrimSpace(brief(w.reconcile(t, 1))), "\n") {
			got = append(got, strings.TrimSuffix(strings.Join(strings.Fields(l)[:2], " "), ":"))
		}
		if d := cmp.Diff(lines, got); d != "" {
			t.Errorf("%s: -want +got:\n%s", policy, d)
		}
	}
}

func TestCancelledRemovedInactive(t *testing.T) {
	for name, tt := range map[string]struct{ find, put, why string }{
		"cancelled": {"    since:", "    exceptions: [{step: audit, cycle: 2026, cancel: true, reason: merged}]\n    since:", "called off: merged"},
		"removed":   {"    since:", "    overrides: {audit: {remove: true}}\n    since:", "the step was taken out for Acme Dental"},
		"inactive":  {"processes:", "inactive: [{from: 2026-03-30, reason: contract lapsed}]\nprocesses:", "Acme Dental is inactive since 2026-03-30 (contract lapsed)"},
		"moved":     {"alignment-date: 2026-06-01", "alignment-date: 2027-06-01", "nothing falls due under this key any more: a date, a repetition or a cycle was changed"},
		"left":      {"template: vcio", "template: weekly", "Acme Dental is no longer in vcio"},
	} {
		t.Run(name, func(t *testing.T) {
			w := started(t)
			w.read(t, with("acme.yaml", tt.find, tt.put))
			p := w.plan(t)
			want(t, p, "close acme/vcio/2026/audit [state]: "+tt.why)
			if c := p.Changes[0]; c.CloseReason != issue.NotPlanned || !strings.HasPrefix(c.Comment, "Closed as not planned: ") {
				t.Errorf("%+v", c)
			}
			w.reconcile(t, 1)
			w.read(t, northwind)
			want(t, w.plan(t), "update acme/vcio/2026/audit [state]: wanted again; due 2026-04-01, opens 2 weeks before")
			w.reconcile(t, 1)
			w.close(1, issue.NotPlanned) // now a person says so
			w.reconcile(t, 1)
			nothing(t, w.plan(t))
			if w.find(1).State != issue.Closed || w.opened[audit] != 1 {
				t.Errorf("%+v", w.find(1))
			}
		})
	}
}

func TestAbsenceIsNotDeletion(t *testing.T) {
	w := started(t)
	files := maps.Clone(northwind)
	files["acme.yaml"] = strings.Replace(files["acme.yaml"], "id: acme", "id: other", 1)
	w.read(t, files)
	w.AsOf = civil.MustParse("2026-03-01")
	p := w.plan(t)
	want(t, p, "orphan #1 acme/vcio/2026/audit: no file describes the client acme any more")
	delete(files, "acme.yaml")
	w.read(t, files)
	want(t, w.plan(t), "orphan #1 acme/vcio/2026/audit: no file describes the client acme any more", "blocked desired-empty  1 > 0")
}

func TestFrozen(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"client":       with("acme.yaml", "name: Acme Dental", "nam: Acme Dental"),
		"template":     with("vcio.yaml", "title: vCIO process", "titel: vCIO process"),
		"organization": with("almanac.yaml", "timezone:", "timezon:"),
		"no kind":      with("acme.yaml", "kind: Client", "kind: Cliant"),
		"no id":        with("acme.yaml", "id: acme", "idd: acme"),
		"emptied":      overwritten("acme.yaml", ""),
		"no document":  overwritten("acme.yaml", "nothing here\n"),
		"a conflict":   overwritten("acme.yaml", "<<<<<<< HEAD\n"),
	} {
		t.Run(name, func(t *testing.T) {
			w := started(t)
			w.AsOf = civil.MustParse("2026-05-01")
			w.read(t, files)
			p := w.plan(t)
			if !p.Empty() || len(p.Frozen) != 1 || p.Blocked != nil {
				t.Fatal(brief(p))
			}
			if f := p.Frozen[0]; !strings.Contains(f.Reason, ".yaml:") || name != "organization" && (f.Client != "acme" || f.Issues != 1) {
				t.Errorf("%+v", f)
			}
		})
	}
}

// overwritten returns the files with another text for one of them.
func overwritten(file, text string) map[string]string {
	files := maps.Clone(northwind)
	files[file] = text
	return files
}

func TestForeign(t *testing.T) {
	w := started(t)
	body := w.find(1).Body
	other := strings.Replace(body, "i=northwind", "i=contoso", 1)
	second := strings.Replace(body, "/audit", "/strategy", 1)
	w.open("mallory", "pasted", second, []string{"almanac"}, nil)
	w.open(robot, "another installation", other, []string{"almanac"}, nil)
	w.open(robot, "no label", second, nil, nil)
	w.open("mallory", "label only", "hello", []string{"Almanac"}, nil)
	w.open("mallory", "nothing", "hello", nil, nil)
	want(t, w.plan(t),
		"foreign #2 : it has a marker, but was opened by mallory",
		"foreign #3 : its marker names another installation: contoso",
		"foreign #4 : it has a marker, but not the label almanac",
		"foreign #5 : it has the label almanac, but no marker of ours")
	w.issues = w.issues[:1]
	w.find(1).Body = second // the ledger knows better than a marker that was edited
	want(t, w.plan(t), "update acme/vcio/2026/audit [body]: differs from the files: body")
}

func TestDuplicates(t *testing.T) {
	w := started(t)
	one := *w.find(1)
	w.open(robot, one.Title, one.Body, one.Labels, nil)
	p := w.plan(t)
	want(t, p, "close acme/vcio/2026/audit [state]: the same step as #1")
	if c := p.Changes[0]; c.Number != 2 || c.CloseReason != issue.Duplicate {
		t.Errorf("%+v", c)
	}
	w.reconcile(t, 1)
	w.events = slicesOf(w.events, 2) // the ledger knows of the second one only
	w.events[0].Number, w.find(2).State, w.find(2).Reason = 2, issue.Open, ""
	want(t, w.plan(t),
		"adopt acme/vcio/2026/audit []: issue #1 carries the key, and the ledger does not know it",
		"close acme/vcio/2026/audit [state]: the same step as #1")
	w.reconcile(t, 1)
}

func slicesOf(l []record.Event, n int) []record.Event { return append([]record.Event{}, l[:n]...)[:1] }

func TestLost(t *testing.T) {
	w := started(t)
	one := *w.find(1)
	w.remove(1)
	want(t, w.plan(t), "record lost acme/vcio/2026/audit ")
	w.reconcile(t, 1)
	w.open(robot, one.Title, one.Body, one.Labels, one.Assignees)
	p := w.reconcile(t, 2)
	if !strings.HasPrefix(brief(p), "adopt ") {
		t.Error(brief(p))
	}
}

// TestManyLost holds that a forge without the issues of the ledger, which is another one
// than it was, stops the run instead of giving them all up; a few may well be deleted.
func TestManyLost(t *testing.T) {
	for _, tt := range []struct{ open, gone, limit int }{{9, 3, -1}, {9, 4, 3}, {12, 3, -1}, {12, 4, 3}, {12, 12, 3}} {
		w := newWorld("2026-04-01")
		w.read(t, crowd(tt.open))
		w.reconcile(t, 1)
		for i := range tt.gone {
			w.remove(i + 1)
		}
		p := w.plan(t)
		if tt.limit < 0 {
			if p.Blocked != nil {
				t.Errorf("%d of %d: %+v", tt.gone, tt.open, p.Blocked)
			}
			continue
		}
		if p.Blocked == nil || p.Blocked.Rule != RuleGone || p.Blocked.Limit != tt.limit || p.Blocked.Got != tt.gone {
			t.Errorf("%d of %d: %+v", tt.gone, tt.open, p.Blocked)
			continue
		}
		w.Approve = p.Blocked.Approve
		if p := w.plan(t); p.Blocked != nil || !p.Approved {
			t.Errorf("%d of %d: the approval does not count: %+v", tt.gone, tt.open, p.Blocked)
		}
		if tt.gone == tt.open {
			continue
		}
		w.remove(tt.gone + 1)
		if p := w.plan(t); p.Blocked == nil || !p.Blocked.Stale {
			t.Errorf("%d of %d: a stale approval counts: %+v", tt.gone, tt.open, p.Blocked)
		}
	}
}

func TestFirstRunWithoutLedger(t *testing.T) {
	w := started(t)
	w.events, w.ledger = nil, false
	w.AsOf = civil.MustParse("2026-04-12")
	w.read(t, with("vcio.yaml", ", after: [audit]", ""))
	want(t, w.plan(t),
		"adopt acme/vcio/2026/audit []: issue #1 carries the key, and the ledger does not know it",
		"deferred acme/vcio/2026/strategy: a first run without a ledger only adopts the issues that are there")
	w.reconcile(t, 2)
	if len(w.issues) != 2 {
		t.Errorf("%d issues", len(w.issues))
	}
}

func TestUnseen(t *testing.T) {
	w := started(t)
	p := w.plan(t)
	nothing(t, p)
	w.Observed = nil
	w.Gone = nil
	p = Make(w.Inputs)
	want(t, p, "blocked nothing-observed  1 > 0")
}

func TestRenames(t *testing.T) {
	w := started(t)
	files := with("acme.yaml", "id: acme", "id: acme-dental\npreviously: [acme]")
	files["vcio.yaml"] = strings.Replace(files["vcio.yaml"], "id: audit,", "id: it-audit, previously: [audit],", 1)
	files["vcio.yaml"] = strings.Replace(files["vcio.yaml"], "after: [audit]", "after: [it-audit]", 1)
	w.read(t, files)
	want(t, w.plan(t),
		"update acme-dental/vcio/2026/it-audit [body labels]: renamed from acme/vcio/2026/audit",
		"record renamed acme-dental/vcio/2026/it-audit acme/vcio/2026/audit")
	w.reconcile(t, 1)
	w.close(1, issue.Completed)
	w.reconcile(t, 1)
	if e := record.Fold(w.events)["acme-dental/vcio/2026/it-audit"]; e == nil || e.Outcome != record.Done {
		t.Errorf("%+v", e)
	}
}

// crowd returns a repository with so many clients that are in the process.
func crowd(n int) map[string]string {
	files := maps.Clone(northwind)
	delete(files, "acme.yaml")
	for i := range n {
		id := fmt.Sprintf("c%02d", i)
		files[id+".yaml"] = strings.Replace(northwind["acme.yaml"], "id: acme", "id: "+id, 1)
	}
	return files
}

func TestCreateLimits(t *testing.T) {
	w := newWorld("2026-04-01")
	files := crowd(7)
	files["almanac.yaml"] = strings.Replace(files["almanac.yaml"], "channels:", "policies: {limits: {creates-per-run: 5, creates-per-client: 1}}\nchannels:", 1)
	files["vcio.yaml"] = strings.Replace(files["vcio.yaml"], "due: 2 months after", "due: 58 days before", 1)
	w.read(t, files)
	p := w.plan(t)
	if p.Summary.Create != 5 || len(p.Deferred) != 9 || p.Blocked != nil {
		t.Fatal(brief(p))
	}
	for _, c := range p.Changes {
		if !strings.HasSuffix(c.Key, "/audit") {
			t.Errorf("%s comes before an older one", c.Key)
		}
	}
	w.reconcile(t, 4)
	if len(w.issues) != 14 {
		t.Errorf("%d issues", len(w.issues))
	}
}

func TestCloseGate(t *testing.T) {
	remove := func(files map[string]string, n int) {
		for i := range n {
			name := fmt.Sprintf("c%02d.yaml", i)
			files[name] = strings.Replace(files[name], "    since:", "    overrides: {audit: {remove: true}}\n    since:", 1)
		}
	}
	for _, tt := range []struct{ open, closes, limit int }{
		{9, 3, -1}, {9, 4, 3}, {10, 2, -1}, {10, 3, 2}, {12, 3, -1}, {12, 4, 3}, {40, 10, -1}, {40, 11, 10}, {3, 3, -1},
	} {
		w := newWorld("2026-04-01")
		files := crowd(tt.open)
		w.read(t, files)
		w.reconcile(t, 1)
		remove(files, tt.closes)
		w.read(t, files)
		p := w.plan(t)
		switch {
		case tt.limit < 0:
			if p.Blocked != nil {
				t.Errorf("%d of %d: %+v", tt.closes, tt.open, p.Blocked)
			}
			continue
		case p.Blocked == nil || p.Blocked.Rule != RuleCloses || p.Blocked.Limit != tt.limit || p.Blocked.Got != tt.closes:
			t.Errorf("%d of %d: %+v", tt.closes, tt.open, p.Blocked)
			continue
		}
		w.Approve = p.Blocked.Approve
		if p := w.plan(t); p.Blocked != nil || !p.Approved {
			t.Errorf("%d of %d: the approval does not count: %+v", tt.closes, tt.open, p.Blocked)
		}
		files = crowd(tt.open)
		remove(files, tt.closes+1)
		w.read(t, files)
		if p := w.plan(t); p.Blocked == nil || !p.Blocked.Stale {
			t.Errorf("%d of %d: a stale approval counts: %+v", tt.closes, tt.open, p.Blocked)
		}
	}
}

// TestClientGate holds that what is not asked for in a client's own file is watched for
// each client, and what is asked for is not.
func TestClientGate(t *testing.T) {
	w := newWorld("2026-04-01")
	files := crowd(20)
	steps := "steps:\n"
	for i := range 5 {
		steps += fmt.Sprintf("  - {id: s%d, title: Step %d, due: 2 months before, owner: vcio}\n", i, i)
	}
	files["five.yaml"] = "kind: ProcessTemplate\nid: five\ntitle: Five\n" + steps
	files["c00.yaml"] += "  - template: five\n    since: 2026-01-01\n"
	w.read(t, files)
	w.reconcile(t, 1)
	files["c00.yaml"] = strings.Replace(files["c00.yaml"], "template: five", "template: weekly", 1)
	w.read(t, files)
	if p := w.plan(t); p.Blocked == nil || p.Blocked.Client != "c00" || p.Blocked.Got != 5 || p.Blocked.Limit != 3 {
		t.Errorf("%+v", p.Blocked)
	}
	files["c00.yaml"] = strings.Replace(files["c00.yaml"], "processes:", "inactive: [{from: 2026-03-01}]\nprocesses:", 1)
	w.read(t, files)
	if p := w.plan(t); p.Blocked != nil || p.Summary.Close != 6 {
		t.Error(brief(p))
	}
}

func TestFilter(t *testing.T) {
	w := newWorld("2026-04-01")
	files := crowd(12)
	w.read(t, files)
	w.Client = func(id string) bool { return id == "c03" }
	if p := w.plan(t); p.Summary.Create != 1 {
		t.Error(brief(p))
	}
	w.Client = nil
	w.reconcile(t, 1)
	for name := range files {
		if name[0] == 'c' {
			files[name] = strings.Replace(files[name], "processes:", "inactive: [{from: 2026-03-01}]\nprocesses:", 1)
		}
	}
	w.read(t, files)
	w.Client = func(id string) bool { return id == "c03" || id == "c04" }
	p := w.plan(t)
	if p.Blocked != nil || p.Summary.Close != 2 {
		t.Error(brief(p))
	}
	w.Client = nil
	if p := w.plan(t); p.Blocked == nil || p.Blocked.Got != 12 || p.Blocked.Limit != 3 {
		t.Error(brief(p))
	}
}

func TestNotices(t *testing.T) {
	w := newWorld("2026-03-30")
	w.read(t, with("vcio.yaml", "owner: engineer, open: 2 weeks}",
		"owner: engineer, with: [support], open: 2 weeks, notify: [{before: 2 days, via: [ops, mail]}, {to: ['@dana'], before: 2 weeks}], remind: {after: 1 day, every: 2 days, max: 3}, escalate: {after: 4 days, to: [vcio]}}"))
	p := w.plan(t)
	if p.Summary.Notify != 2 || p.Summary.Stale != 1 {
		t.Fatalf("%+v\n%s", p.Summary, brief(p))
	}
	got := ""
	for _, c := range p.Changes {
		if c.Notice != nil {
			got += c.Notice.Channel + " " + strings.Join(c.Notice.To, ",") + " " + c.Notice.Title + "\n"
		}
	}
	if d := cmp.Diff("mail dana Acme Dental: IT audit (2026) is due Wednesday 2026-04-01\nops dana,priya Acme Dental: IT audit (2026) is due Wednesday 2026-04-01\n", got); d != "" {
		t.Error(d)
	}
	want(t, &Plan{Refused: p.Refused},
		"refused priya acme/vcio/2026/audit: has no e-mail address for the channel mail",
		"refused sol acme/vcio/2026/audit: has an e-mail address outside email-domains")
	w.reconcile(t, 1)
	w.AsOf = civil.MustParse("2026-04-06") // reminders for the 2nd, 4th and 6th, an escalation for the 5th
	p = w.reconcile(t, 1)
	if got := brief(p); p.Summary.Notify != 2 || !strings.Contains(got, "reminder for 2026-04-06") || !strings.Contains(got, "escalation for 2026-04-05") {
		t.Error(got)
	}
	w.AsOf++
	nothing(t, w.plan(t))
	for id, n := range w.sent {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}

func TestUnknownNotice(t *testing.T) {
	w := newWorld("2026-03-30")
	w.read(t, with("vcio.yaml", "open: 2 weeks}", "open: 2 weeks, notify: [{before: 2 days}]}"))
	w.reconcile(t, 1)
	w.events[len(w.events)-1].Verb = record.IntendNotify // the run died after it had claimed to send
	if p := w.plan(t); p.Summary.Notify != 1 {
		t.Error("a notice of which nobody knows whether it went out is lost")
	}
}

func TestClaimedButNotOpened(t *testing.T) {
	w := newWorld("2026-04-01")
	w.read(t, northwind)
	w.tell(record.Event{Key: audit, Verb: record.IntendCreate, Nonce: "a"})
	if got := brief(w.plan(t)); !strings.HasSuffix(got, "; claimed before, and it is not known what became of it\n") {
		t.Error(got)
	}
}

func TestClaimedToClose(t *testing.T) {
	w := started(t)
	w.read(t, with("acme.yaml", "    since:", "    overrides: {audit: {remove: true}}\n    since:"))
	w.tell(record.Event{Key: audit, Verb: record.IntendClose, Number: 1, Reason: "the step was taken out", Nonce: "a"})
	w.close(1, issue.NotPlanned)
	want(t, w.plan(t), "record closed acme/vcio/2026/audit ")
}

func TestStates(t *testing.T) {
	w := started(t)
	w.AsOf = civil.MustParse("2026-04-20")
	w.reconcile(t, 1)
	v := Look(w.Inputs)
	for key, state := range map[string]State{audit: Overdue, strategy: BlockedStep, "acme/vcio/2026/q1": Scheduled, "acme/vcio/2027/audit": Scheduled} {
		o, ok := w.Engine.Lookup(key)
		if got := v.State(&o); !ok || got != state {
			t.Errorf("%s is %s, want %s", key, got, state)
		}
	}
}

func TestJSONContract(t *testing.T) {
	w := newWorld("2026-04-01")
	w.read(t, northwind)
	b, err := json.Marshal(w.plan(t))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		FormatVersion int                         `json:"format_version"`
		Changes       []map[string]any            `json:"changes"`
		Summary       map[string]int              `json:"summary"`
		Rest          map[string]*json.RawMessage `json:"-"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &doc.Rest); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"format_version", "as_of", "commit", "changes", "deferred", "missed", "orphans", "blocked", "summary"} {
		if _, ok := doc.Rest[k]; !ok {
			t.Errorf("no %s", k)
		}
	}
	for _, k := range []string{"action", "key", "reason", "fields", "before", "after", "source"} {
		if _, ok := doc.Changes[0][k]; !ok {
			t.Errorf("no %s in a change", k)
		}
	}
	for _, k := range []string{"create", "update", "close", "adopt", "notify", "none"} {
		if _, ok := doc.Summary[k]; !ok {
			t.Errorf("no %s in the summary", k)
		}
	}
}

// TestNoOrganization holds that without an organization nothing is planned, and nothing
// breaks.
func TestNoOrganization(t *testing.T) {
	cat := &schema.Catalog{}
	cat.Index()
	e, err := due.New(cat, due.Options{AsOf: 1})
	if err != nil {
		t.Fatal(err)
	}
	p := Make(Inputs{Catalog: cat, Engine: e, AsOf: civil.MustParse("2026-04-01"), Frozen: Frozen(cat, nil)})
	want(t, p, "frozen * 0: there is no valid organization")
}
