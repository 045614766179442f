package plan

import (
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// TestInformed: who is to know that a step is done hears it once, whoever did it not at all,
// and nobody where it was skipped, or done days ago.
func TestInformed(t *testing.T) {
	w := informedWorld(t)
	w.close(w.newest("acme/care/1/call").Number, issue.Completed)
	p := w.plan(t)
	if got := finished(p); got != "dana,noor" {
		t.Errorf("told: %s", got)
	}
	for _, c := range p.Changes {
		if n := c.Notice; n != nil && (!strings.Contains(n.Title, "is done, since Monday 2026-05-11") || n.Together == "") {
			t.Errorf("told %q, together %q", n.Title, n.Together)
		}
	}
	w.apply(p)
	w.on("2026-05-12") // the ledger knows of another day than the forge
	if got := finished(w.plan(t)); got != "" {
		t.Errorf("told again: %s", got)
	}
	w.issues = nil
	if got := finished(w.plan(t)); got != "" {
		t.Errorf("told again without the issue: %s", got)
	}

	w = informedWorld(t)
	w.close(w.newest("acme/care/1/call").Number, issue.NotPlanned)
	if got := finished(w.plan(t)); got != "" {
		t.Errorf("told of what was skipped: %s", got)
	}

	w = informedWorld(t)
	w.close(w.newest("acme/care/1/call").Number, issue.Completed)
	w.on("2026-05-13")
	if got := finished(w.plan(t)); got != "dana,noor" {
		t.Errorf("two days later: %s", got)
	}
	w.on("2026-05-14")
	if got := finished(w.plan(t)); got != "" {
		t.Errorf("three days later: %s", got)
	}
}

// informedWorld has an open issue of a call that others are to know of.
func informedWorld(t *testing.T) *world {
	w := careWorld(t, "2026-05-11")
	w.files["care.yaml"] = `kind: Playbook
id: care
title: Extra care
requested-by: by
fields: [{id: by, type: person}, {id: know, type: text}]
steps:
  - {id: call, title: Call them, owner: support, open: 1 week, informed: [vcio, director, support], decide: {id: goes-on, question: "Does it go on?", options: [yes-please, no-thanks]}}
  - {id: more, title: Go on, owner: vcio, after: [call], when: {goes-on: [yes-please]}, open: 1 week}
`
	delete(w.files, "birch.yaml")
	w.read(t, w.files)
	w.settle(t)
	return w
}

// finished returns whom a plan tells that something is done.
func finished(p *Plan) string {
	var to []string
	for _, c := range p.Changes {
		if c.Notice != nil && c.Notice.Kind == Finished {
			to = append(to, c.Notice.To...)
		}
	}
	return strings.Join(to, ",")
}

// TestAskAnswer: an issue that is closed as done without the answer to its question is asked
// for it once, and not after it was answered, skipped, or the run ended.
func TestAskAnswer(t *testing.T) {
	asked := func(p *Plan) (l []string) {
		for _, c := range p.Changes {
			if c.Action == Answer {
				l = append(l, c.Comment)
			}
		}
		return l
	}
	w := informedWorld(t)
	w.close(w.newest("acme/care/1/call").Number, issue.Completed)
	p := w.plan(t)
	if l := asked(p); len(l) != 1 || !strings.Contains(l[0], "`/decide yes-please` or `/decide no-thanks`") || !strings.Contains(l[0], "acme.yaml") {
		t.Fatalf("asked: %q", l)
	}
	w.apply(p)
	if e := record.Fold(w.events)["acme/care/1/call"]; e.State != record.Ended || e.Outcome != record.Done {
		t.Errorf("the question changed how it ended: %+v", e)
	}
	if l := asked(w.plan(t)); len(l) > 0 {
		t.Errorf("asked again: %q", l)
	}

	w = informedWorld(t)
	w.command("acme/care/1/call", "priya", "decide", "yes-please", "")
	w.close(w.newest("acme/care/1/call").Number, issue.Completed)
	if l := asked(w.plan(t)); len(l) > 0 {
		t.Errorf("asked for what is answered: %q", l)
	}
	w = informedWorld(t)
	w.close(w.newest("acme/care/1/call").Number, issue.NotPlanned)
	if l := asked(w.plan(t)); len(l) > 0 {
		t.Errorf("asked for what was skipped: %q", l)
	}
}
