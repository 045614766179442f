package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

var licenceOrganization = loadtest.Northwind(`roles:
  - {id: sales, title: Sales}
  - {id: support, title: Support, pool: true}
defaults: {notify: []}
`, "marcus", "priya", "omar", "mila")

const licencePlaybook = `kind: Playbook
id: licence
title: Multi-site licence
owner: marcus
issue: per-run
opens-from: {label: licence-request, client-field: client}
fields:
  - {id: client, title: Client, type: text, required: true}
  - {id: site, title: New site, type: text, required: true}
  - {id: wanted-by, title: Wanted by, type: date}
  - {id: account, title: Second account, type: text, required-for: add-to-key}
steps:
  - {id: check, title: Confirm that it is multi-site, owner: support, due: 1 business day after start, assign: next-available, remind: {after: 1 business day}}
  - id: sales-check
    title: Ask the client
    owner: sales
    after: [check]
    due: 2 business days after check
    decide: {id: needed, question: "Is it needed?", options: [required, not-required], ends: {not-required: not-planned}}
  - {id: add-to-key, title: Add the site to the key, owner: support, assign: next-available, after: [sales-check], when: {needed: [required]}, due: 2 business days after sales-check, draft: true}
  - {id: verify, title: Verify it, owner: support, after: [add-to-key], when: {needed: [required]}, due: 1 business day after add-to-key, checklist: [Logged in], ends: completed}
`

const (
	licenceClient = "kind: Client\nid: acme\nname: Acme Dental\nteam: {sales: marcus}\n"
	licenceForm   = "### Client\n\nAcme Dental\n\n### New site\n\nHarbour Street\n\n### Wanted by\n\n_No response_"
	ticketRun     = "acme/licence/t1/"
	ticketKey     = ticketRun + "whole-run"
)

// licenceWorld is a world in which Mila asks for a licence on Thursday, 7 May 2026.
func licenceWorld(t *testing.T) *world {
	w := newWorld("2026-05-07")
	w.t = t
	w.files = map[string]string{"almanac.yaml": licenceOrganization, "licence.yaml": licencePlaybook, "acme.yaml": licenceClient}
	w.read(t, w.files)
	w.on("2026-05-07")
	w.ledger = true
	w.open("mila-n", "A second site", licenceForm, []string{"licence-request"}, nil)
	w.tell(record.Event{Key: ticketKey, Verb: record.Started, Number: 1, By: "mila", Due: civil.MustParse("2026-05-07")})
	return w
}

// ticket returns the issue of the run.
func (w *world) ticket() *issue.Issue { return w.find(1) }

// isAt demands which step the run is at and who has it.
func (w *world) isAt(t *testing.T, step string, assignees ...string) {
	t.Helper()
	i := w.ticket()
	var steps []string
	for _, l := range i.Labels {
		if s, ok := strings.CutPrefix(l, "step:"); ok {
			steps = append(steps, s)
		}
	}
	if !slices.Equal(steps, []string{step}) || !slices.Equal(i.Assignees, assignees) {
		t.Errorf("the run is at %v with %v, want %s with %v", steps, i.Assignees, step, assignees)
	}
}

// atSales is a run that has come to sales.
func atSales(t *testing.T) *world {
	w := licenceWorld(t)
	w.settle(t)
	w.command(ticketRun+"check", "omar", "done", "", "")
	w.settle(t)
	w.isAt(t, "sales-check", "marcus-f")
	return w
}

