package command

import (
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// TestWhoMay is every verb by everybody: dana is the vCIO, noor the director, ines the account
// manager who takes part in the call, priya and tomasz are the support pool; lee has no login.
func TestWhoMay(t *testing.T) {
	people := []string{"dana-w", "noor-h", "ines-d", "priya-r"}
	b := newBench(t)
	w := b.world()
	say := func(login, step, body string) Verdict {
		return Judge(w, issue.Comment{ID: "1", Issue: b.numbers[step], Author: login, Body: body})
	}
	for _, tt := range []struct {
		step, body string
		// may are who is accepted, in the order of people: + accepted, - refused.
		may string
	}{
		{"call", "/done", "+-+-"},
		{"call", "/skip the client was here", "+---"},
		{"call", "/reschedule 2026-05-08", "+---"},
		{"call", "/note line was busy", "+-+-"},
		{"call", "/take", "----"},
		{"call", "/release", "----"},
		{"call", "/approve", "----"},
		{"call", "/reject no", "----"},
		{"call", "/decide place", "----"},
		{"decision", "/decide place", "++--"},
		{"decision", "/decide maybe", "----"},
		{"decision", "/decide", "----"},
		{"decision", "/done", "----"},
		{"decision", "/reject not like this", "++--"},
		{"decision", "/reject", "----"},
		{"decision", "/approve", "----"}, // nothing is decided yet
		{"visit", "/take", "---+"},
		{"visit", "/done", "---+"},
		{"visit", "/skip", "----"},
		{"visit", "/release", "----"}, // nobody has it
		{"cause", "/approve", "----"}, // the field is missing
		{"letter", "/done", "----"},   // the call comes first
		{"letter", "/skip nobody reads it", "+---"},
		{"meeting", "/done acme", "+---"},
		{"meeting", "/done", "----"},
		{"meeting", "/done nobody", "----"},
		{"meeting", "/note birch they are glad", "+---"},
	} {
		for i, login := range people {
			v := say(login, tt.step, tt.body)
			if want := map[byte]string{'+': "accepted", '-': "refused"}[tt.may[i]]; v.word() != want {
				t.Errorf("%s by %s on %s: %s (%s%s), want %s", tt.body, login, tt.step, v.word(), v.Refused, v.Ignored, want)
			}
			if v.word() == "refused" && v.Event != (record.Event{}) {
				t.Errorf("%s by %s on %s is refused, and gives an event", tt.body, login, tt.step)
			}
		}
		for _, login := range []string{"mallory", "lee", "dana", "Dana Whitfield", "ghost", ""} {
			if v := say(login, tt.step, tt.body); v.word() != "ignored" || v.Unseen {
				t.Errorf("%s by the stranger %q on %s: %s", tt.body, login, tt.step, v.word())
			}
		}
	}
}

func TestSignOffInOrder(t *testing.T) {
	b := newBench(t)
	b.play(
		"accepted noor-h decision /decide place",
		"refused noor-h decision /approve",  // the vCIO first
		"refused priya-r decision /approve", // not asked
		"refused dana-w decision /approve 0123456789ab",
		"accepted dana-w decision /approve",
		"refused dana-w decision /approve", // now the director
		"accepted noor-h decision /reject say why first",
		"refused noor-h decision /approve",
		"accepted dana-w decision /approve",
		"accepted noor-h decision /approve",
		"refused noor-h decision /approve",
		"refused dana-w decision /skip too late",
	)
	var last record.Event
	for _, e := range b.events {
		if e.Command == "approve" {
			last = e
		}
	}
	if last.Role != "director" || last.By != "noor" || len(last.Of) != 12 || last.Key != "acme/care/1/decision" {
		t.Errorf("the last sign-off is %+v", last)
	}
}

// TestSeveralRuns has two runs of one client on one issue: a command is about the first one
// that goes on, unless it names the other by its id, or by what is signed off.
func TestSeveralRuns(t *testing.T) {
	b := newBench(t)
	b.files["care.yaml"] = strings.Replace(playbook, "issue: shared}", `issue: shared, approve: [vcio, director], decide: {id: stays, question: "Stays?", options: [stay, remove, "3"]}}`, 1)
	b.files["acme.yaml"] += "  - template: care\n    run: \"2\"\n    start: 2026-05-04\n    fields: {by: ines}\n  - template: care\n    run: \"3\"\n    start: 2026-05-04\n    fields: {by: ines}\n"
	of := func(run string) string {
		w := b.world()
		o, _ := w.Engine.Lookup("acme/care/" + run + "/meeting")
		return w.Progress.Approvals(&o).Of
	}
	for _, tt := range []struct{ who, body, run string }{
		{"dana-w", "/decide acme stay", "1"},
		{"dana-w", "/decide acme 2 remove it is better", "2"},
		{"dana-w", "/decide acme 3 remove", "1"}, // an answer of that name goes before
		{"dana-w", "/approve acme 2 " + of("2"), ""},
		{"dana-w", "/approve acme", "1"},
		{"noor-h", "/reject acme 2 too early", "2"},
		{"dana-w", "/note acme 4 visits", "1"},
		{"dana-w", "/note birch 2 visits", "1"}, // it has one run only
	} {
		v := b.say(tt.who, "meeting", tt.body)
		if k, _ := issue.ParseKey(v.Event.Key); k.Cycle != tt.run {
			t.Errorf("%s is about run %q, want %q: %s", tt.body, k.Cycle, tt.run, v.Refused)
		}
	}
	if v := b.say("dana-w", "meeting", "/approve acme "+of("2")); v.Event.Key != "acme/care/2/meeting" {
		t.Errorf("what is signed off does not name the run: %+v", v)
	}
	if v := b.say("noor-h", "meeting", "/decide acme 2 perhaps"); !strings.Contains(v.Refused, "/decide acme 2 stay") {
		t.Errorf("the answer does not name the run: %s", v.Refused)
	}
}

func TestPool(t *testing.T) {
	newBench(t).play(
		"accepted priya-r visit /take",
		"refused priya-r visit /take",
		"refused tomasz-z visit /take",
		"refused ines-d visit /release",
		"accepted tomasz-z visit /release she is ill",
		"refused tomasz-z visit /release",
		"accepted tomasz-z visit /take",
		"accepted tomasz-z visit /done",
		"refused tomasz-z visit /done",
		"refused priya-r visit /reschedule 2026-05-08",
	)
}

func TestRescheduleIsBounded(t *testing.T) {
	newBench(t).play(
		"refused dana-w call /reschedule",
		"refused dana-w call /reschedule friday",
		"refused dana-w call /reschedule 2026-02-30",
		"refused dana-w call /reschedule 2026-05-03",
		"refused dana-w call /reschedule 2026-05-15",
		"accepted dana-w call /reschedule 2026-05-14 the client is away",
		"accepted dana-w call /reschedule 2026-05-04",
	)
}

// TestFormerNames: comments may use ids of before.
func TestFormerNames(t *testing.T) {
	b := newBench(t)
	b.files["acme.yaml"] = strings.Replace(b.files["acme.yaml"], "id: acme\n", "id: acme-dental\npreviously: [acme]\n", 1)
	b.play("accepted dana-w meeting /done acme")
	if e := b.events[len(b.events)-1]; e.Key != "acme-dental/care/1/meeting" {
		t.Errorf("the command is about %s", e.Key)
	}
}

// TestDeputy: while somebody is away the deputy may do as much.
func TestDeputy(t *testing.T) {
	b := newBench(t)
	b.play("refused tomasz-z call /done")
	b.files["almanac.yaml"] = strings.Replace(organization, "github: dana-w\n", "github: dana-w\naway: [{from: 2026-05-01, to: 2026-05-20, deputy: tomasz}]\n", 1)
	b.play("accepted tomasz-z call /note line was busy", "accepted dana-w call /note from the beach", "accepted tomasz-z call /done")
}

// TestDeputyAway: one who is away as well stands in for nobody.
func TestDeputyAway(t *testing.T) {
	b := newBench(t)
	b.files["almanac.yaml"] = strings.NewReplacer("github: dana-w\n", "github: dana-w\naway: [{from: 2026-05-01, to: 2026-05-20, deputy: tomasz}]\n",
		"github: tomasz-z\n", "github: tomasz-z\naway: [{from: 2026-05-01, to: 2026-05-20}]\n").Replace(organization)
	b.play("refused tomasz-z call /skip as I like")
}

// TestLateDecision: a closed step can still be decided anew while the run goes on.
func TestLateDecision(t *testing.T) {
	b := newBench(t)
	b.play("accepted dana-w decision /decide decline", "accepted dana-w decision /approve", "accepted noor-h decision /approve")
	i := &b.issues[b.numbers["decision"]-1]
	i.State, i.Reason, i.Closed = issue.Closed, issue.Completed, b.now()
	b.events = append(b.events, record.Event{V: 1, At: b.now(), Key: "acme/care/1/decision", Verb: record.Done, Number: i.Number})
	b.play("accepted dana-w decision /decide place the director asked", "refused dana-w call /decide place", "told dana-w decision /help")
}

func TestFileWins(t *testing.T) {
	b := newBench(t)
	b.files["acme.yaml"] += "    decisions: {placement: place}\n"
	b.play("refused dana-w decision /decide decline", "accepted dana-w decision /approve")
}

// TestEndedRun: what fell due before the end of the run can still be put away, and nothing
// else changes.
func TestEndedRun(t *testing.T) {
	for body, want := range map[string]string{
		"call /done": "accepted", "call /skip it": "accepted", "visit /take": "accepted", "call /reschedule 2026-05-08": "refused",
		"decision /decide place": "refused", "decision /reject no": "refused", "decision /skip over": "accepted", "letter /done": "refused",
	} {
		b := newBench(t)
		b.files["care.yaml"] = strings.Replace(playbook, "after: [call], due: on start", "due: 2 days after start", 1)
		b.files["acme.yaml"] += "    ended: 2026-05-04\n"
		step, body, _ := strings.Cut(body, " ")
		who := map[string]string{"visit": "priya-r"}[step]
		if who == "" {
			who = "dana-w"
		}
		if v := b.say(who, step, body); v.word() != want {
			t.Errorf("%s on %s: %s, %s", body, step, v.word(), v.Refused)
		}
	}
}

// TestSeparateHands: neither who asked for the run nor one person for two roles signs off.
func TestSeparateHands(t *testing.T) {
	b := newBench(t)
	b.files["acme.yaml"] = strings.Replace(b.files["acme.yaml"], "by: ines", "by: dana", 1)
	b.play("accepted dana-w decision /decide place", "refused dana-w decision /approve")
	b = newBench(t)
	b.files["acme.yaml"] = strings.Replace(b.files["acme.yaml"], "director: noor", "director: dana", 1)
	b.play("accepted dana-w decision /decide place", "accepted dana-w decision /approve", "refused dana-w decision /approve")
}

// TestFrozen: while files are wrong the answer says so, and nothing else happens.
func TestFrozen(t *testing.T) {
	b := newBench(t)
	b.frozen = map[string]string{"acme": "acme.yaml:3: unknown field"}
	b.play("refused dana-w call /done", "refused dana-w meeting /done acme", "accepted dana-w meeting /done birch")
}

// TestObsolete: a step that the files have no more is answered, too.
func TestObsolete(t *testing.T) {
	b := newBench(t)
	b.files["care.yaml"] = strings.Replace(playbook, "  - {id: visit, title: Visit, owner: support, due: on start}\n", "", 1)
	b.play("refused priya-r visit /done")
}
