package schema

import (
	"testing"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// TestApply: what a client writes takes the place of what the template says, dates as a
// whole; what it does not write stays, and the template is not changed.
func TestApply(t *testing.T) {
	week, later, yes := 1, 3, true
	due := civil.Offset{Span: civil.Span{N: 2, Unit: civil.Week, Set: true}, Sign: -1}
	weekly := Step{ID: "call", Title: "Call", Owner: "support", Week: &week, Day: civil.Weekday(1), With: []string{"vcio"}}
	dated := Step{ID: "audit", Title: "Audit", Owner: "vcio", Due: due, Day: civil.Weekday(5)}
	for name, c := range map[string]struct {
		step     *Step
		override *Override
		holds    func(*Step) bool
	}{
		"nothing":              {&weekly, nil, func(s *Step) bool { return s.Week == &week && s.Day == 1 }},
		"a date for a week":    {&weekly, &Override{Due: due}, func(s *Step) bool { return s.Due == due && s.Day == 0 }},
		"a date and its day":   {&weekly, &Override{Due: due, Day: 2}, func(s *Step) bool { return s.Due == due && s.Day == 2 }},
		"a date for a date":    {&dated, &Override{Due: civil.Offset{Anchor: "visit"}}, func(s *Step) bool { return s.Due.Anchor == "visit" && s.Day == 5 }},
		"a week for a date":    {&dated, &Override{Week: &later}, func(s *Step) bool { return s.Due.IsZero() && *s.Week == 3 }},
		"nobody else":          {&weekly, &Override{With: []string{}}, func(s *Step) bool { return len(s.With) == 0 && s.Owner == "support" }},
		"another owner":        {&weekly, &Override{Owner: "vcio"}, func(s *Step) bool { return s.Owner == "vcio" && len(s.With) == 1 && s.Title == "Call" }},
		"an invitation":        {&weekly, &Override{Invite: &yes}, func(s *Step) bool { return s.Invite }},
		"no invitation either": {&weekly, &Override{Title: "Ring"}, func(s *Step) bool { return !s.Invite && s.Title == "Ring" }},
	} {
		if got := c.override.Apply(c.step); !c.holds(got) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if weekly.Title != "Call" || len(weekly.With) != 1 || weekly.Day != 1 || dated.Due != due {
		t.Errorf("the template was changed: %+v %+v", weekly, dated)
	}
}