func TestLicenceRequired(t *testing.T) {
	w := licenceWorld(t)
	expect(t, w.settle(t), "update "+ticketKey+": nobody has it yet; asks for Multi-site licence, and stands for the run t1 from now on; given to Omar Siddiqui: fewest open steps: 0, and first by id")
	w.isAt(t, "check", "omar-s")
	body := w.ticket().Body
	for _, want := range []string{licenceForm, "| Now | Confirm that it is multi-site |", "| Due | Friday 2026-05-08 |", "| Owner | Omar Siddiqui |", "- New site: Harbour Street",
		"- [ ] Confirm that it is multi-site (now with Omar Siddiqui, due Friday 2026-05-08)", "- [ ] Add the site to the key (waits for the decision needed)", "`/done`"} {
		if !strings.Contains(body, want) {
			t.Errorf("the issue lacks %q:\n%s", want, body)
		}
	}
	if title := w.ticket().Title; title != "Acme Dental: Multi-site licence (run t1)" {
		t.Errorf("title %q", title)
	}

	w.command(ticketRun+"check", "omar", "done", "", "")
	expect(t, w.settle(t), "update "+ticketKey+": Marcus Field has it now, before it was Omar Siddiqui; the run is at sales-check now")
	w.isAt(t, "sales-check", "marcus-f")
	if n := w.sent[ticketRun+"sales-check/assigned/1/2026-05-07/log/marcus"]; n != 1 {
		t.Errorf("Marcus was told %d times: %v", n, w.sent)
	}
	if e := w.Entries[ticketRun+"check"]; e == nil || e.Outcome != record.Done || e.Owner != "omar" {
		t.Errorf("the first step in the ledger: %+v", e)
	}
	if !strings.Contains(w.ticket().Body, "`/decide required` or `/decide not-required`") {
		t.Errorf("the question is not asked:\n%s", w.ticket().Body)
	}

	w.on("2026-05-11")
	w.command(ticketRun+"sales-check", "marcus", "decide", "required", "")
	w.command(ticketRun+"sales-check", "marcus", "done", "", "")
	expect(t, w.settle(t), "update "+ticketKey+": Priya Raman has it now, before it was Marcus Field; the run is at add-to-key now; given to Priya Raman: fewest open steps: 0, and longest idle")
	w.isAt(t, "add-to-key", "priya-r")
	if !strings.Contains(w.ticket().Body, "| Draft | it is not settled yet how this is done |") {
		t.Error("the draft is not marked")
	}
	if want := "**Missing before it is done**, below its heading in this issue: Second account\n"; !strings.Contains(w.ticket().Body, want) {
		t.Errorf("what is missing is not said:\n%s", w.ticket().Body)
	}
	today := w.AsOf
	w.AsOf = civil.MustParse("2026-05-14")
	if got := w.needs(t, ticketRun+"add-to-key"); got != "fields: Second account, in the text of its issue" {
		t.Errorf("it waits for %q", got)
	}
	w.ticket().Body = strings.Replace(w.ticket().Body, "### New site", "### Second account\n\nharbour-2\n\n### New site", 1)
	if got := w.needs(t, ticketRun+"add-to-key"); got != "" {
		t.Errorf("it still waits for %q", got)
	}
	w.AsOf = today
	w.settle(t)
	w.command(ticketRun+"add-to-key", "priya", "done", "", "")
	expect(t, w.settle(t), "update "+ticketKey+": Support may take it now")
	w.isAt(t, "verify")
	w.command(ticketRun+"verify", "priya", "done", "", "")
	expect(t, w.settle(t), "close "+ticketKey+": the run has ended: Verify it")
	if i := w.ticket(); i.State != issue.Closed || i.Reason != issue.Completed || !strings.Contains(i.Body, "- [x] Verify it (done)") {
		t.Errorf("%s %s\n%s", i.State, i.Reason, i.Body)
	}
	if len(w.issues) != 1 {
		t.Errorf("%d issues of one run", len(w.issues))
	}
	w.on("2026-07-01")
	if got := w.settle(t); len(got) > 0 {
		t.Errorf("it is over, and something is done: %q", got)
	}
}

func TestLicenceNotRequired(t *testing.T) {
	w := atSales(t)
	w.command(ticketRun+"sales-check", "marcus", "decide", "not-required", "")
	expect(t, w.settle(t), "close "+ticketKey+": the run has ended: needed is not-required")
	if i := w.ticket(); i.State != issue.Closed || i.Reason != issue.NotPlanned {
		t.Errorf("%s %s", i.State, i.Reason)
	}

	// The decision is changed: the run goes on, on the same issue.
	w.on("2026-05-08")
	w.command(ticketRun+"sales-check", "marcus", "decide", "required", "")
	if got := w.settle(t); len(got) == 0 || w.ticket().State != issue.Open {
		t.Errorf("it is not open again: %q", got)
	}
	w.isAt(t, "sales-check", "marcus-f")
	if w.ticket().State != issue.Open || len(w.issues) != 1 {
		t.Errorf("%d issues", len(w.issues))
	}
}

// TestLicenceReopened: who opens the issue of a run that is over has it open, and nothing
// is said of it any more.
func TestLicenceReopened(t *testing.T) {
	w := atSales(t)
	w.command(ticketRun+"sales-check", "marcus", "decide", "not-required", "")
	w.settle(t)
	w.ticket().State, w.ticket().Reason = issue.Open, ""
	w.on("2026-06-01")
	if got := w.settle(t); len(got) > 0 || w.ticket().State != issue.Open {
		t.Errorf("%q", got)
	}
	if n := len(w.sent); n != 2 {
		t.Errorf("messages: %v", w.sent)
	}
}

// TestLicenceClosedByHand: a person who closes the issue ends the run, and who opens it again
// has it go on where it was.
func TestLicenceClosedByHand(t *testing.T) {
	for how, want := range map[issue.CloseReason]record.Verb{issue.Completed: record.Done, issue.NotPlanned: record.Skipped} {
		t.Run(string(how), func(t *testing.T) {
			w := atSales(t)
			w.close(1, how)
			expect(t, w.settle(t))
			if e := w.Entries[ticketKey]; e.Outcome != want {
				t.Errorf("in the ledger: %+v", e)
			}
			if over := w.Progress.Run(ticketKey).Over; over == nil || over.NotPlanned != (want == record.Skipped) {
				t.Errorf("over: %+v", over)
			}
			w.on("2026-06-01")
			expect(t, w.settle(t))
			w.ticket().State, w.ticket().Reason = issue.Open, ""
			w.settle(t)
			w.isAt(t, "sales-check", "marcus-f")
			if w.ticket().State != issue.Open {
				t.Error("it was closed again")
			}
		})
	}
}

