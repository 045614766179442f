package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// placed is a world in which Acme was put on extra care, and Birch declined, on 11 May.
func placed(t *testing.T) *world {
	w := careWorld(t, "2026-05-11")
	w.t = t
	w.settle(t)
	for client, option := range map[string]string{"acme": "place", "birch": "decline"} {
		w.command(client+"/care/1/decision", "dana", "decide", option, "")
		w.command(client+"/care/1/decision", "dana", "approve", "", "vcio")
		w.command(client+"/care/1/decision", "noor", "approve", "", "director")
	}
	return w
}

// TestEditedAfterwards: what was signed off and done bars nothing when a word of the run is
// corrected weeks later.
func TestEditedAfterwards(t *testing.T) {
	w := placed(t)
	w.settle(t)
	w.files["acme.yaml"] = strings.Replace(w.files["acme.yaml"], "Call first", "Call twice", 1)
	w.read(t, w.files)
	w.on("2026-05-16")
	if got := w.settle(t); !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "create all-clients/care/2026-05-18/weekly") }) {
		t.Errorf("the weekly review is not opened: %q", got)
	}
}

// TestMissedSignoff: what had to be signed off and was never opened bars what comes after it
// for good. Nothing is announced because nobody was there.
func TestMissedSignoff(t *testing.T) {
	w := placed(t)
	w.files["acme.yaml"] += "    decisions: {review: remove}\n"
	w.read(t, w.files)
	w.on("2026-07-20")
	if got := strings.Join(w.settle(t), "\n"); strings.Contains(got, "acme/care/1/removal") {
		t.Errorf("the removal is opened, and the root cause was missed: %s", got)
	}
	if !slices.ContainsFunc(w.plan(t).Waiting, func(h Held) bool { return h.Key == "acme/care/1/removal" }) {
		t.Error("the removal does not wait")
	}
}

// TestSharedClosedUnsigned: who closes the meeting's issue by hand finishes nothing that is
// still to be signed off, and it is opened again for that.
func TestSharedClosedUnsigned(t *testing.T) {
	w := careWorld(t, "2026-05-11")
	w.t = t
	w.settle(t)
	const meeting = "all-clients/care/2026-05-11/decision"
	w.done(meeting)
	expect(t, w.settle(t), "update "+meeting+": not signed off yet for Acme Dental, Birch Legal")
}

// TestDoneEarlyAndOver: a step that ends its run before its day has come is done, and its
// issue is closed once.
func TestDoneEarlyAndOver(t *testing.T) {
	w := placed(t)
	w.files["acme.yaml"] = careClient("acme", "Acme Dental", "2026-05-07", ", cause: [a failing switch]")
	w.read(t, w.files)
	w.settle(t)
	w.command("acme/care/1/cause", "dana", "approve", "", "vcio")
	w.command("acme/care/1/weekly/2026-05-18", "dana", "decide", "remove", "")
	w.settle(t)
	w.on("2026-05-13")
	w.command("acme/care/1/removal", "dana", "approve", "", "vcio")
	w.command("acme/care/1/removal", "noor", "approve", "", "director")
	w.settle(t)
	w.command("acme/care/1/announce-removal", "noor", "done", "", "")
	expect(t, w.settle(t), "close acme/care/1/announce-removal: done, says Noor Haddad")
	if e := w.Entries["acme/care/1/announce-removal"]; e.Due <= w.AsOf || e.Outcome != record.Done {
		t.Errorf("it ended as %+v", e)
	}
}

// TestSameAnswerAgain: an answer that is given again counts from when it was given first.
func TestSameAnswerAgain(t *testing.T) {
	w := placed(t)
	w.files["acme.yaml"] = careClient("acme", "Acme Dental", "2026-05-07", ", cause: [a failing switch]")
	w.read(t, w.files)
	w.settle(t)
	w.command("acme/care/1/cause", "dana", "approve", "", "vcio")
	for _, day := range []string{"2026-05-18", "2026-05-20"} {
		w.on(day)
		w.command("acme/care/1/weekly/2026-05-18", "dana", "decide", "remove", "")
		w.settle(t)
	}
	if e := w.Entries["acme/care/1/removal"]; e == nil || e.Due != civil.MustParse("2026-05-18") {
		t.Errorf("the removal is %+v", e)
	}
}

// TestClosedAgain: what a person opens again and closes a week later ended then, also when the
// forge lists the issue no more.
func TestClosedAgain(t *testing.T) {
	w := placed(t)
	w.settle(t)
	w.on("2026-05-13")
	w.settle(t)
	for _, day := range []string{"2026-05-13", "2026-05-20"} {
		w.on(day)
		i := w.newest("acme/care/1/announce")
		i.State, i.Reason = issue.Open, ""
		w.settle(t)
		w.done("acme/care/1/announce")
		w.settle(t)
		if e := w.Entries["acme/care/1/announce"]; e.Outcome != record.Done || civil.Of(e.EndedAt).String() != day {
			t.Errorf("on %s it ended as %+v", day, e)
		}
	}
}
