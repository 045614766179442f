package due

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// The generators below make catalogs that lint would partly refuse: rings of steps, anchors
// and templates that do not exist, people who are nobody. The engine has to take them all.

var (
	randomRoles = []string{"vcio", "engineer", "support", "sales", "@dana", "@nobody", "unknown"}
	randomSteps = []string{"s0", "s1", "s2", "s3", "s4"}
	someDay     = rapid.Map(rapid.IntRange(0, 3*365), func(n int) civil.Date { return civil.MustParse("2024-01-01").AddDays(n) })
	weekday     = rapid.Map(rapid.IntRange(1, 7), func(n int) civil.Weekday { return civil.Weekday(n) })
	who         = rapid.SampledFrom(randomRoles)
	whos        = rapid.SliceOfN(who, 0, 3)
)

func maybe[T any](t *rapid.T, g *rapid.Generator[T], name string) (v T) {
	if rapid.IntRange(0, 2).Draw(t, name+"?") == 0 {
		v = g.Draw(t, name)
	}
	return v
}

func randomSpan(most int) *rapid.Generator[civil.Span] {
	return rapid.Custom(func(t *rapid.T) civil.Span {
		u := rapid.SampledFrom([]civil.Unit{civil.Day, civil.BusinessDay, civil.Week, civil.Month, civil.Year}).Draw(t, "unit")
		return civil.Span{N: rapid.IntRange(0, most).Draw(t, "n"), Unit: u, Set: true}
	})
}

var randomOffset = rapid.Custom(func(t *rapid.T) civil.Offset {
	anchor := maybe(t, rapid.SampledFrom(append(randomSteps, "m0", "m1", "start", "alignment", "lost")), "anchor")
	if anchor != "" && rapid.Bool().Draw(t, "on") {
		return civil.Offset{Anchor: anchor}
	}
	return civil.Offset{Span: randomSpan(30).Draw(t, "span"), Sign: rapid.SampledFrom([]int{-1, 1}).Draw(t, "sign"), Anchor: anchor}
})

var randomEvery = rapid.Custom(func(t *rapid.T) civil.Every {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return civil.Every{Weekdays: rapid.SliceOfN(weekday, 1, 3).Draw(t, "weekdays")}
	case 1:
		return civil.Every{RRule: "FREQ=MONTHLY;BYDAY=2TU"}
	}
	return civil.Every{Interval: randomSpan(40).Draw(t, "interval")}
})

var randomNotice = rapid.Custom(func(t *rapid.T) schema.Notice {
	return schema.Notice{Before: randomSpan(20).Draw(t, "before"), To: maybe(t, whos, "to")}
})

func randomStep(id string, plan bool) *rapid.Generator[schema.Step] {
	return rapid.Custom(func(t *rapid.T) schema.Step {
		s := schema.Step{
			ID: id, Title: id,
			Day:    maybe(t, weekday, "day"),
			Every:  maybe(t, randomEvery, "every"),
			Times:  maybe(t, rapid.IntRange(1, 6), "times"),
			Until:  maybe(t, someDay, "until"),
			Roll:   maybe(t, rapid.Map(rapid.IntRange(1, 4), func(n int) civil.Roll { return civil.Roll(n) }), "roll"),
			Owner:  who.Draw(t, "owner"),
			With:   maybe(t, whos, "with"),
			Notify: maybe(t, rapid.SliceOfN(randomNotice, 0, 2), "notify"),
			Open:   maybe(t, randomSpan(20), "open"),
		}
		if !plan || rapid.Bool().Draw(t, "dated") {
			s.Due = randomOffset.Draw(t, "due")
		}
		if rapid.Bool().Draw(t, "remind") {
			s.Remind = &schema.Remind{After: randomSpan(5).Draw(t, "after"), Every: maybe(t, randomSpan(5), "again"), Max: maybe(t, rapid.IntRange(1, 4), "max")}
			s.Escalate = &schema.Escalate{After: randomSpan(9).Draw(t, "late"), To: whos.Draw(t, "whom")}
		}
		s.Issue = maybe(t, rapid.Just("shared"), "issue")
		s.After = maybe(t, rapid.SliceOfN(rapid.SampledFrom(append(randomSteps, "extra", "old-s1", "lost")), 1, 3), "after")
		s.When = maybe(t, randomWhen, "when")
		if id == "s0" {
			s.Decide = &schema.Decide{ID: "q", Options: []string{"yes", "no"}}
		}
		if rapid.Bool().Draw(t, "renamed") {
			s.Previously = []string{rapid.SampledFrom([]string{"old-" + id, "s0", "s1"}).Draw(t, "former")}
		}
		return s
	})
}

// randomWhen asks about a question, a milestone, a field, an attribute and nothing at all.
var randomWhen = rapid.Custom(func(t *rapid.T) schema.When {
	return rapid.SampledFrom([]schema.When{
		{"q": {"yes"}}, {"q": {"no"}}, {"q": {"yes"}, "m0": {Unscheduled}}, {"m1": {Scheduled}},
		{"size": {"large", "small"}}, {"size": {"large"}, "q": {"no", "yes"}}, {"reason": {"noise"}}, {"lost": {"yes"}},
	}).Draw(t, "conditions")
})

