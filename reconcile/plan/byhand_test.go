package plan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

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
