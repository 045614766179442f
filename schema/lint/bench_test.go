package lint_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/lint"
	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

// BenchmarkRun checks repositories in order: a fifth of the clients has overrides, extra
// steps and exceptions.
func BenchmarkRun(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			cat := catalog(n, "vcio")
			b.ReportAllocs()
			for b.Loop() {
				if l := lint.Run(cat, lint.Options{Today: civil.MustParse("2026-05-01")}); len(l) > 0 {
					b.Fatalf("%d faults, the first: %+v", len(l), l[0])
				}
			}
		})
	}
}

// BenchmarkGenerated checks 10,000 clients as they are loaded from files.
func BenchmarkGenerated(b *testing.B) {
	r, err := load.Load(context.Background(), loadtest.Generate(10000), load.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		lint.Run(r.Catalog, lint.Options{Today: civil.MustParse("2026-05-01")})
	}
}

// BenchmarkFaults checks 10,000 clients with one and the same misspelt template.
func BenchmarkFaults(b *testing.B) {
	cat := catalog(10000, "vcoi")
	for b.Loop() {
		if l := lint.Run(cat, lint.Options{Today: civil.MustParse("2026-05-01")}); len(l) != 10000 {
			b.Fatalf("%d faults", len(l))
		}
	}
}

// TestRunIsStable holds that neither the order of the documents nor a second run changes
// anything, and that the zero Options work.
func TestRunIsStable(t *testing.T) {
	first := lint.Run(catalog(50, "vcoi"), lint.Options{})
	if len(first) != 50 {
		t.Fatalf("%d faults, want 50", len(first))
	}
	cat := catalog(50, "vcoi")
	for i := range cat.Clients {
		j := (i * 7) % len(cat.Clients)
		cat.Clients[i], cat.Clients[j] = cat.Clients[j], cat.Clients[i]
	}
	cat.Index()
	for range 3 {
		again := lint.Run(cat, lint.Options{})
		if len(again) != len(first) {
			t.Fatalf("%d faults, then %d", len(first), len(again))
		}
		for i := range first {
			if diag.Compare(first[i], again[i]) != 0 {
				t.Fatalf("%+v, then %+v", first[i], again[i])
			}
		}
	}
}

// TestManyMistakes holds that a file full of different mistakes is told in full and at once:
// the search for what was meant has an end.
func TestManyMistakes(t *testing.T) {
	const n = 5000
	cat := catalog(0, "vcio")
	steps := make([]schema.Step, n)
	for i := range steps {
		steps[i] = schema.Step{ID: fmt.Sprintf("step-number-%d", i), Due: offset("1 day after"), Owner: "vcio", After: []string{fmt.Sprintf("stepp-number-%d", i)}}
	}
	cat.Processes[0].Steps = steps
	l := lint.Run(cat, lint.Options{})
	if len(l) != n {
		t.Fatalf("%d faults, want %d", len(l), n)
	}
	hints := 0
	for _, d := range l {
		if d.Hint != "" {
			hints++
		}
	}
	if hints == 0 || hints == n {
		t.Errorf("%d of %d faults have a hint", hints, n)
	}
}

// TestEmpty holds that a catalog without anything in it is no reason to panic.
func TestEmpty(t *testing.T) {
	cat := &schema.Catalog{Clients: []*schema.Client{{Processes: []schema.Assignment{{
		Overrides: map[string]*schema.Override{"a": nil}, Exceptions: []schema.Exception{{Step: "a"}},
	}}}}}
	cat.Index()
	if l := lint.Run(cat, lint.Options{Today: 1}); len(l) == 0 {
		t.Error("an assignment to no template is no fault")
	}
	empty := &schema.Catalog{}
	empty.Index()
	if l := lint.Run(empty, lint.Options{Today: 1}); len(l) != 0 {
		t.Errorf("found %v", l)
	}
}

