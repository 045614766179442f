package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

var careOrganization = loadtest.Northwind(`holidays: {add: [{date: 2026-05-25, name: Memorial Day}]}
roles:
  - {id: vcio, title: vCIO}
  - {id: director, title: Director}
  - {id: support, title: Support, pool: true}
defaults: {notify: []}
`, "dana", "noor", "priya")

const carePlaybook = `kind: Playbook
id: care
title: Extra care
owner: dana
requested-by: by
fields:
  - {id: by, type: person, required: true}
  - {id: know, title: What to know, type: text}
  - {id: cause, title: Root cause, type: list, required-for: cause}
marks: {label: extra-care, instructions-from: know, from: decision, until: removal, when: {placement: [place]}}
steps:
  - {id: decision, title: Decide, owner: vcio, due: next mon after start, open: 3 business days, issue: shared, approve: [vcio, director], decide: {id: placement, question: "Placed?", options: [place, decline]}}
  - {id: declined, title: Tell why not, owner: vcio, after: [decision], when: {placement: [decline]}, due: 1 business day after decision, ends: not-planned}
  - {id: announce, title: Announce, owner: director, after: [decision], when: {placement: [place]}, due: 1 business day after decision, open: 1 day}
  - {id: cause, title: Root cause, owner: support, after: [decision], when: {placement: [place]}, due: 5 business days after decision, open: 4 weeks, approve: [vcio]}
  - {id: weekly, type: review, title: Weekly review, owner: vcio, after: [decision], when: {placement: [place]}, due: next mon after decision, every: [mon], roll: following, issue: shared, open: 3 days, decide: {id: review, question: "Stays?", options: [stay, remove]}}
  - {id: removal, title: Remove, owner: vcio, after: [cause], when: {review: [remove]}, approve: [vcio, director]}
  - {id: announce-removal, title: Announce the end, owner: director, after: [removal], when: {review: [remove]}, due: 1 business day after removal, open: 1 week, ends: completed}
`

// careClient is a client who was recommended on a day, by Priya.
func careClient(id, name, start, more string) string {
	return "kind: Client\nid: " + id + "\nname: " + name + "\nteam: {vcio: dana, director: noor}\nprocesses:\n  - template: care\n    start: " + start + "\n    fields: {by: priya, know: Call first" + more + "}\n"
}

// careWorld is a world of two clients in extra care.
func careWorld(t *testing.T, asOf string) *world {
	w := newWorld(asOf)
	w.files = map[string]string{"almanac.yaml": careOrganization, "care.yaml": carePlaybook,
		"acme.yaml": careClient("acme", "Acme Dental", "2026-05-07", ""), "birch.yaml": careClient("birch", "Birch Legal", "2026-05-08", "")}
	w.read(t, w.files)
	w.ledger = true
	w.on(asOf)
	return w
}

// on goes to the morning of a day.
func (w *world) on(day string) {
	w.AsOf = civil.MustParse(day)
	w.clock = w.AsOf.Time().Add(8 * time.Hour)
}

// command has somebody write a command that is accepted.
func (w *world) command(key, by, word, arg, role string) {
	w.comments++
	e := record.Event{Key: key, Verb: record.Commanded, Comment: string(rune('a'+w.comments/26)) + string(rune('a'+w.comments%26)), Command: word, Arg: arg, By: by, Role: role}
	if word == "approve" {
		w.plan(w.t)
		o, _ := w.Engine.Lookup(key)
		e.Of = w.Progress.Approvals(&o).Of
	}
	w.tell(e)
}

// settle runs until nothing is left to do, and returns what was done, in words.
func (w *world) settle(t *testing.T) []string {
	t.Helper()
	var l []string
	for range 5 {
		p := w.plan(t)
		if p.Blocked != nil {
			t.Fatalf("blocked: %+v", p.Blocked)
		}
		if p.Empty() {
			return l
		}
		for _, c := range p.Changes {
			if c.Action != Notify {
				l = append(l, string(c.Action)+" "+c.Key+": "+c.Reason)
			}
		}
		w.apply(p)
	}
	t.Fatalf("it does not come to rest: %q", l)
	return nil
}

// newest returns the newest issue with a key.
func (w *world) newest(key string) *issue.Issue {
	var found *issue.Issue
	for i := range w.issues {
		if m, ok := issue.ParseMarker(w.issues[i].Body); ok && m.Key.String() == key {
			found = &w.issues[i]
		}
	}
	return found
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	var rest []string
	for _, g := range got {
		if i := slices.IndexFunc(want, func(s string) bool { return strings.Contains(g, s) }); i >= 0 {
			want = slices.Delete(slices.Clone(want), i, i+1)
			continue
		}
		rest = append(rest, g)
	}
	if len(rest)+len(want) > 0 {
		t.Errorf("done and not expected: %s\nexpected and not done: %s", strings.Join(rest, "\n"), strings.Join(want, "\n"))
	}
}

