package progress

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

// edits are all the ways in which what is signed off can be edited.
var edits = map[string]func(w *world, text string){
	"title of the template": func(w *world, s string) { w.book.Title += s },
	"title":                 func(w *world, s string) { w.step("decision").Title = s },
	"title by an override": func(w *world, s string) {
		w.run().Overrides = map[string]*schema.Override{"decision": {Title: "Decide" + s}}
	},
	"checklist":    func(w *world, s string) { w.step("decision").Checklist = append(w.step("decision").Checklist, s) },
	"instructions": func(w *world, s string) { w.step("decision").Instructions += s },
	"question":     func(w *world, s string) { w.step("decision").Decide.Question += s },
	"options": func(w *world, s string) {
		w.step("decision").Decide.Options = append(w.step("decision").Decide.Options, s)
	},
	"field":     func(w *world, s string) { w.run().Fields["instructions"] = schema.Value{Text: "Call first" + s} },
	"new field": func(w *world, s string) { w.run().Fields["lessons"] = schema.Value{Text: s} },
	"list": func(w *world, s string) {
		w.run().Fields["lessons"] = schema.Value{Entries: []schema.Entry{{What: s}}}
	},
	"owner of an entry": func(w *world, s string) {
		w.run().Fields["lessons"] = schema.Value{Entries: []schema.Entry{{What: "x", Owner: s}}}
	},
	"day of an entry": func(w *world, s string) {
		w.run().Fields["lessons"] = schema.Value{Entries: []schema.Entry{{What: s, Due: civil.Date(len(s))}}}
	},
	"less":     func(w *world, _ string) { delete(w.run().Fields, "instructions") },
	"start":    func(w *world, s string) { w.run().Start = w.run().Start.AddDays(len(s)) },
	"decision": func(w *world, _ string) { w.run().Decisions = map[string]string{"placement": "not-required"} },
}

// TestNoSignOffSurvivesAnEdit: whatever is edited of what was signed off, by command or in
// the file, all is void; put back, all stands.
func TestNoSignOffSurvivesAnEdit(t *testing.T) {
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			proptest.Check(t, func(r *rapid.T) {
				w := decided()
				if rapid.Bool().Draw(r, "file") {
					w.file("vcio", "dana", 6)
				} else {
					w.says(6, decision, "dana", "vcio", "/approve")
				}
				w.says(7, decision, "omar", "director", "/approve")
				before := w.look().Facts().Ended[decision]
				edit(w, rapid.StringMatching(`[a-z äöü]*[a-z]`).Draw(r, "text"))
				p := w.look()
				a := p.approvals(p.runs["acme/care/1"], p.runs["acme/care/1"].step("decision"), decision)
				if _, ended := p.Facts().Ended[decision]; ended || len(a.Given) > 0 || len(a.Void) != 2 || before.On == 0 {
					r.Fatalf("still %s, before %+v", brief(a), before)
				}
			})
		})
	}
}

// TestLaterFieldsVoidNothing: what another step requires is not signed off here.
func TestLaterFieldsVoidNothing(t *testing.T) {
	w := decided()
	w.says(6, decision, "dana", "vcio", "/approve")
	w.says(7, decision, "omar", "director", "/approve")
	w.run().Fields["root-cause"] = schema.Value{Text: "a failing switch"}
	if _, ended := w.look().Facts().Ended[decision]; !ended {
		t.Error("the root cause, which is required later, voids the decision")
	}
}

// TestHash: equal texts in other places are another hash, and ids are not in it.
func TestHash(t *testing.T) {
	seen := map[string]string{}
	for name, edit := range edits {
		w := newWorld()
		edit(w, "x")
		s := stepsOf(w.book, w.run())[1]
		h := Hash(w.book, w.run(), s, w.run().Decisions["placement"])
		if other, ok := seen[h]; ok || !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(h) {
			t.Errorf("%s: %q, as %s", name, h, other)
		}
		seen[h] = name
	}
	w := newWorld()
	h := Hash(w.book, w.run(), w.step("decision"), "place")
	w.book.ID, w.run().Run, w.step("decision").ID = "tlc", "2", "verdict"
	w.step("verdict").Checklist = []string{}
	w.run().Fields["root-cause"] = schema.Value{}
	if again := Hash(w.book, w.run(), w.step("verdict"), "place"); again != h {
		t.Error("ids and what is empty make another hash")
	}
}

// TestHashBinds edits what was found out for one step, and signs off others around it: what
// comes after it rests on that, what comes before it or stands aside does not.
func TestHashBinds(t *testing.T) {
	b := &schema.Playbook{Fields: []schema.Field{{ID: "root-cause", Type: schema.FieldText, RequiredFor: "analysis"}}}
	for id, after := range map[string][]string{"decision": nil, "analysis": {"decision"}, "plan": {"research"}, "removal": {"plan"}, "aside": {"decision"}} {
		s := schema.Step{ID: id, After: after}
		if id == "analysis" {
			s.Previously = []string{"research"}
		}
		b.Steps = append(b.Steps, s)
	}
	binds := map[string]bool{"analysis": true, "plan": true, "removal": true}
	for i := range b.Steps {
		s := &b.Steps[i]
		of := func(cause string) string {
			return Hash(b, &schema.Assignment{Fields: map[string]schema.Value{"root-cause": {Text: cause}}}, s, "")
		}
		if voids := of("the switch") != of("the router"); voids != binds[s.ID] {
			t.Errorf("%s: an edit of what was found out voids its sign-off: %t", s.ID, voids)
		}
	}
	b.Steps[0].After = []string{b.Steps[0].ID} // a loop is a fault of the files, and ends here as well
	Hash(b, &schema.Assignment{Fields: map[string]schema.Value{"root-cause": {Text: "x"}}}, &b.Steps[0], "")
}