func randomPlaybook(t *rapid.T, id string) *schema.Playbook {
	p := &schema.Playbook{Issue: rapid.SampledFrom([]string{"", "per-run"}).Draw(t, "issue")}
	p.ID = id
	for _, step := range randomSteps {
		p.Steps = append(p.Steps, randomStep(step, true).Draw(t, "playbook "+step))
	}
	return p
}

func randomProcess(t *rapid.T, id string) *schema.ProcessTemplate {
	p := &schema.ProcessTemplate{}
	p.ID = id
	p.Previously = maybe(t, rapid.Just([]string{"former-" + id}), "previously")
	for _, step := range randomSteps {
		p.Steps = append(p.Steps, randomStep(step, false).Draw(t, step))
	}
	return p
}

func randomPlan(t *rapid.T, id string) *schema.OnboardingPlan {
	p := &schema.OnboardingPlan{Milestones: []schema.Milestone{
		{ID: "m0", Due: rapid.SampledFrom([]string{"", "week 3", "week 0", "on m1", "10 days after", "on s2", "nonsense"}).Draw(t, "m0")},
		{ID: "m1", Due: rapid.SampledFrom([]string{"", "2 weeks after m0", "on s1", "1 month before start"}).Draw(t, "m1")},
	}}
	p.ID = id
	if rapid.Bool().Draw(t, "tracked") {
		p.Tracking = &schema.Tracking{Owner: who.Draw(t, "tracking owner")}
	}
	for i, step := range randomSteps {
		p.Weeks = append(p.Weeks, schema.PlanWeek{
			Week:      rapid.IntRange(-3, 9).Draw(t, "week"),
			Milestone: maybe(t, rapid.SampledFrom([]string{"m0", "m1", "lost"}), "milestone"),
			Steps:     []schema.Step{randomStep(step, true).Draw(t, fmt.Sprint("plan step ", i))},
		})
	}
	return p
}

func randomAssignment(t *rapid.T, template string) schema.Assignment {
	a := schema.Assignment{
		Template: template,
		Since:    maybe(t, someDay, "since"),
		Start:    someDay.Draw(t, "start"),
		Run:      maybe(t, rapid.SampledFrom([]string{"1", "2"}), "run"),
	}
	if rapid.IntRange(0, 5).Draw(t, "started") == 0 {
		a.Start = 0
	}
	if rapid.Bool().Draw(t, "departs") {
		a.Overrides = map[string]*schema.Override{
			"s1":     {Remove: rapid.Bool().Draw(t, "remove"), Due: maybe(t, randomOffset, "due")},
			"old-s2": {Week: maybe(t, rapid.Map(rapid.IntRange(-2, 5), func(n int) *int { return &n }), "week"), Owner: maybe(t, who, "owner"), Times: maybe(t, rapid.IntRange(1, 4), "times")},
		}
		a.Overrides[schema.WholeRun] = maybe(t, rapid.Map(rapid.Bool(), func(out bool) *schema.Override { return &schema.Override{Remove: out, Owner: "vcio"} }), "whole run")
		a.ExtraSteps = []schema.Step{randomStep("extra", rapid.Bool().Draw(t, "weekly")).Draw(t, "extra")}
	}
	for range rapid.IntRange(0, 3).Draw(t, "exceptions") {
		a.Exceptions = append(a.Exceptions, schema.Exception{
			Step:     rapid.SampledFrom(append(randomSteps, "extra", "old-s2", schema.WholeRun)).Draw(t, "step"),
			Cycle:    rapid.SampledFrom([]string{"", "1", "2", "2024", "2025", "2026"}).Draw(t, "cycle"),
			Instance: rapid.SampledFrom([]string{"", "1", "2", "2025-03-11", "w1-mon"}).Draw(t, "instance"),
			MoveTo:   maybe(t, someDay, "move-to"),
			Cancel:   rapid.Bool().Draw(t, "cancel"),
		})
	}
	a.Decisions = maybe(t, rapid.SampledFrom([]map[string]string{{"q": "yes"}, {"q": "no"}}), "decisions")
	a.Fields = maybe(t, rapid.Just(map[string]schema.Value{"reason": {Text: "noise"}}), "fields")
	a.Ended = maybe(t, someDay, "ended")
	if rapid.Bool().Draw(t, "milestones") {
		a.Milestones = map[string]schema.DateOr{"m0": {Word: "unscheduled"}, "m1": {Date: someDay.Draw(t, "m1")}}
	}
	return a
}