// TestExtraCare plays a client's way into extra care and out of it, with another one that is
// declined in the same meeting.
func TestExtraCare(t *testing.T) {
	w := careWorld(t, "2026-05-08")
	w.t = t
	const meeting = "all-clients/care/2026-05-11/decision"
	expect(t, w.settle(t), "create "+meeting)
	body := w.newest(meeting).Body
	for _, want := range []string{"`acme/care/1/decision`", "`birch/care/1/decision`", "/decide acme place", "**Acme Dental**: begun on ", "next to sign off: vCIO, with /approve acme "} {
		if !strings.Contains(body, want) {
			t.Errorf("the meeting lacks %q:\n%s", want, body)
		}
	}

	w.on("2026-05-11")
	w.command("acme/care/1/decision", "dana", "decide", "place", "")
	w.command("acme/care/1/decision", "dana", "approve", "", "vcio")
	w.command("birch/care/1/decision", "dana", "decide", "decline", "")
	w.command("birch/care/1/decision", "dana", "approve", "", "vcio")
	w.command("birch/care/1/decision", "noor", "approve", "", "director")
	expect(t, w.settle(t), "update "+meeting)
	if l := w.Progress.Marks("acme"); len(l) > 0 {
		t.Errorf("marked before the second sign-off: %+v", l)
	}

	w.on("2026-05-12")
	w.command("acme/care/1/decision", "noor", "approve", "", "director")
	got := w.settle(t)
	expect(t, got, "close "+meeting+": it is done for every client", "create acme/care/1/announce", "create acme/care/1/cause", "create birch/care/1/declined")
	announce := w.newest("acme/care/1/announce")
	if !slices.Contains(announce.Labels, "extra-care") || !strings.Contains(announce.Body, "> **Extra care** since Tuesday 2026-05-12: Call first") {
		t.Errorf("no mark: %v\n%s", announce.Labels, announce.Body)
	}
	if m, ok := issue.ParseMarker(announce.Body); !ok || m.Key.Step != "announce" {
		t.Error("the banner breaks the marker")
	}
	// The decision was taken a day late, so it is announced the day after, not before.
	if d := w.Entries["acme/care/1/announce"]; d == nil || d.Due != civil.MustParse("2026-05-13") {
		t.Errorf("announced on %+v", d)
	}

	// The weekly review begins on the Monday after the decision, without the one who was
	// declined, and a holiday moves it.
	w.on("2026-05-16")
	expect(t, w.settle(t), "create all-clients/care/2026-05-18/weekly", "update acme/care/1/announce: overdue", "update birch/care/1/declined: overdue")
	review := w.newest("all-clients/care/2026-05-18/weekly")
	if strings.Contains(review.Body, "birch") || !strings.Contains(review.Body, "**Acme Dental**: on extra-care since Tuesday 2026-05-12; to decide: stay or remove; no note yet `") {
		t.Errorf("rows of the review:\n%s", review.Body)
	}
	w.on("2026-05-18")
	review.Body = strings.Replace(review.Body, "- [ ] **Acme", "- [x] **Acme", 1)
	w.done("acme/care/1/announce")
	w.done("birch/care/1/declined")
	expect(t, w.settle(t), "close all-clients/care/2026-05-18/weekly: it is done for every client")
	if e := w.Entries["acme/care/1/weekly/2026-05-18"]; e == nil || e.Outcome != record.Done {
		t.Errorf("the tick is not written down: %+v", e)
	}
	if o := w.Progress.Run("birch/care/1").Over; o == nil || !o.NotPlanned {
		t.Errorf("the declined run goes on: %+v", o)
	}
	w.on("2026-05-23")
	got = w.settle(t)
	if holiday := w.newest("all-clients/care/2026-05-25/weekly"); holiday == nil || !strings.Contains(holiday.Body, "Tuesday 2026-05-26 (moved from Monday 2026-05-25: Memorial Day)") {
		t.Errorf("the holiday does not move the meeting: %q", got)
	}

	// The root cause cannot be signed off before the run says it. Its edit voids nothing that
	// is done.
	w.files["acme.yaml"] = careClient("acme", "Acme Dental", "2026-05-07", ", cause: [a failing switch]")
	w.read(t, w.files)
	w.on("2026-05-26")
	w.command("acme/care/1/cause", "dana", "approve", "", "vcio")
	w.command("acme/care/1/weekly/2026-05-25", "dana", "decide", "remove", "")
	w.command("acme/care/1/weekly/2026-05-25", "dana", "done", "", "")
	expect(t, w.settle(t), "close acme/care/1/cause: signed off by Dana Whitfield on Tuesday 2026-05-26 (vCIO)",
		"close all-clients/care/2026-05-25/weekly", "create acme/care/1/removal")

	// Somebody closes the removal by hand before it is signed off: it is opened again.
	w.on("2026-05-27")
	w.done("acme/care/1/removal")
	expect(t, w.settle(t), "update acme/care/1/removal: not signed off yet by vCIO, then Director")
	w.command("acme/care/1/removal", "dana", "approve", "", "vcio")
	w.command("acme/care/1/removal", "noor", "approve", "", "director")
	expect(t, w.settle(t), "close acme/care/1/removal: signed off by Dana Whitfield", "create acme/care/1/announce-removal")
	if labels := w.newest("acme/care/1/announce-removal").Labels; slices.Contains(labels, "extra-care") {
		t.Errorf("still marked: %v", labels)
	}
	w.on("2026-05-28")
	w.done("acme/care/1/announce-removal")
	w.settle(t)
	w.on("2026-07-01")
	if got := w.settle(t); len(got) > 0 {
		t.Errorf("the run is over, and something is done: %q", got)
	}
	for key, n := range w.opened {
		if n > 1 {
			t.Errorf("%s was opened %d times", key, n)
		}
	}
}