// happened draws a history of several runs, clients that are not there among them.
func happened(r *rapid.T) *world {
	w := decided()
	w.step("call").Issue = "shared"
	clients, steps := []string{"acme", "acme-old", "zeta"}, []string{"recommend", "decision", "verdict", "call", "removal", "gone", "whole-run"}
	verbs := []record.Verb{record.Opened, record.Done, record.Skipped, record.Closed, record.Lost, record.Updated, record.Started}
	words := []string{"/done", "/skip - no", "/approve", "/reject - no", "/decide place", "/decide not-required", "/reschedule 2026-05-29", "/take", "/release"}
	for i := range rapid.IntRange(0, 14).Draw(r, "events") {
		name := func(s string) string { return fmt.Sprint(s, i) }
		run := rapid.SampledFrom([]string{"1", "t7", "9"}).Draw(r, name("run"))
		key := rapid.SampledFrom(clients).Draw(r, name("client")) + "/care/" + run + "/" + rapid.SampledFrom(steps).Draw(r, name("step"))
		number := rapid.IntRange(1, 5).Draw(r, name("number"))
		if rapid.Bool().Draw(r, name("command")) {
			w.says(5+i, key, rapid.SampledFrom([]string{"dana", "omar", "nobody"}).Draw(r, name("who")), rapid.SampledFrom([]string{"vcio", "director"}).Draw(r, name("role")), rapid.SampledFrom(words).Draw(r, name("word")))
			continue
		}
		v := rapid.SampledFrom(verbs).Draw(r, name("verb"))
		if v == record.Started {
			key = key[:strings.LastIndexByte(key, '/')] + "/whole-run"
		}
		w.event(5+i, key, v, number)
	}
	for n := 1; n < 7; n++ {
		is := issue.Issue{Number: n, Labels: []string{issue.OwnershipLabel}, State: issue.Open}
		shared := issue.Key{Client: schema.AllClients, Template: "care", Cycle: "2026-05-18", Step: "call"}
		is.Body = issue.Compose("- [x] `"+rapid.SampledFrom(clients).Draw(r, fmt.Sprint("row", n))+"/care/1/call`", issue.Marker{Key: shared, Installation: "northwind"})
		if rapid.Bool().Draw(r, fmt.Sprint("closed", n)) {
			closeOn(&is, 5+n, rapid.SampledFrom([]issue.CloseReason{issue.Completed, issue.NotPlanned, issue.Duplicate}).Draw(r, fmt.Sprint("reason", n)))
		}
		w.issues = append(w.issues, is)
	}
	return w
}

// told is everything that a Progress says.
func told(p *Progress) string {
	s := ""
	for _, r := range p.sorted() {
		s += fmt.Sprintf("%s %+v\n", r.key, p.Run(r.key).Decisions)
		for _, step := range r.steps {
			asked, ok := p.Asked(r.key + "/" + step.ID)
			s += fmt.Sprintf("%s %+v %t %t %s\n", step.ID, asked, ok, p.Released(r.key+"/"+step.ID), brief(p.approvals(r, step, r.key+"/"+step.ID)))
		}
	}
	return s + fmt.Sprint(p.marks)
}

// TestOrderMakesNoDifference: whatever order entries and issues come in.
func TestOrderMakesNoDifference(t *testing.T) {
	proptest.Check(t, func(r *rapid.T) {
		w := happened(r)
		a := w.look()
		w.events = rapid.Permutation(w.events).Draw(r, "events shuffled")
		w.issues = rapid.Permutation(w.issues).Draw(r, "issues shuffled")
		b := w.look()
		if d := cmp.Diff(a.Facts(), b.Facts()); d != "" {
			r.Error(d)
		}
		if d := cmp.Diff(told(a), told(b)); d != "" {
			r.Error(d)
		}
	})
}

// TestFactsOfClients: facts are about clients that exist, by the ids that they have now.
func TestFactsOfClients(t *testing.T) {
	proptest.Check(t, func(r *rapid.T) {
		f := happened(r).look().Facts()
		check := func(key string) {
			if !strings.HasPrefix(key, "acme/care/") || strings.Contains(key, "/verdict") {
				r.Errorf("a fact about %s", key)
			}
		}
		for key := range f.Ended {
			check(key)
		}
		for key := range f.Decisions {
			check(key)
		}
		for key := range f.Over {
			check(key)
		}
		for key := range f.Moved {
			check(key)
		}
		for key := range f.Taken {
			check(key)
		}
		for client := range f.Started {
			check(client + "/care/")
		}
	})
}
