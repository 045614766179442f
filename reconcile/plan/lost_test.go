package plan

import (
	"maps"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

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