// TestLicenceReleased: what was given back stays with the pool until somebody takes it.
func TestLicenceReleased(t *testing.T) {
	w := licenceWorld(t)
	w.settle(t)
	w.command(ticketRun+"check", "omar", "release", "", "")
	expect(t, w.settle(t), "update "+ticketKey+": Support may take it now, before it was Omar Siddiqui")
	w.isAt(t, "check")
	w.on("2026-05-08")
	expect(t, w.settle(t))
	w.command(ticketRun+"check", "priya", "take", "", "")
	expect(t, w.settle(t), "update "+ticketKey+": Priya Raman has it now, before it was Support")
	w.isAt(t, "check", "priya-r")
}

// TestLicenceOnLeave: a step goes on to somebody else when its owner is away, and stays there.
func TestLicenceOnLeave(t *testing.T) {
	w := licenceWorld(t)
	w.settle(t)
	w.files["almanac.yaml"] = strings.Replace(licenceOrganization, "github: omar-s\n", "github: omar-s\naway: [{from: 2026-05-08, to: 2026-05-09}]\n", 1)
	w.read(t, w.files)
	w.on("2026-05-08")
	expect(t, w.settle(t), "update "+ticketKey+": Priya Raman has it now, before it was Omar Siddiqui; given to Priya Raman: nobody else is there; open steps: 0")
	w.isAt(t, "check", "priya-r")
	w.on("2026-05-10")
	w.settle(t)
	w.isAt(t, "check", "priya-r")
}

// TestLicenceReminded: the reminder of a step goes out with the number of the run's issue.
func TestLicenceReminded(t *testing.T) {
	w := licenceWorld(t)
	w.settle(t)
	w.on("2026-05-11")
	p := w.plan(t)
	var reminder *Change
	for i := range p.Changes {
		if n := p.Changes[i].Notice; n != nil && n.Kind == "reminder" {
			reminder = &p.Changes[i]
		}
	}
	if reminder == nil || reminder.Key != ticketRun+"check" || reminder.Number != 1 || reminder.In != ticketKey || !slices.Equal(reminder.Notice.To, []string{"omar"}) {
		t.Errorf("%+v\n%s", reminder, brief(p))
	}
	expect(t, w.settle(t), "update "+ticketKey+": overdue since 2026-05-09")
	if !slices.Contains(w.ticket().Labels, "overdue") {
		t.Errorf("labels %v", w.ticket().Labels)
	}
}

// TestLicenceSubject: commands are about the step at hand, or name another one.
func TestLicenceSubject(t *testing.T) {
	w := atSales(t)
	w.plan(t)
	s, ok := Look(w.Inputs).Subject(1)
	var steps []string
	for _, o := range s.Steps {
		steps = append(steps, o.Step.ID)
	}
	if !ok || !s.PerRun || !s.Open || s.Key != ticketKey || !slices.Equal(steps, []string{"sales-check", "check", "add-to-key", "verify"}) {
		t.Errorf("%v %+v", steps, s)
	}
}

// TestLicenceFromFile: a run that a client's file has opens its own issue.
func TestLicenceFromFile(t *testing.T) {
	w := licenceWorld(t)
	w.issues, w.events = nil, nil
	w.files["acme.yaml"] = licenceClient + "processes:\n  - {template: licence, start: 2026-05-07, fields: {client: acme, site: Harbour Street}}\n"
	w.read(t, w.files)
	w.on("2026-05-08")
	expect(t, w.settle(t), "create acme/licence/1/whole-run: due 2026-05-08, opens on the day; given to Omar Siddiqui: fewest open steps: 0, and first by id")
	w.isAt(t, "check", "omar-s")
	w.on("2026-05-28")
	w.command("acme/licence/1/check", "omar", "skip", "", "")
	w.settle(t)
	w.isAt(t, "sales-check", "marcus-f")
	w.files["acme.yaml"] = strings.Replace(w.files["acme.yaml"], "start: 2026-05-07", "start: 2026-05-07, ended: 2026-05-29, outcome: the client left", 1)
	w.read(t, w.files)
	w.on("2026-05-29")
	expect(t, w.settle(t), "close acme/licence/1/whole-run: the run has ended: the client left")
}

// TestTicketTakenOver: a run that dies after it made the ticket its own leaves to the next one
// to write so. Nothing is said twice.
func TestTicketTakenOver(t *testing.T) {
	w := licenceWorld(t)
	w.apply(w.plan(t))
	w.events = slices.DeleteFunc(w.events, func(e record.Event) bool { return e.Key == ticketKey && e.Verb == record.Updated })
	expect(t, w.settle(t))
	if e := w.Entries[ticketKey]; e.Due == 0 || e.Owner != "omar" {
		t.Errorf("the ledger does not know whose it is: %+v", e)
	}
}
