package progress

import (
	"fmt"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// brief writes sign-offs on one line: those that stand, why the others do not, who is missing.
func brief(a Approvals) string {
	var l []string
	for _, g := range a.Given {
		l = append(l, g.Role+" by "+g.By)
	}
	for _, v := range a.Void {
		l = append(l, "no "+v.Role+" by "+v.By+": "+v.Why)
	}
	s := fmt.Sprintf("%d; %s; missing %s", a.Round, strings.Join(l, ", "), strings.Join(a.Missing, " "))
	if len(a.Lacks) > 0 {
		s += "; lacks " + strings.Join(a.Lacks, " ")
	}
	if a.Rejected != nil {
		s += "; rejected by " + a.Rejected.By + ": " + a.Rejected.Reason
	}
	return s
}

func TestApprovals(t *testing.T) {
	for name, tt := range map[string]struct {
		do   func(w *world)
		want string
	}{
		"none": {func(*world) {}, "1; ; missing vcio director"},
		"one":  {func(w *world) { w.says(6, decision, "dana", "vcio", "/approve") }, "1; vcio by dana; missing director"},
		"both": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.says(6, decision, "omar", "director", "/approve")
		}, "1; vcio by dana, director by omar; missing "},
		"the later role first": {func(w *world) {
			w.says(6, decision, "omar", "director", "/approve")
			w.says(6, decision, "dana", "vcio", "/approve")
		}, "1; vcio by dana, no director by omar: it came before that of vcio; missing director"},
		"one person for both": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.says(6, decision, "dana", "director", "/approve")
		}, "1; vcio by dana, no director by dana: the same person has signed for another role; missing director"},
		"one person for both, by policy": {func(w *world) {
			w.org.Policies.Approvals.SamePerson = true
			w.says(6, decision, "dana", "vcio", "/approve")
			w.says(6, decision, "dana", "director", "/approve")
		}, "1; vcio by dana, director by dana; missing "},
		"who asked for it": {func(w *world) {
			w.step("decision").Owner = "engineer"
			w.says(6, decision, "priya", "vcio", "/approve")
		}, "1; no vcio by priya: whoever asked for the run does not sign it off; missing vcio director"},
		"who asked for it, by policy": {func(w *world) {
			w.org.Policies.Approvals.Self = true
			w.says(6, decision, "priya", "vcio", "/approve")
		}, "1; vcio by priya; missing director"},
		"who owns the step": {func(w *world) {
			w.run().Fields["recommended-by"] = schema.Value{Text: "mila"}
			w.says(6, decision, "priya", "vcio", "/approve")
		}, "1; no vcio by priya: whoever does the step does not sign it off; missing vcio director"},
		"who took the step": {func(w *world) {
			w.step("decision").Owner = "engineer"
			w.says(6, decision, "mila", "engineer", "/take")
			w.says(6, decision, "mila", "vcio", "/approve")
		}, "1; no vcio by mila: whoever does the step does not sign it off; missing vcio director"},
		"who owns it as an approver": {func(w *world) {
			w.step("decision").Owner = "vcio"
			w.says(6, decision, "dana", "vcio", "/approve")
		}, "1; vcio by dana; missing director"},
		"a role that is not asked": {func(w *world) { w.says(6, decision, "dana", "engineer", "/approve") },
			"1; no engineer by dana: the role is not asked; missing vcio director"},
		"a role by its former id": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.says(6, decision, "omar", "boss", "/approve")
		}, "1; vcio by dana, boss by omar; missing "},
		"void after an edit": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.run().Fields["instructions"] = schema.Value{Text: "Never call"}
		}, "1; no vcio by dana: what was signed off has changed; missing vcio director"},
		"void after another decision": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.says(7, decision, "dana", "", "/decide not-required")
		}, "1; no vcio by dana: what was signed off has changed; missing vcio director"},
		"the file and a command": {func(w *world) {
			w.file("vcio", "dana", 6)
			w.says(6, decision, "omar", "director", "/approve")
		}, "1; vcio by dana, director by omar; missing "},
		"a command, then the file": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.file("director", "omar", 6)
		}, "1; vcio by dana, director by omar; missing "},
		"the file, a day too early": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.file("director", "omar", 5)
		}, "1; vcio by dana, no director by omar: it came before that of vcio; missing director"},
		"the file with a wrong hash": {func(w *world) {
			w.file("vcio", "dana", 6)
			w.run().Approvals[0].Of = "0123456789ab"
		}, "1; no vcio by dana: what was signed off has changed; missing vcio director"},
		"rejected": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.says(6, decision, "omar", "director", "/reject - too soon")
		}, "2; no vcio by dana: it was rejected since; missing vcio director; rejected by omar: too soon"},
		"rejected, and signed again": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.says(6, decision, "omar", "director", "/reject - too soon")
			w.says(7, decision, "dana", "vcio", "/approve")
		}, "2; vcio by dana, no vcio by dana: it was rejected since; missing director"},
		"rejected twice, the file of that day": {func(w *world) {
			w.says(6, decision, "omar", "director", "/reject - too soon")
			w.says(7, decision, "omar", "director", "/reject - still")
			w.file("vcio", "dana", 7)
		}, "3; no vcio by dana: it was rejected since; missing vcio director; rejected by omar: still"},
		"a deputy for who is away": {func(w *world) {
			w.people[0].Away = []schema.Away{{From: civil.New(2026, 5, 1), To: civil.New(2026, 5, 31), Deputy: "mila"}}
			w.says(6, decision, "mila", "vcio", "/approve")
		}, "1; vcio by mila; missing director"},
		"a deputy who holds the next role": {func(w *world) {
			w.says(6, decision, "omar", "vcio", "/approve")
			w.says(6, decision, "omar", "director", "/approve")
		}, "1; vcio by omar, no director by omar: the same person has signed for another role; missing director"},
		"an approver who left": {func(w *world) {
			w.says(6, decision, "dana", "vcio", "/approve")
			w.people = w.people[1:]
			w.client.Team["vcio"] = "mila"
		}, "1; vcio by dana; missing director"},
		"a field that is required": {func(w *world) {
			w.book.Fields[2].RequiredFor = "decision"
			w.says(6, decision, "dana", "vcio", "/approve")
		}, "1; vcio by dana; missing director; lacks root-cause"},
		"under former ids": {func(w *world) {
			w.says(6, "acme-old/care/1/verdict", "dana", "vcio", "/approve")
		}, "1; vcio by dana; missing director"},
	} {
		t.Run(name, func(t *testing.T) {
			w := decided()
			tt.do(w)
			if got := brief(w.approvals()); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestUndecided: nobody signs off what is not decided.
func TestUndecided(t *testing.T) {
	w := newWorld()
	w.says(6, decision, "dana", "vcio", "/approve")
	w.says(6, decision, "omar", "director", "/approve")
	if a := w.approvals(); a.Complete() || brief(a) != "1; vcio by dana, director by omar; missing ; lacks placement" {
		t.Error(brief(a))
	}
	if e, ok := w.look().Facts().Ended[decision]; ok {
		t.Errorf("ended: %+v", e)
	}
}

// TestApprovalsOfTheUnknown: without a ledger, and without anything at all.
func TestApprovalsOfTheUnknown(t *testing.T) {
	w := newWorld()
	o := w.occurrence()
	for _, p := range []*Progress{nil, Look(Inputs{}), Look(Inputs{Catalog: &schema.Catalog{}})} {
		if a := p.Approvals(o); a.Complete() || len(a.Missing) != 2 || a.Of == "" {
			t.Errorf("%+v", a)
		}
		o := *o
		o.Step = w.step("call")
		if a := p.Approvals(&o); a.Of != "" || a.Complete() {
			t.Errorf("a step without sign-offs: %+v", a)
		}
	}
	var none *Progress
	if _, asked := none.Asked(decision); asked || none.Facts() != nil || none.Run(decision).Over != nil || none.Marks("acme") != nil || none.Released(decision) {
		t.Error("nothing is known, and something is told")
	}
}
