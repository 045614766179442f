package schema_test

import (
	"testing"

	"github.com/almanac-gitops/almanac/schema"
)

// TestLacks: what a step cannot be signed off without is found under its former ids too, and
// an entry that says nothing is none.
func TestLacks(t *testing.T) {
	p := &schema.Playbook{Fields: []schema.Field{
		{ID: "reason", Required: true},
		{ID: "cause", RequiredFor: "root-cause"},
		{ID: "actions", RequiredFor: "analysis"},
	}}
	s := &schema.Step{ID: "root-cause", Previously: []string{"analysis"}}
	a := &schema.Assignment{Fields: map[string]schema.Value{"cause": {Text: " "}}}
	lacks := func(s *schema.Step) (ids string) {
		for _, f := range p.Lacks(a, s) {
			ids += f.ID + " "
		}
		return ids
	}
	if got := lacks(s); got != "cause actions " {
		t.Errorf("lacks %q", got)
	}
	a.Fields = map[string]schema.Value{"cause": {Entries: []schema.Entry{{What: "a switch"}}}, "actions": {Text: "none"}}
	if got := lacks(s) + lacks(&schema.Step{ID: "other"}); got != "" {
		t.Errorf("lacks %q", got)
	}
}
