package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

const welcome = `
kind: OnboardingPlan
id: welcome
title: Welcome
tracking: {owner: vcio, title: All of the welcome}
milestones: [{id: visit, title: Visit, due: week 9}]
weeks:
  - week: 0
    steps:
      - {id: sign, number: "0.1", title: Sign @all, owner: support, open: 1 week}
      - {id: skip, number: "0.2", title: Skip me, owner: support, open: 1 week}
      - {id: call, number: "0.3", title: Call, owner: support, open: 1 week, after: [sign]}
      - {id: off, title: Not for them, owner: support}
  - week: 1
    steps:
      - {id: mail, title: Mail, owner: support, every: [mon, wed], issue: none}
      - {id: news, title: News, owner: support, every: 1 month, open: 0 days}
  - week: 0
    milestone: visit
    steps: [{id: day, title: Day, owner: support, due: on visit}]
`

const wholeRun = "acme/welcome/1/whole-run"

// welcomed returns the world of one client in the plan, with more of its assignment.
func welcomed(t *testing.T, asOf, more string) *world {
	w := newWorld(asOf)
	w.Groups = true
	w.readWelcome(t, more)
	return w
}

func (w *world) readWelcome(t *testing.T, more string) {
	files := with("acme.yaml", "  - template: vcio\n    since: 2026-01-01\n", "  - template: welcome\n    start: 2026-05-04\n"+more)
	files["welcome.yaml"] = welcome
	w.read(t, files)
}

// listed returns the lines of the task list of an issue.
func listed(body string) (l []string) {
	for s := range strings.Lines(body) {
		if strings.HasPrefix(s, "- [") {
			l = append(l, strings.TrimRight(s, "\n"))
		}
	}
	return l
}

func (w *world) byKey(t *testing.T, key string) *issue.Issue {
	t.Helper()
	for i := range w.issues {
		if m, ok := issue.ParseMarker(w.issues[i].Body); ok && m.Key.String() == key {
			return &w.issues[i]
		}
	}
	t.Fatalf("no issue of %s", key)
	return nil
}

const unscheduled = `    milestones: {visit: unscheduled}
    exceptions: [{step: "off", cancel: true, reason: another plan}]
`

