package reconcile_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

var licenceFiles = loadtest.Northwind(`roles:
  - {id: sales, title: Sales}
  - {id: support, title: Support, pool: true}
`, "marcus", "priya", "omar") + `---
kind: Client
id: acme
name: Acme Dental
team: {sales: marcus}
---
kind: Playbook
id: licence
title: Multi-site licence
owner: marcus
issue: per-run
opens-from: {label: licence-request, client-field: client}
fields:
  - {id: client, title: Client, type: text, required: true}
  - {id: site, title: New site, type: text, required: true}
steps:
  - {id: check, title: Confirm that it is multi-site, owner: support, due: 1 business day after start, assign: next-available}
  - {id: sales-check, title: Ask the client, owner: sales, after: [check], due: 2 business days after check, ends: completed}
`

const licenceText = "### Client\n\nacme\n\n### New site\n\nHarbour Street"

// asked is a world in which two people ask for a licence, one of them for a client that
// nobody knows.
func asked(t testing.TB) *world {
	w := newWorld(t, tree(map[string]string{"almanac.yaml": licenceFiles}), "2026-05-07")
	w.forge.permissions["priya-r"] = "write"
	for _, body := range []string{licenceText, strings.Replace(licenceText, "acme", "zeta", 1)} {
		w.forge.issues = append(w.forge.issues, issue.Issue{Number: len(w.forge.issues) + 1, Title: "A site", Body: body, Author: "priya-r", State: issue.Open,
			Labels: []string{"licence-request"}, Created: w.clock, Updated: w.clock})
	}
	return w
}

// says has the ledger accept a command, as a run that hears it does.
func (w *world) says(key, by, word string) {
	w.clock = w.clock.Add(time.Minute)
	w.book.events = append(w.book.events, record.Event{V: record.Version, At: w.clock, Key: key, Verb: record.Commanded, Comment: fmt.Sprint(100 + len(w.book.events)), Command: word, By: by})
}

// licence plays a request from its issue to its end. In the doomed run the process has the
// life that kill gives.
func licence(t testing.TB, doomed int, l *life) *world {
	w := asked(t)
	step := func(n int) {
		if n == doomed {
			_, _, _ = w.run(context.Background(), l)
			w.clock = w.clock.Add(25 * time.Minute)
		}
		w.converge()
	}
	step(1)
	w.says("acme/licence/t1/check", "omar", "done")
	step(2)
	w.says("acme/licence/t1/sales-check", "marcus", "done")
	step(3)
	return w
}

// TestTicketKilledAnywhere stops a run before and after every effect: in the end there is one
// run on the issue that asked for it, no other issue, and whoever asked wrongly was told once.
func TestTicketKilledAnywhere(t *testing.T) {
	check := func(t *testing.T, w *world) {
		t.Helper()
		if len(w.forge.issues) != 2 {
			t.Fatalf("%d issues", len(w.forge.issues))
		}
		ticket, other := w.forge.issues[0], w.forge.issues[1]
		if m, ok := issue.ParseMarker(ticket.Body); !ok || m.Key.String() != "acme/licence/t1/whole-run" || ticket.State != issue.Closed || ticket.Reason != issue.Completed {
			t.Errorf("%s %s\n%s", ticket.State, ticket.Reason, ticket.Body)
		}
		if other.Body != strings.Replace(licenceText, "acme", "zeta", 1) || !slices.Equal(other.Labels, []string{"licence-request"}) || len(w.forge.comments[2]) != 1 {
			t.Errorf("the other request: %+v %q", other, w.forge.comments[2])
		}
		runs := map[string]bool{}
		for _, e := range w.book.events {
			if e.Verb == record.Started {
				runs[e.Key] = true
			}
			if e.Verb == record.IntendCreate {
				t.Errorf("an issue was to be opened: %+v", e)
			}
		}
		if len(runs) != 1 {
			t.Errorf("runs: %v", runs)
		}
		given := map[string]bool{}
		for _, e := range w.book.events {
			if e.Key == "acme/licence/t1/check" && e.Verb == record.Updated {
				given[e.Owner] = true
			}
		}
		if len(given) != 1 {
			t.Errorf("the first step was given to %v", given)
		}
		if n := w.repeats(); n > 1 {
			t.Errorf("%d messages repeat what was sent before", n)
		}
	}
	check(t, licence(t, 0, nil))
	dieAnywhere(t, 3, 3, licence, check)
}

// TestRequestMended: whoever asked wrongly is told once for each reason, and has a run once
// the issue is mended.
func TestRequestMended(t *testing.T) {
	w := asked(t)
	w.converge()
	second := func() *issue.Issue { return &w.forge.issues[1] }
	second().Body = strings.Replace(second().Body, "zeta", "yotta", 1)
	w.converge()
	second().Body += "\n\nPlease!"
	w.converge()
	if l := w.forge.comments[2]; len(l) != 2 || !strings.Contains(l[0], "zeta") || !strings.Contains(l[1], "yotta") {
		t.Errorf("%q", l)
	}
	second().Body = strings.Replace(second().Body, "yotta", "Acme Dental", 1)
	w.converge()
	if m, ok := issue.ParseMarker(second().Body); !ok || m.Key.String() != "acme/licence/t2/whole-run" || !strings.Contains(second().Body, "Please!") {
		t.Errorf("%s", second().Body)
	}
}

// TestRequestPermission: what the author may do is asked of the forge once for each person,
// and never for a stranger.
func TestRequestPermission(t *testing.T) {
	w := asked(t)
	w.forge.permissions = nil
	w.forge.issues[1].Author = "mallory"
	w.converge()
	for n, want := range map[int]string{1: "priya-r has the permission none", 2: "no person in the files has the login mallory"} {
		if l := w.forge.comments[n]; len(l) != 1 || !strings.Contains(l[0], want) {
			t.Errorf("%d: %q", n, l)
		}
	}
	asks := 0
	seen := &reconcile.World{}
	if err := seen.FindRequests(t.Context(), mortal{w.forge, &life{}}, []string{"licence-request"}, func(login string) bool { asks++; return login == "priya-r" }); err != nil || len(seen.Permissions) != 1 || asks != 2 {
		t.Errorf("%v %v %d", err, seen.Permissions, asks)
	}
}
