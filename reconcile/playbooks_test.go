package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/lint"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

// drawn is a test that rapid drives: what fails there, fails what was drawn.
type drawn struct {
	testing.TB
	t *rapid.T
}

func (d drawn) Helper()                   {}
func (d drawn) Errorf(f string, a ...any) { d.t.Errorf(f, a...) }
func (d drawn) Fatalf(f string, a ...any) { d.t.Fatalf(f, a...) }
func (d drawn) Fatal(a ...any)            { d.t.Fatal(a...) }

// walk is a playbook that was drawn, and people who do with it as they please.
type walk struct {
	*stage
	tale *story
	t    *rapid.T
}

func newWalk(t *rapid.T, outer testing.TB) *walk {
	b := drawBook(t)
	w := &walk{stage: newStage(drawn{outer, t}, b.files(), "2026-05-06"), tale: b, t: t}
	w.lifts = true
	for _, d := range lint.Run(w.cat, lint.Options{Today: w.today}) {
		if d.Severity == diag.Error {
			t.Fatalf("a playbook is drawn with a fault: %v\n%s", d, b.text)
		}
	}
	w.rest()
	return w
}

// rest lets runs go on until nothing is left to do, and holds what has to be true then.
func (w *walk) rest() {
	for range 12 {
		if p, _ := w.once(); p.Empty() && !w.unheard {
			if _, effects := w.once(); effects > 0 {
				w.t.Fatalf("%s: a further run has %d effects", w.today, effects)
			}
			return
		}
		w.clock = w.clock.Add(25 * time.Minute)
	}
	w.t.Fatalf("%s: no end after twelve runs:\n%s", w.today, w.tale.text)
}

// once is a run, and how many effects it had.
func (w *walk) once() (*plan.Plan, int) {
	before := map[int]issue.Issue{}
	for _, i := range w.forge.issues {
		before[i.Number] = i
	}
	l := &life{}
	p, res, err := w.perform(l)
	if err != nil || res.Partial() {
		w.t.Fatalf("%s: %+v, %v", w.today, res, err)
	}
	for key, n := range w.keys() {
		if n != 1 {
			w.t.Fatalf("%s has %d issues", key, n)
		}
	}
	for i := range w.forge.issues {
		now := &w.forge.issues[i]
		for _, key := range appeared(before[now.Number], now) {
			if !strings.HasSuffix(key, "/"+schema.WholeRun) {
				w.checkOpened(w.today.String(), key)
			}
		}
	}
	return p, l.effects
}

// pass lets days go by.
func (w *walk) pass(days int) {
	w.on(w.today.AddDays(days).String())
	w.rest()
}

// say has somebody write a comment.
func (w *walk) say(who string, number int, text string) {
	w.clock = w.clock.Add(time.Second)
	w.forge.said = append(w.forge.said, issue.Comment{ID: fmt.Sprintf("c%04d", len(w.forge.said)), Issue: number, Author: w.cat.Person(who).GitHub, Body: text, Created: w.clock, Updated: w.clock})
}

// state has somebody close an issue, or open it again.
func (w *walk) state(i *issue.Issue, s issue.State, as issue.CloseReason) {
	i.State, i.Reason, i.Closed, i.Updated = s, as, w.clock, w.clock
}

// topics are what a command on an issue may be about: a client where several share it, a step
// where a run has only one.
func (w *walk) topics(i *issue.Issue) (l []topic) {
	m, _ := issue.ParseMarker(i.Body)
	switch {
	case m.Key.Client == schema.AllClients:
		for _, r := range issue.Rows(i.Body) {
			if o, ok := w.engine.Lookup(r.Key); ok {
				l = append(l, topic{&o, o.Client.ID + " "})
			}
		}
	case m.Key.Step == schema.WholeRun:
		for _, s := range w.cat.Playbooks[0].Steps {
			if o, ok := w.engine.Lookup(strings.TrimSuffix(m.Key.String(), schema.WholeRun) + s.ID); ok {
				l = append(l, topic{&o, s.ID + " "})
			}
		}
	default:
		if o, ok := w.engine.Lookup(m.Key.String()); ok {
			l = append(l, topic{&o, ""})
		}
	}
	return l
}

type topic struct {
	*due.Occurrence
	prefix string
}

