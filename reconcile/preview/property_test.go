package preview_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/preview"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

type catalog = schema.Catalog

var (
	today = civil.MustParse("2026-04-13")
	days  = due.Window{From: today.AddDays(-30), To: today.AddDays(120)}
)

// draw returns a catalog of a few clients whose dates lie around today. Ids are never
// renamed: a renaming is declared on one side only, so that it has no mirror image.
func draw(t *rapid.T, name string) *catalog {
	around := rapid.Map(rapid.IntRange(-120, 200), func(n int) civil.Date { return today.AddDays(n) })
	role := rapid.SampledFrom([]string{"vcio", "engineer", "support", "@dana", "nobody"})
	id := func(s string) string { return name + " " + s }
	cat := &catalog{Organization: &schema.Organization{
		Roles: []schema.Role{{ID: "vcio", Deputy: "engineer"}, {ID: "engineer"}, {ID: "support", Pool: true}},
	}}
	cat.Organization.ID = "northwind"
	if rapid.Bool().Draw(t, id("holiday")) {
		cat.Organization.Holidays.Country = "us"
	}
	for _, who := range []string{"dana", "marcus"} {
		p := &schema.Person{Name: who}
		p.ID = who
		cat.People = append(cat.People, p)
	}
	process := &schema.ProcessTemplate{}
	process.ID, process.Title = "vcio", "vCIO"
	plan := &schema.OnboardingPlan{Milestones: []schema.Milestone{{ID: "m", Title: "Milestone"}}}
	plan.ID, plan.Title = "setup", "Setup"
	for _, step := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 4, rapid.ID).Draw(t, id("steps")) {
		s := schema.Step{ID: step, Title: rapid.SampledFrom([]string{"One", "Two"}).Draw(t, id("title")), Owner: role.Draw(t, id("owner"))}
		p := s
		s.Due = civil.Offset{Span: civil.Span{N: rapid.IntRange(0, 40).Draw(t, id("days")), Set: true}, Sign: 1}
		if rapid.IntRange(0, 3).Draw(t, id("repeats")) == 0 {
			s.Every, s.Times = civil.Every{Interval: civil.Span{N: 2, Unit: civil.Week, Set: true}}, rapid.IntRange(1, 4).Draw(t, id("times"))
		}
		process.Steps = append(process.Steps, s)
		week := schema.PlanWeek{Week: rapid.IntRange(0, 6).Draw(t, id("week")), Steps: []schema.Step{p}}
		if rapid.Bool().Draw(t, id("hangs")) {
			week.Milestone = "m"
		}
		plan.Weeks = append(plan.Weeks, week)
	}
	cat.Processes, cat.Plans = []*schema.ProcessTemplate{process}, []*schema.OnboardingPlan{plan}
	for _, client := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"acme", "acme-dental", "birch", "cobalt"}), 0, 4, rapid.ID).Draw(t, id("clients")) {
		c := &schema.Client{Team: map[string]string{"engineer": rapid.SampledFrom([]string{"dana", "marcus"}).Draw(t, id("engineer"))}}
		c.ID, c.Source.File = client, "clients/"+client+".yaml"
		c.AlignmentDate.Date = around.Draw(t, id("alignment"))
		if rapid.IntRange(0, 4).Draw(t, id("rests")) == 0 {
			c.Inactive = []schema.Inactive{{From: around.Draw(t, id("rest"))}}
		}
		v := schema.Assignment{Template: "vcio"}
		if rapid.Bool().Draw(t, id("departs")) {
			v.Overrides = map[string]*schema.Override{"a": {Remove: rapid.Bool().Draw(t, id("remove")), Owner: "vcio"}}
			v.Exceptions = []schema.Exception{{Step: "b", Cycle: fmt.Sprint(c.AlignmentDate.Date.Year()), Cancel: rapid.Bool().Draw(t, id("cancel")), MoveTo: around.Draw(t, id("move"))}}
			v.Since = around.Draw(t, id("since"))
		}
		s := schema.Assignment{Template: "setup", Start: around.Draw(t, id("start"))}
		if rapid.Bool().Draw(t, id("dated")) {
			s.Milestones = map[string]schema.DateOr{"m": {Date: around.Draw(t, id("milestone"))}}
		}
		c.Processes = []schema.Assignment{v, s}
		cat.Clients = append(cat.Clients, c)
	}
	cat.Index()
	return cat
}