func randomClient(t *rapid.T, id string) *schema.Client {
	c := &schema.Client{Team: map[string]string{"vcio": "dana", "engineer": "marcus"}}
	c.ID = id
	c.AlignmentDate.Date = someDay.Draw(t, "alignment")
	c.Attributes = maybe(t, rapid.SampledFrom([]map[string]string{{"size": "large"}, {"size": "small"}}), "attributes")
	switch rapid.IntRange(0, 9).Draw(t, "odd alignment") {
	case 0:
		c.AlignmentDate = schema.DateOr{Word: "tbd"}
	case 1, 2:
		c.AlignmentDate.Date = civil.MustParse("2024-02-29")
	}
	c.Previously = maybe(t, rapid.SampledFrom([][]string{{"former-" + id}, {"acme", "former-" + id}}), "previously")
	if rapid.Bool().Draw(t, "rests") {
		from := someDay.Draw(t, "rests from")
		c.Inactive = []schema.Inactive{{From: from, To: from.AddDays(rapid.IntRange(0, 200).Draw(t, "days"))}}
	}
	if rapid.Bool().Draw(t, "closes") {
		from := someDay.Draw(t, "closed from")
		c.Closed = []schema.Closed{{From: from, To: from.AddDays(rapid.IntRange(0, 40).Draw(t, "closed days")), Name: "Stocktaking"}}
	}
	for _, template := range rapid.SliceOfN(rapid.SampledFrom([]string{"p0", "p1", "former-p0", "plan", "book", "lost"}), 1, 4).Draw(t, "in") {
		c.Processes = append(c.Processes, randomAssignment(t, template))
	}
	return c
}

// randomCatalog is not indexed yet.
var randomCatalog = rapid.Custom(func(t *rapid.T) *schema.Catalog {
	cat := &schema.Catalog{Organization: &schema.Organization{
		Holidays: schema.Holidays{Add: []schema.Holiday{{Date: civil.MustParse("2025-06-02"), Name: "Founders' day"}}},
		Roles:    []schema.Role{{ID: "vcio", Deputy: "engineer"}, {ID: "engineer", Deputy: "vcio"}, {ID: "support", Pool: true}, {ID: "sales", Deputy: "engineer"}},
		Defaults: schema.Defaults{Notify: maybe(t, rapid.SliceOfN(randomNotice, 0, 2), "defaults"), Via: []string{"mail"}},
	}}
	cat.Organization.ID = "northwind"
	for _, id := range []string{"dana", "marcus", "lee"} {
		p := &schema.Person{Name: id}
		p.ID = id
		from := someDay.Draw(t, "away")
		p.Away = []schema.Away{{From: from, To: from.AddDays(200), Deputy: maybe(t, rapid.SampledFrom([]string{"lee", "dana", "nobody"}), "deputy")}}
		cat.People = append(cat.People, p)
	}
	cat.Processes = []*schema.ProcessTemplate{randomProcess(t, "p0"), randomProcess(t, "p1")}
	cat.Plans = []*schema.OnboardingPlan{randomPlan(t, "plan")}
	cat.Playbooks = []*schema.Playbook{randomPlaybook(t, "book")}
	cat.Clients = []*schema.Client{randomClient(t, "acme"), randomClient(t, "acme-dental"), randomClient(t, "birch")}
	return cat
})

// randomKey is a key, or nearly one; run is what runs have.
var (
	randomRun = rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"acme", "acme-dental", "birch", "nobody"}).Draw(t, "client") + "/" +
			rapid.SampledFrom([]string{"book/1", "book/2", "book/t7", "plan/1", "plan/2", "p0/2025", "p1/2026", "lost/1"}).Draw(t, "run")
	})
	randomKey = rapid.Custom(func(t *rapid.T) string {
		return randomRun.Draw(t, "run") + "/" + rapid.SampledFrom(append(randomSteps, "extra", "old-s1", schema.WholeRun)).Draw(t, "step") +
			rapid.SampledFrom([]string{"", "", "", "/1", "/2", "/2025-03-11", "/w1-mon"}).Draw(t, "instance")
	})
)

func someFacts[V any](t *rapid.T, key *rapid.Generator[string], v *rapid.Generator[V], name string) map[string]V {
	return rapid.MapOfN(key, v, 0, 12).Draw(t, name)
}

var randomFacts = rapid.Custom(func(t *rapid.T) *Facts {
	f := &Facts{
		Ended:     someFacts(t, randomKey, rapid.Map(someDay, func(d civil.Date) Ending { return Ending{On: d} }), "ended"),
		Decisions: someFacts(t, randomRun, rapid.SampledFrom([]map[string]string{{"q": "yes"}, {"q": "no"}, {"other": "yes"}}), "decided"),
		Over:      someFacts(t, randomRun, rapid.Map(someDay, func(d civil.Date) Over { return Over{On: d} }), "over"),
		Moved:     someFacts(t, randomKey, rapid.Map(someDay, func(d civil.Date) Move { return Move{To: d, Why: "a command"} }), "moved"),
		Taken:     someFacts(t, randomKey, rapid.SampledFrom([]string{"lee", "dana", "nobody"}), "taken"),
	}
	if rapid.Bool().Draw(t, "started") {
		f.Started = map[string][]schema.Assignment{
			"acme":  {{Template: "book", Run: "t7", Start: someDay.Draw(t, "t7")}, {Template: "book", Run: "1", Start: someDay.Draw(t, "run 1")}},
			"birch": {{Template: "lost", Run: "t8"}, {Template: "plan", Run: "t9", Start: someDay.Draw(t, "t9")}},
		}
	}
	return f
})