// done has a person close the issue of a key as completed.
func (w *world) done(key string) {
	i := w.newest(key)
	i.State, i.Reason, i.Closed = issue.Closed, issue.Completed, w.tick()
}

// TestVoid: an edit of the run voids the sign-offs so far, and the issue says so once.
func TestVoid(t *testing.T) {
	w := careWorld(t, "2026-05-11")
	w.t = t
	w.settle(t)
	w.command("acme/care/1/decision", "dana", "decide", "place", "")
	w.command("acme/care/1/decision", "dana", "approve", "", "vcio")
	w.settle(t)
	w.files["acme.yaml"] = strings.Replace(w.files["acme.yaml"], "Call first", "Call twice", 1)
	w.read(t, w.files)
	p := w.plan(t)
	if want := "A sign-off counts no more, and is to be given again: Acme Dental: vCIO, Dana Whitfield on Monday 2026-05-11: what was signed off has changed."; len(p.Changes) != 1 || p.Changes[0].Comment != want {
		t.Errorf("nobody is told: %+v", p.Changes)
	}
	expect(t, w.settle(t), "update all-clients/care/2026-05-11/decision")
	w.files["birch.yaml"] = strings.Replace(w.files["birch.yaml"], "Call first", "Call later", 1)
	w.read(t, w.files)
	if p := w.plan(t); len(p.Changes) != 1 || p.Changes[0].Comment != "" {
		t.Errorf("told again for an edit of another client: %+v", p.Changes)
	}
	w.settle(t)
	w.command("acme/care/1/decision", "noor", "approve", "", "director")
	expect(t, w.settle(t), "update all-clients/care/2026-05-11/decision")
	body := w.newest("all-clients/care/2026-05-11/decision").Body
	if !strings.Contains(body, "void: vCIO, Dana Whitfield on Monday 2026-05-11: what was signed off has changed") {
		t.Errorf("the row does not say so:\n%s", body)
	}
	if _, done := w.Progress.Facts().Ended["acme/care/1/decision"]; done {
		t.Error("a sign-off survived an edit")
	}
}

// TestLateDecision: what hangs on an answer that comes weeks later is due then and opened,
// whether a command gives it or the file, which is seen only today.
func TestLateDecision(t *testing.T) {
	for _, by := range []string{"command", "file"} {
		t.Run(by, func(t *testing.T) {
			w := careWorld(t, "2026-05-11")
			w.t = t
			delete(w.files, "birch.yaml")
			w.files["acme.yaml"] = careClient("acme", "Acme Dental", "2026-05-07", ", cause: [a failing switch]")
			w.read(t, w.files)
			w.settle(t)
			w.command("acme/care/1/decision", "dana", "decide", "place", "")
			w.command("acme/care/1/decision", "dana", "approve", "", "vcio")
			w.command("acme/care/1/decision", "noor", "approve", "", "director")
			w.settle(t)
			w.command("acme/care/1/cause", "dana", "approve", "", "vcio")
			w.settle(t)
			w.on("2026-07-20")
			w.settle(t)
			if by == "command" {
				w.command("acme/care/1/weekly/2026-07-20", "dana", "decide", "remove", "")
			} else {
				w.files["acme.yaml"] += "    decisions: {review: remove}\n"
				w.read(t, w.files)
			}
			if got := strings.Join(w.settle(t), "\n"); !strings.Contains(got, "create acme/care/1/removal: due 2026-07-20") {
				t.Errorf("the removal is not opened: %s", got)
			}
			w.on("2026-07-24")
			w.settle(t)
			if e := w.Entries["acme/care/1/removal"]; e == nil || e.Due != civil.MustParse("2026-07-20") {
				t.Errorf("the removal wanders: %+v", e)
			}
		})
	}
}
