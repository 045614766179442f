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