// catalog builds a sound repository of n clients, all in the template of the given id
// beside an onboarding plan.
func catalog(n int, template string) *schema.Catalog {
	cat := &schema.Catalog{Organization: &schema.Organization{
		Meta: meta(schema.KindOrganization, "northwind"), Timezone: "UTC",
		Roles: []schema.Role{{ID: "vcio"}, {ID: "account-manager", Deputy: "vcio"}, {ID: "engineer"}, {ID: "support", Pool: true}},
	}}
	for i := range 40 {
		id := fmt.Sprintf("person-%d", i)
		cat.People = append(cat.People, &schema.Person{Meta: meta(schema.KindPerson, id), Email: id + "@northwind.example", Roles: []string{"support"}})
	}
	head := schema.TemplateHead{Meta: meta(schema.KindProcessTemplate, "vcio"), Owner: "person-1", Expires: civil.MustParse("2027-01-01")}
	cat.Processes = []*schema.ProcessTemplate{{TemplateHead: head, Steps: []schema.Step{
		{ID: "audit", Due: offset("2 months before"), Owner: "engineer", Prepares: "annual"},
		{ID: "annual", Due: offset("1 month before"), Owner: "vcio", With: []string{"account-manager"}},
		{ID: "q1", Due: offset("2 months after"), Owner: "vcio", After: []string{"annual"}},
		{ID: "q2", Due: offset("5 months after"), Owner: "vcio", After: []string{"q1"}},
		{ID: "q3", Due: offset("8 months after"), Owner: "vcio", After: []string{"q2"}},
	}}}
	plan := schema.TemplateHead{Meta: meta(schema.KindOnboardingPlan, "onboarding"), Owner: "person-1"}
	cat.Plans = []*schema.OnboardingPlan{{TemplateHead: plan, Weeks: []schema.PlanWeek{
		{Week: 0, Steps: []schema.Step{{ID: "signup", Owner: "account-manager"}, {ID: "handover", Owner: "support", After: []string{"signup"}}}},
	}}}
	for i := range n {
		cat.Clients = append(cat.Clients, client(i, template))
	}
	cat.Index()
	return cat
}

func client(i int, template string) *schema.Client {
	c := &schema.Client{
		Meta: meta(schema.KindClient, fmt.Sprintf("client-%d", i)), Name: fmt.Sprintf("Client %d", i),
		AlignmentDate: schema.DateOr{Date: civil.MustParse("2026-06-01")},
		Team:          map[string]string{"vcio": "person-1", "account-manager": "person-2", "engineer": "person-3"},
		ExternalIDs:   map[string]string{"connectwise": fmt.Sprint(i), "itglue": fmt.Sprint(i)},
		Closed:        []schema.Closed{{From: civil.MustParse("2026-12-24"), To: civil.MustParse("2027-01-01")}},
		Processes: []schema.Assignment{
			{Template: template, Since: civil.MustParse("2026-01-01")},
			{Template: "onboarding", Start: civil.MustParse("2026-05-04")},
		},
	}
	if i%5 == 0 {
		c.Processes[0].Overrides = map[string]*schema.Override{"audit": {Due: offset("10 weeks before")}, "q3": {Remove: true}}
		c.Processes[0].ExtraSteps = []schema.Step{{ID: "report", Due: offset("3 months after"), Owner: "engineer", After: []string{"annual"}}}
		c.Processes[0].Exceptions = []schema.Exception{{Step: "annual", Cycle: "2026", MoveTo: civil.MustParse("2026-05-08"), Reason: "client on leave"}}
	}
	return c
}

func meta(k schema.Kind, id string) schema.Meta {
	return schema.Meta{Kind: k, ID: id, Source: schema.Source{File: id + ".yaml", Pos: schema.Pos{Line: 1, Column: 1}}}
}

func offset(s string) civil.Offset {
	o, err := civil.ParseOffset(s)
	if err != nil {
		panic(err)
	}
	return o
}