// anyIssue draws an issue, open or not.
func (w *walk) anyIssue(t *rapid.T) *issue.Issue {
	if len(w.forge.issues) == 0 {
		t.Skip("no issue yet")
	}
	return &w.forge.issues[rapid.IntRange(0, len(w.forge.issues)-1).Draw(t, "issue")]
}

// acts are what may happen between two runs.
func (w *walk) acts() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":          func(*rapid.T) {},
		"days pass": func(t *rapid.T) { w.pass(rapid.IntRange(1, 6).Draw(t, "days")) },
		"a person closes": func(t *rapid.T) {
			if i := w.anyIssue(t); i.State == issue.Open {
				w.state(i, issue.Closed, rapid.SampledFrom([]issue.CloseReason{issue.Completed, issue.NotPlanned}).Draw(t, "as"))
				w.rest()
			}
		},
		"a person opens again": func(t *rapid.T) {
			if i := w.anyIssue(t); i.State == issue.Closed {
				w.state(i, issue.Open, "")
				w.rest()
			}
		},
		"a person ticks": func(t *rapid.T) {
			i := w.anyIssue(t)
			i.Body, i.Updated = strings.Replace(i.Body, "- [ ]", "- [x]", 1), w.clock
			w.rest()
		},
		"a person commands": func(t *rapid.T) {
			i := w.anyIssue(t)
			l := w.topics(i)
			if len(l) == 0 {
				t.Skip("nothing to speak of")
			}
			about := rapid.SampledFrom(l).Draw(t, "topic")
			word := rapid.SampledFrom([]string{"done", "skip", "approve", "approve", "approve", "decide", "decide", "reject", "reschedule", "take", "release"}).Draw(t, "command")
			rest := map[string]string{"skip": "no need", "reject": "not yet", "reschedule": w.today.AddDays(3).String(), "decide": rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "option")}[word]
			w.say(rapid.SampledFrom([]string{"dana", "noor", "priya", "tomasz"}).Draw(t, "who"), i.Number, "/"+word+" "+about.prefix+rest)
			w.rest()
		},
		"a file is edited": func(t *rapid.T) { w.edit(rapid.SampledFrom(bookClients).Draw(t, "client")) },
	}
}

// edit changes what the run of a client says about itself. Sign-offs of steps that are not
// done count no more.
func (w *walk) edit(client string) {
	unfinished := w.signedOff(client)
	w.tale.reason[client]++
	w.text = w.tale.files()
	w.files(tree(w.text))
	w.rest()
	for _, key := range unfinished {
		if o, ok := w.engine.Lookup(key); ok {
			if a := w.progress.Approvals(&o); len(a.Given) > 0 {
				w.t.Fatalf("a sign-off of %s survives an edit: %+v", key, a)
			}
		}
	}
}

// signedOff returns the keys of the steps of a client that are to be signed off and not done.
func (w *walk) signedOff(client string) (l []string) {
	for _, s := range w.cat.Playbooks[0].Steps {
		key := client + "/book/1/" + s.ID
		if _, ended := w.progress.Facts().Ended[key]; len(s.Approve) > 0 && !ended {
			l = append(l, key)
		}
	}
	return l
}

// steadfast holds that the order of documents, events and issues makes no other plan.
func (w *walk) steadfast() {
	w.on(w.today.AddDays(2).String())
	planned := func(events []record.Event, issues []issue.Issue) *plan.Plan {
		return plan.Make(w.know(&reconcile.World{History: &reconcile.History{Exists: true, Entries: record.Fold(events)}, Issues: issues, Identity: "almanac-bot"}))
	}
	want := planned(w.book.events, w.forge.issues)
	w.cat.Clients, w.cat.People = shuffled(w.t, w.cat.Clients), shuffled(w.t, w.cat.People)
	w.cat.Index()
	if d := cmp.Diff(want, planned(shuffled(w.t, w.book.events), shuffled(w.t, w.forge.issues))); d != "" {
		w.t.Fatalf("the order makes another plan:\n%s", d)
	}
}

// shuffled returns a list in another order.
func shuffled[T any](t *rapid.T, l []T) []T {
	order := make([]int, len(l))
	for i := range order {
		order[i] = i
	}
	var other []T
	for _, i := range rapid.Permutation(order).Draw(t, "order") {
		other = append(other, l[i])
	}
	return other
}