// TestRunIsListed: the issue of a run says how every step of it stands, and a second run
// has nothing to add.
func TestRunIsListed(t *testing.T) {
	w := welcomed(t, "2026-05-04", unscheduled)
	w.reconcile(t, 1)
	whole := w.byKey(t, wholeRun)
	if whole.Number != 1 || whole.Title != "Acme Dental: All of the welcome" {
		t.Errorf("%d %s", whole.Number, whole.Title)
	}
	w.close(w.byKey(t, "acme/welcome/1/skip").Number, issue.NotPlanned)
	w.reconcile(t, 1)
	if diff := cmp.Diff([]string{
		"- [ ] 0.1 Sign @\u200ball (due Friday 2026-05-08)",
		"- [x] 0.2 Skip me (skipped)",
		"- [ ] 0.3 Call (due Friday 2026-05-08, waits for other steps)",
		"- [x] Not for them (called off)",
		"- [ ] Mail (due Monday 2026-05-11 to Wednesday 2026-05-13)",
		"- [ ] News (again and again from Friday 2026-05-15)",
		"- [ ] Day (no date yet: waits for visit)",
	}, listed(whole.Body)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	w.AsOf += 10
	w.close(w.byKey(t, "acme/welcome/1/sign").Number, issue.Completed)
	w.reconcile(t, 1)
	if got := strings.Join(listed(w.byKey(t, wholeRun).Body), "\n"); !strings.Contains(got, "- [x] 0.1 Sign @\u200ball (done)\n") ||
		!strings.Contains(got, "- [ ] 0.3 Call (due Friday 2026-05-08)\n") || !strings.Contains(got, "- [x] Mail (done)") {
		t.Error(got)
	}
}

// TestRunLimits: the issue of a run is opened before its steps, also where only some can be.
func TestRunLimits(t *testing.T) {
	w := welcomed(t, "2026-05-04", "")
	w.Catalog.Organization.Policies.Limits.CreatesPerClient = 1
	p := w.plan(t)
	if len(p.Changes) != 1 || p.Changes[0].Key != wholeRun || len(p.Deferred) == 0 {
		t.Error(brief(p))
	}
}

// TestRunsEnd: many runs may end at once, which no gate counts, and one whose end nobody got
// to write down was ended by us.
func TestRunsEnd(t *testing.T) {
	w := welcomed(t, "2026-05-04", "    overrides: {news: {remove: true}, day: {remove: true}}\n")
	for _, id := range []string{"beta", "core", "delta", "echo"} {
		c := *w.Catalog.Clients[0]
		c.ID = id
		w.Catalog.Clients = append(w.Catalog.Clients, &c)
	}
	w.Catalog.Index()
	w.reconcile(t, 1)
	whole := w.byKey(t, wholeRun)
	for w.AsOf = w.AsOf.AddDays(14); whole.State == issue.Open; whole = w.byKey(t, wholeRun) {
		for _, i := range w.issues {
			if m, _ := issue.ParseMarker(i.Body); i.State == issue.Open && m.Key.Step != "whole-run" {
				w.close(i.Number, issue.Completed)
			}
		}
		w.reconcile(t, 1)
	}
	if whole.Reason != issue.Completed || strings.Contains(whole.Body, "- [ ]") {
		t.Errorf("%s\n%s", whole.Reason, whole.Body)
	}
	w.events = slices.DeleteFunc(w.events, func(e record.Event) bool { return e.Key == wholeRun && e.Verb == record.Closed })
	w.tell(record.Event{Key: wholeRun, Verb: record.IntendClose, Number: whole.Number, Nonce: "n"})
	w.reconcile(t, 1)
	if e := record.Fold(w.events)[wholeRun]; e.Outcome != record.Closed {
		t.Errorf("recorded as %s", e.Outcome)
	}
}

// TestOpenedAfterTheEnd: the issue of a run that is over, which a person opens again after we
// closed it, is theirs: nothing is changed about it, and it is not closed once more.
func TestOpenedAfterTheEnd(t *testing.T) {
	w := welcomed(t, "2026-05-04", "    overrides: {'off': {remove: true}, mail: {remove: true}, news: {remove: true}, day: {remove: true}}\n")
	w.reconcile(t, 1)
	for range 2 { // a call follows the signature
		for _, i := range w.issues {
			if m, _ := issue.ParseMarker(i.Body); i.State == issue.Open && m.Key.Step != "whole-run" {
				w.close(i.Number, issue.Completed)
			}
		}
		w.reconcile(t, 1)
	}
	whole := w.byKey(t, wholeRun)
	if whole.State != issue.Closed {
		t.Fatal("the run has not ended")
	}
	whole.State, whole.Reason = issue.Open, ""
	w.Catalog.Organization.GitHub.Milestones = true
	w.Catalog.Clients[0].Name = "Acme Smiles"
	p := w.plan(t)
	if slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Key == wholeRun }) {
		t.Error(brief(p))
	}
	v := Look(w.Inputs)
	if o := v.lookup(wholeRun); v.State(o) != Open || !v.runOf(o).ended {
		t.Errorf("%s", v.State(o))
	}
}

// TestTrackingTakenOut: the issue of a run goes with the wish for it.
func TestTrackingTakenOut(t *testing.T) {
	w := welcomed(t, "2026-05-04", "")
	w.reconcile(t, 1)
	w.Catalog.Plans[0].Tracking = nil
	p := w.plan(t)
	if p.Summary.Close != 1 || !strings.Contains(brief(p), "no issue tracks the whole of welcome any more") {
		t.Error(brief(p))
	}
	w.reconcile(t, 1)
}
