package due

import "github.com/almanac-gitops/almanac/schema/civil"

// condition is what came of the conditions of a step: with the first that keeps them from
// holding, and its value.
type condition struct {
	truth     Truth
	id, value string
}

// open returns the question on which the step depends while nobody has answered it.
func (c condition) open() string {
	if c.truth == Undecided {
		return c.id
	}
	return ""
}

// decide checks the conditions of all steps, where there are any.
func (t *track) decide() {
	if !t.conditional() {
		return
	}
	t.conditions = make([]condition, len(t.lines))
	for i := range t.lines {
		t.conditions[i] = t.check(&t.lines[i], 0)
	}
}

func (t *track) conditional() bool {
	for i := range t.assignment.ExtraSteps {
		if len(t.assignment.ExtraSteps[i].When) > 0 {
			return true
		}
	}
	return t.shape.conditional
}

// condition returns what came of the conditions of a step in cycle n. What a file decides
// holds for every cycle of a process, what a command decided for its own.
func (t *track) condition(l *line, n int) condition {
	switch {
	case t.conditions == nil:
		return condition{}
	case n == 0 || len(t.e.facts.Decisions) == 0:
		return t.conditions[l.at]
	}
	return t.check(l, n)
}

func (t *track) check(l *line, n int) (c condition) {
	if len(l.step.When) > 0 {
		c.truth, c.id, c.value = t.asked(n).Check(l.step.When)
	}
	return c
}

// asked returns what the conditions of a cycle ask about.
func (t *track) asked(n int) Conditions {
	c := Conditions{Template: t.shape.doc, Client: t.client, Assignment: t.assignment}
	if len(t.e.facts.Decisions) > 0 {
		c.Decided = t.e.facts.Decisions[t.run(n)]
	}
	return c
}

// run returns what the keys of a cycle begin with: client/template/cycle.
func (t *track) run(n int) string {
	return t.client.ID + "/" + t.shape.doc.Head().ID + "/" + string(t.appendCycle(nil, n))
}

// end returns the day on which a run was over, by its file or else by what is known; zero
// while it goes on.
func (t *track) end() civil.Date {
	if t.assignment.Ended != 0 || len(t.e.facts.Over) == 0 {
		return t.assignment.Ended
	}
	return t.e.facts.Over[t.run(0)].On
}