// finish has people do what they can for a run until it is over, or nothing is left of it.
func (w *walk) finish(client string) {
	for round := range 30 {
		if w.over(client) {
			return
		}
		switch round {
		case 18:
			w.giveUp(client)
		case 24:
			w.tale.decided[client] = "no"
		}
		if round%6 == 0 {
			w.edit(client)
		}
		for n := range w.forge.issues {
			i := &w.forge.issues[n]
			if round > 8 && i.State == issue.Closed && i.Reason == issue.NotPlanned {
				w.state(i, issue.Open, "")
			}
			for _, about := range w.topics(i) {
				if about.Client.ID == client {
					w.further(i, about, round)
				}
			}
		}
		w.pass(3)
	}
	w.tell(client)
	w.t.Fatalf("%s has no way to the end:\n%s", client, w.tale.text)
}

// giveUp says in the file what nobody can say any more in comments: what had to be signed off
// and was skipped is called off, a run of which everything that ends it was skipped has
// ended, and questions are answered whose issue is closed for good.
func (w *walk) giveUp(client string) {
	left := false
	for _, s := range w.cat.Playbooks[0].Steps {
		end := w.progress.Facts().Ended[client+"/book/1/"+s.ID]
		if end.Skipped && len(s.Approve) > 0 {
			w.tale.off[client] = append(w.tale.off[client], s.ID)
		}
		left = left || s.Ends != "" && !end.Skipped
	}
	w.tale.decided[client] = "yes"
	if !left {
		w.tale.ended[client] = w.today.String()
	}
}

// tell logs how the steps of a run stand, and what became of the last that was said.
func (w *walk) tell(client string) {
	for _, o := range w.engine.Occurrences(due.Window{From: w.today.AddDays(-200), To: w.today.AddDays(60)}) {
		if o.Client.ID == client {
			end, ended := w.progress.Facts().Ended[o.Key]
			w.t.Logf("%s due %s, ended %v %+v, undecided %q, sign-offs %+v", o.Key, o.Due, ended, end, o.Undecided, w.progress.Approvals(&o))
		}
	}
	for _, i := range w.forge.issues {
		m, _ := issue.ParseMarker(i.Body)
		w.t.Logf("#%d %s is %s %s %v", i.Number, m.Key, i.State, i.Reason, i.Labels)
	}
	for _, c := range w.forge.said[max(0, len(w.forge.said)-12):] {
		w.t.Logf("%s on #%d: %s => %s", c.Author, c.Issue, c.Body, w.answer(c.ID))
	}
}

// over reports whether a run is over, or has nothing left to do.
func (w *walk) over(client string) bool {
	if w.progress.Run(client+"/book/1").Over != nil {
		return true
	}
	l := w.engine.Occurrences(due.Window{From: w.today.AddDays(-200), To: w.today.AddDays(60)})
	return !slices.ContainsFunc(l, func(o due.Occurrence) bool {
		_, ended := w.progress.Facts().Ended[o.Key]
		return o.Client.ID == client && !o.Whole && !ended
	})
}

// further has the right people answer, sign off and finish a step.
func (w *walk) further(i *issue.Issue, about topic, round int) {
	holder := map[string]string{"vcio": "dana", "director": "noor", "support": "priya"}
	s := about.Step
	_, ended := w.progress.Facts().Ended[about.Key]
	if s.Decide != nil && (!ended || round > 8) {
		who := holder[s.Owner]
		if len(s.Approve) > 0 {
			who = holder[s.Approve[0]]
		}
		w.say(who, i.Number, "/decide "+about.prefix+s.Decide.Options[round/8%2])
	}
	if ended || i.State == issue.Closed {
		return
	}
	for _, role := range s.Approve {
		w.say(holder[role], i.Number, "/approve "+about.prefix)
	}
	if len(s.Approve) == 0 {
		w.say(holder[s.Owner], i.Number, "/done "+about.prefix)
		if about.Owner.Person == "tomasz" {
			w.say("tomasz", i.Number, "/done "+about.prefix)
		}
	}
}

// TestPlaybooks walks at random through playbooks drawn at random. Whatever people do,
// nothing is opened before what it depends on, no sign-off survives an edit of what was
// signed off, a further run finds nothing to do, the order of events and issues makes no
// other plan, and there is a way to the end.
func TestPlaybooks(t *testing.T) {
	proptest.Check(t, func(rt *rapid.T) {
		w := newWalk(rt, t)
		rt.Repeat(w.acts())
		w.steadfast()
		if w.tale.window < 100 {
			return // what was missed is not opened any more
		}
		for _, client := range bookClients {
			w.finish(client)
		}
	})
}
