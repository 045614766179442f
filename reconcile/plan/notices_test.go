package plan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

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
