package plan

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema"
)

// NeedKind says what is missing.
type NeedKind string

// The kinds of needs.
const (
	// NeedSteps: other steps have to be done first.
	NeedSteps NeedKind = "steps"
	// NeedDecision: it is not decided whether the step is there.
	NeedDecision NeedKind = "decision"
	// NeedAnswer: the step's own question is not answered.
	NeedAnswer NeedKind = "answer"
	// NeedFields: the run does not say what it has to before the sign-off.
	NeedFields NeedKind = "fields"
	// NeedSignoff: somebody has to sign the step off.
	NeedSignoff NeedKind = "sign-off"
)

// Need is something that a step waits for.
type Need struct {
	Kind NeedKind
	// For says it in words.
	For string
	// Keys are the steps that it waits for, or that ask the question.
	Keys []string
	// Question is the id of what has to be answered, and Options are the answers.
	Question string
	Options  []string
	// Role is the one to sign off next, and Who does so, or has the step that asks.
	Role string
	Who  due.Holder
}

// Needs returns what a step waits for whose time has come, in the order in which it has to
// come about: what is in the way, the answer to its question, what the run has to say, the
// next sign-off. A step that is done owes no more than the answer.
func (v *View) Needs(o *due.Occurrence) []Need {
	state := v.State(o)
	switch {
	case state == Done && v.owesAnswer(o):
		return []Need{v.answerNeed(o)}
	case over(state), state == Obsolete, state == Unscheduled:
		return nil
	case v.in.AsOf < o.Opens, o.Undecided != "" && v.in.AsOf < o.Due:
		return nil
	}
	if l := v.before(o); l != nil {
		return l
	}
	return v.ownNeeds(o)
}

// before returns what is in the way of a step, whatever the day: that it is not decided
// whether it is there, else the steps that come first.
func (v *View) before(o *due.Occurrence) []Need {
	if o.Undecided != "" {
		return []Need{v.decisionNeed(o)}
	}
	if keys, _ := v.waits(o, 0); len(keys) > 0 {
		return []Need{v.stepsNeed(o, keys)}
	}
	return nil
}

// Explained is Needs without regard to the day: it also tells what a step will wait for whose
// time has not come.
func (v *View) Explained(o *due.Occurrence) []Need {
	if l := v.Needs(o); l != nil || over(v.State(o)) {
		return l
	}
	return v.before(o)
}

// ownNeeds are those that nothing else is in the way of.
func (v *View) ownNeeds(o *due.Occurrence) (l []Need) {
	d := o.Step.Decide
	if d != nil && v.unanswered(o) {
		l = append(l, v.answerNeed(o))
	}
	if lacks := lacking(o); len(lacks) > 0 {
		where := o.Client.Source.File
		if o.FromIssue() {
			where = "the text of its issue"
		}
		l = append(l, Need{Kind: NeedFields, For: strings.Join(lacks, ", ") + ", in " + where})
	}
	if a := v.in.Progress.Approvals(o); len(o.Step.Approve) > 0 && len(a.Missing) > 0 {
		n := Need{Kind: NeedSignoff, Role: a.Missing[0], Who: v.in.Engine.Holder(o, a.Missing[0])}
		n.For = "the sign-off by " + v.roleTitle(n.Role)
		if who := v.name(n.Who); n.Who.Person != "" {
			n.For += ", " + who
		}
		l = append(l, n)
	}
	return l
}

// lacking returns what people call the fields that the run has to have before the step is done
// or signed off, and has not.
func lacking(o *due.Occurrence) (names []string) {
	if b, ok := o.Template.(*schema.Playbook); ok {
		for _, f := range b.Lacks(o.Assignment, o.Step) {
			names = append(names, f.Name())
		}
	}
	return names
}

func (v *View) unanswered(o *due.Occurrence) bool {
	option, _ := v.answer(o, o.Step.Decide.ID)
	return option == ""
}

// owesAnswer reports whether a step was done without an answer to its question, and nobody
// will be asked again: a run that is over needs none, and a later turn asks anew.
func (v *View) owesAnswer(o *due.Occurrence) bool {
	if o.Step.Decide == nil || !v.unanswered(o) || v.in.Progress.Run(o.Key).Over != nil {
		return false
	}
	return o.Instance == "" || !slices.ContainsFunc(v.steps(o, o.Step.ID), func(d *due.Occurrence) bool {
		return d.Due > o.Due && (v.State(d) == Done || d.Opens != 0 && d.Opens <= v.in.AsOf)
	})
}

func (v *View) answerNeed(o *due.Occurrence) Need {
	d := o.Step.Decide
	return Need{Kind: NeedAnswer, For: "an answer: " + d.Question + " " + strings.Join(d.Options, " or "), Keys: []string{o.Key}, Question: d.ID, Options: d.Options, Who: o.Owner}
}

// decisionNeed says what has to be decided before it is known whether a step is there.
func (v *View) decisionNeed(o *due.Occurrence) Need {
	n := Need{Kind: NeedDecision, For: "the decision " + o.Undecided, Keys: v.asks(o), Question: o.Undecided}
	for _, key := range n.Keys {
		if d, ok := v.in.Engine.Lookup(key); ok {
			n.Options, n.Who = d.Step.Decide.Options, d.Owner
		}
	}
	return n
}

// Shared returns the key of the issue that an occurrence shares with other clients, "" where
// it has one of its own.
func (v *View) Shared(o *due.Occurrence) string {
	if !o.Shared() || o.Due == 0 {
		return ""
	}
	return o.SharedKey()
}

// stepsNeed says which steps have to be done first. Of one that was skipped although it has to
// be signed off it says so: nothing goes on until somebody takes that back.
func (v *View) stepsNeed(o *due.Occurrence, keys []string) Need {
	n := Need{Kind: NeedSteps, For: strings.Join(v.stepTitles(o, keys), ", "), Keys: keys}
	if slices.ContainsFunc(keys, func(key string) bool { end, ok := v.fact(key); return ok && end.Skipped }) {
		n.For += " (skipped without the sign-off that it needs: open its issue again)"
	}
	return n
}

// stepTitles returns how people call the steps of a run with given keys, each once.
func (v *View) stepTitles(o *due.Occurrence, keys []string) []string {
	var l []string
	o.Template.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
		is := func(key string) bool {
			part := strings.Split(key, "/")
			return len(part) > 3 && part[3] == s.ID
		}
		if slices.ContainsFunc(keys, is) && !slices.Contains(l, s.Title) {
			l = append(l, s.Title)
		}
		return true
	})
	if l == nil {
		return keys
	}
	return l
}
