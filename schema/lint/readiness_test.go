package lint_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/lint"
)

// TestReadiness holds what steps still lack before they can be signed off.
func TestReadiness(t *testing.T) {
	cat := &schema.Catalog{
		Playbooks: []*schema.Playbook{{
			TemplateHead: schema.TemplateHead{Meta: meta(schema.KindPlaybook, "extra-care")},
			Fields: []schema.Field{
				{ID: "actions", Type: schema.FieldList, RequiredFor: "cause"},
				{ID: "done-when", Type: schema.FieldText, RequiredFor: "removal"},
				{ID: "reasons", Type: schema.FieldText, RequiredFor: "root-cause"},
				{ID: "notes", Type: schema.FieldText},
			},
			Steps: []schema.Step{{ID: "root-cause", Previously: []string{"cause"}}, {ID: "removal"}},
		}},
		Plans: []*schema.OnboardingPlan{{TemplateHead: schema.TemplateHead{Meta: meta(schema.KindOnboardingPlan, "onboarding")}}},
	}
	cat.Index()
	for _, c := range []struct {
		name string
		a    schema.Assignment
		want []lint.Missing
	}{
		{"nothing yet", schema.Assignment{}, []lint.Missing{
			{Step: "root-cause", Field: "actions"}, {Step: "root-cause", Field: "reasons"}, {Step: "removal", Field: "done-when"},
		}},
		{"a blank is nothing", schema.Assignment{Fields: map[string]schema.Value{
			"reasons": {Text: " "}, "actions": {Entries: []schema.Entry{{What: "Call"}}}, "done-when": {Text: "No complaint for a month"},
		}}, []lint.Missing{{Step: "root-cause", Field: "reasons"}}},
		{"a removed step", schema.Assignment{Overrides: map[string]*schema.Override{"cause": {Remove: true}}}, []lint.Missing{
			{Step: "removal", Field: "done-when"},
		}},
	} {
		c.a.Template = "extra-care"
		if diff := cmp.Diff(c.want, lint.Readiness(cat, &c.a)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, diff)
		}
	}
	for _, id := range []string{"onboarding", "no-such-template"} {
		if l := lint.Readiness(cat, &schema.Assignment{Template: id}); l != nil {
			t.Errorf("%s: %v", id, l)
		}
	}
}
