package plan

import (
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

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
