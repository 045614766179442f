package cli

import (
	"errors"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/plan"
)

func TestOutcomeLine(t *testing.T) {
	const key = "acme/vcio/2026/form"
	notify := func(outside bool) plan.Change {
		return plan.Change{Action: plan.Notify, Key: key, Notice: &plan.Notice{Title: "Form is due", Outside: outside}}
	}
	for want, o := range map[string]reconcile.Outcome{
		"done      create acme/vcio/2026/form  #3  Acme: Form":                                       {Status: reconcile.Done, Number: 3, Change: plan.Change{Action: plan.Create, Key: key, Title: "Acme: Form"}},
		"done      notify acme/vcio/2026/form  Form is due":                                          {Status: reconcile.Done, Change: notify(false)},
		"done      notify acme/vcio/2026/form  TO THE CLIENT: Form is due":                           {Status: reconcile.Done, Change: notify(true)},
		"failed    notify acme/vcio/2026/form  Form is due: channel ops: answered 404":               {Status: reconcile.Failed, Change: notify(false), Err: errors.New("channel ops: answered 404")},
		"done      notify acme/vcio/2026/form  Form is due (it may have gone out before, in run r1)": {Status: reconcile.Done, Change: notify(false), Again: "r1"},
	} {
		if got := outcomeLine(o); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}
