package due

import (
	"cmp"
	"maps"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
)

// Truth is whether conditions hold.
type Truth uint8

// The truths.
const (
	// Holds: all conditions hold.
	Holds Truth = iota
	// Undecided: no condition fails, and one hangs on a decision that is not made yet.
	Undecided
	// Fails: at least one condition does not hold.
	Fails
)

// Conditions are what the conditions of a run ask about.
type Conditions struct {
	Template   schema.Template
	Client     *schema.Client
	Assignment *schema.Assignment
	// Decided are what commands decided, by the id of the question.
	Decided map[string]string

	depth int
	// known are the answers that were found on the way, since many conditions ask the same.
	known map[asked]bool
}

// asked is whether a question is never asked, or whether a milestone counts, so many questions
// away from the first.
type asked struct {
	id        string
	milestone bool
	depth     int
}

// The values of a milestone in a condition.
const (
	Scheduled   = "scheduled"
	Unscheduled = "unscheduled"
)

// Check reports whether all conditions hold and, where they do not, the id of the first one
// by name that keeps them from it and the value that it has, "" for none yet.
//
// A condition is found among the questions of the template, then its milestones, then the
// fields of the run, then the attributes of the client. What none of them has fails, and so
// does what hangs on a question that is not answered and whose own step is not there.
func (c Conditions) Check(w schema.When) (t Truth, id, value string) {
	for _, name := range slices.Sorted(maps.Keys(w)) {
		is, v := c.one(w, name)
		if is > t {
			t, id, value = is, name, v
		}
	}
	return t, id, value
}

// one checks a single condition and returns the value that was found.
func (c Conditions) one(w schema.When, name string) (Truth, string) {
	if s := c.asks(name); s != nil {
		v := cmp.Or(c.Assignment.Decisions[name], c.Decided[name])
		switch {
		case v != "":
			return truth(w.Holds(name, v)), v
		case c.unasked(s):
			return Fails, ""
		}
		return Undecided, ""
	}
	if v, ok := c.milestone(name); ok {
		return truth(w.Holds(name, v)), v
	}
	if v, ok := c.Assignment.Fields[name]; ok {
		for _, text := range v.Texts() {
			if w.Holds(name, text) {
				return Holds, text
			}
		}
		return Fails, v.Text
	}
	v := c.Client.Attributes[name]
	return truth(v != "" && w.Holds(name, v)), v
}

func truth(holds bool) Truth {
	if holds {
		return Holds
	}
	return Fails
}

// asks returns the step that decides a question with an id, nil where none does.
func (c Conditions) asks(id string) (found *schema.Step) {
	c.Template.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
		if s.Decide != nil && s.Decide.ID == id {
			found = s
		}
		return found == nil
	})
	return found
}

// maxAsked bounds how many questions hang on each other.
const maxAsked = 20

// unasked reports whether a question is never asked, because the step that would is not
// there.
func (c Conditions) unasked(s *schema.Step) bool {
	return c.follow(asked{id: s.Decide.ID}, s.When, Fails)
}

// follow reports whether conditions that others hang on come to something. Each is looked at
// once for each depth: along every way it would take exponential time.
func (c Conditions) follow(of asked, w schema.When, to Truth) bool {
	if c.depth++; c.depth > maxAsked {
		return false
	}
	if c.known == nil {
		c.known = map[asked]bool{}
	}
	of.depth = c.depth
	is, known := c.known[of]
	if !known {
		t, _, _ := c.Check(w)
		is = t == to
		c.known[of] = is
	}
	return is
}

// milestone returns whether a milestone is scheduled, and false where there is none of that id.
func (c Conditions) milestone(id string) (string, bool) {
	p, ok := c.Template.(*schema.OnboardingPlan)
	if !ok {
		return "", false
	}
	for i := range p.Milestones {
		m, own := &p.Milestones[i], c.Assignment.Milestones[id]
		switch {
		case m.ID != id:
		case own.Date != 0, own.Word == "" && m.Due != "" && c.counts(m):
			return Scheduled, true
		default:
			return Unscheduled, true
		}
	}
	return "", false
}

// counts reports whether the day that the plan gives a milestone counts. One whose conditions
// hang on itself has none.
func (c Conditions) counts(m *schema.Milestone) bool {
	if len(m.When) == 0 {
		return true
	}
	return c.follow(asked{id: m.ID, milestone: true}, m.When, Holds)
}
