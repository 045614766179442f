package due

import (
	"fmt"
	"testing"

	"github.com/almanac-gitops/almanac/schema"
)

// TestManyConditions: questions and milestones that all hang on all others are checked in the
// time that a person waits. Followed along every way, ten of them would take years.
func TestManyConditions(t *testing.T) {
	const n = 12
	b, p, when := &schema.Playbook{}, &schema.OnboardingPlan{}, schema.When{}
	for i := range n {
		q, m, asks, counts := fmt.Sprintf("q%d", i), fmt.Sprintf("m%d", i), schema.When{}, schema.When{}
		for k := range n {
			if k != i {
				asks[fmt.Sprintf("q%d", k)] = []string{"yes"}
				counts[fmt.Sprintf("m%d", k)] = []string{Scheduled}
			}
		}
		b.Steps = append(b.Steps, schema.Step{ID: "s" + q, When: asks, Decide: &schema.Decide{ID: q, Options: []string{"yes", "no"}}})
		p.Milestones = append(p.Milestones, schema.Milestone{ID: m, Due: "week 1", When: counts})
		when[q] = []string{"yes"}
	}
	c := Conditions{Template: b, Client: &schema.Client{}, Assignment: &schema.Assignment{}}
	if truth, id, _ := c.Check(when); truth != Undecided || id != "q0" {
		t.Errorf("questions: %v by %s", truth, id)
	}
	b.Steps[n-1].When["other"] = []string{"x"} // one is never asked, and so none is
	if truth, id, _ := c.Check(when); truth != Fails || id != "q0" {
		t.Errorf("a question that is not asked: %v by %s", truth, id)
	}
	c.Template = p
	if truth, id, value := c.Check(schema.When{"m0": {Scheduled}}); truth != Fails || id != "m0" || value != Unscheduled {
		t.Errorf("milestones: %v by %s, %s", truth, id, value)
	}
}