func compareCatalogs(t *rapid.T, base, head *catalog) *preview.Preview {
	p, err := preview.Compare(preview.Inputs{Base: base, Head: head, AsOf: today, Window: days})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSameIsEmpty: nothing changes between a catalog and itself.
func TestSameIsEmpty(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		cat := draw(t, "catalog")
		if p := compareCatalogs(t, cat, cat); !p.Empty() || len(p.Load) > 0 || len(p.Holidays) > 0 {
			t.Fatalf("%+v", p)
		}
	})
}

// TestMirror: what is added one way is dropped the other way, and moves go back.
func TestMirror(t *testing.T) {
	turned := map[preview.Action]preview.Action{preview.Add: preview.Drop, preview.Drop: preview.Add, preview.Move: preview.Move, preview.Change: preview.Change}
	proptest.Check(t, func(t *rapid.T) {
		a, b := draw(t, "base"), draw(t, "head")
		there, back := compareCatalogs(t, a, b), compareCatalogs(t, b, a)
		type item struct {
			Action        preview.Action
			Key           string
			Fields        []string
			Before, After *preview.State
		}
		var want, got []item
		for _, i := range there.Items {
			if i.Reason == "" {
				t.Errorf("%s %s: no reason", i.Action, i.Key)
			}
			want = append(want, item{turned[i.Action], i.Key, i.Fields, i.After, i.Before})
		}
		for _, i := range back.Items {
			got = append(got, item{i.Action, i.Key, i.Fields, i.Before, i.After})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-there, turned round +back:\n%s", diff)
		}
		for i := range there.Load {
			there.Load[i].Before, there.Load[i].After = there.Load[i].After, there.Load[i].Before
		}
		if diff := cmp.Diff(there.Load, back.Load); diff != "" {
			t.Errorf("load: -there, turned round +back:\n%s", diff)
		}
	})
}

// TestApplied: a preview is what takes the base's steps to those of the head.
func TestApplied(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		a, b := draw(t, "base"), draw(t, "head")
		p := compareCatalogs(t, a, b)
		dates := wanted(t, a)
		for _, i := range p.Items {
			if i.Before != nil {
				delete(dates, i.Key)
			}
			if i.After != nil && (i.After.Due == 0 || i.After.Due >= days.From && i.After.Due <= days.To) {
				dates[i.Key] = i.After.Due
			}
		}
		if diff := cmp.Diff(wanted(t, b), dates); diff != "" {
			t.Errorf("-head +base with the preview applied:\n%s", diff)
		}
	})
}

// wanted returns the due dates within the window, by key.
func wanted(t *rapid.T, cat *catalog) map[string]civil.Date {
	e, err := due.New(cat, due.Options{AsOf: today})
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]civil.Date{}
	for _, o := range e.Occurrences(days) {
		if !o.Cancelled() {
			m[o.Key] = o.Due
		}
	}
	return m
}

// TestOrder: the order of documents changes nothing.
func TestOrder(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		a, b := draw(t, "base"), draw(t, "head")
		want := compareCatalogs(t, a, b)
		shuffled := &catalog{Organization: b.Organization, Processes: b.Processes, Plans: b.Plans}
		shuffled.Clients = rapid.Permutation(slices.Clone(b.Clients)).Draw(t, "clients")
		shuffled.People = rapid.Permutation(slices.Clone(b.People)).Draw(t, "people")
		shuffled.Index()
		if diff := cmp.Diff(want, compareCatalogs(t, a, shuffled)); diff != "" {
			t.Errorf("-as drawn +shuffled:\n%s", diff)
		}
	})
}
