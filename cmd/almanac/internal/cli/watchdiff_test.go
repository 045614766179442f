package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/preview"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

const (
	watchKey  = "acme/vcio/2026/audit"
	watchKey2 = "acme/vcio/2026/strategy"
)

func watchDay(t *testing.T, s string) civil.Date {
	t.Helper()
	d, err := civil.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func differenceTexts(l []difference) []string {
	var s []string
	for _, d := range l {
		s = append(s, d.text)
	}
	return s
}

func TestPlanDiff(t *testing.T) {
	may4, may5 := watchDay(t, "2026-05-04"), watchDay(t, "2026-05-05")
	plans := func(changes ...plan.Change) *plan.Plan { return &plan.Plan{Changes: changes} }
	open := func(key string, due civil.Date, owner string) plan.Change {
		return plan.Change{Action: plan.Create, Key: key, Client: "acme", Title: "Acme: IT audit", Due: due,
			After: plan.Values{"assignee": owner, "labels": []string{"almanac"}, "title": "Acme: IT audit"}}
	}
	edit := func(number int) plan.Change {
		return plan.Change{Action: plan.Update, Key: watchKey, Client: "acme", Number: number, Due: may4, Fields: []string{"assignee", "body", "labels"},
			Before: plan.Values{"assignee": "dana", "body": "1", "labels": []string{"a"}}, After: plan.Values{"assignee": "", "body": "2", "labels": []string{"b"}}}
	}
	end := plan.Change{Action: plan.Close, Key: watchKey, Client: "acme", Number: 7, Reason: "the step is not there any more", After: plan.Values{"reason": "not_planned"}}
	notice := func(to ...string) plan.Change {
		return plan.Change{Action: plan.Notify, Key: watchKey, Client: "acme", Title: "Acme: IT audit", After: plan.Values{"to": to},
			Notice: &plan.Notice{Name: "heads-up", To: to, Title: "IT audit in two weeks"}}
	}
	held := plan.Held{Key: watchKey, Client: "acme", Title: "IT audit", Due: may4, Reason: "one run opens 50 issues at most"}
	frozen := func(p *plan.Plan, client string) *plan.Plan {
		p.Frozen = []plan.Frost{{Client: client, Reason: "clients/acme.yaml:3: unknown field"}}
		return p
	}
	blocked := func(message string) *plan.Plan { return &plan.Plan{Blocked: &plan.Blocked{Message: message}} }
	for _, tc := range []struct {
		name          string
		before, after *plan.Plan
		want          []string
	}{
		{"nothing", plans(open(watchKey, may4, "dana")), plans(open(watchKey, may4, "dana")), nil},
		{"opened", plans(), plans(open(watchKey2, may4, "dana"), open(watchKey, may4, "dana")), []string{
			watchKey + ": would now be opened: Acme: IT audit, due Monday 2026-05-04",
			watchKey2 + ": would now be opened: Acme: IT audit, due Monday 2026-05-04"}},
		{"no longer opened", plans(open(watchKey, may4, "dana")), plans(), []string{watchKey + ": would no longer be opened"}},
		{"moved", plans(open(watchKey, may4, "dana")), plans(open(watchKey, may5, "lee")), []string{
			watchKey + ": moves from Monday 2026-05-04 to Tuesday 2026-05-05"}},
		{"another owner", plans(open(watchKey, may4, "dana")), plans(open(watchKey, may4, "lee")), []string{
			watchKey + ": would be opened with another assignee dana → lee"}},
		{"updated", plans(), plans(edit(7)), []string{watchKey + ": would now be updated: assignee dana → nobody, body, labels"}},
		{"closed instead", plans(edit(7)), plans(end), []string{
			watchKey + ": would now be closed instead of updated: the step is not there any more"}},
		{"two issues of one key", plans(edit(7)), plans(edit(7), edit(8)), []string{
			watchKey + ": would now be updated: assignee dana → nobody, body, labels"}},
		{"deferred", plans(open(watchKey, may4, "dana")), &plan.Plan{Deferred: []plan.Held{held}}, []string{
			watchKey + ": would now be put off to a later run instead of opened: one run opens 50 issues at most"}},
		{"missed", plans(), &plan.Plan{Missed: []plan.Held{held}}, []string{watchKey + ": would now be given up: one run opens 50 issues at most"}},
		{"waiting", &plan.Plan{Waiting: []plan.Held{held}}, plans(), []string{watchKey + ": would no longer be kept waiting"}},
		{"orphan", plans(), &plan.Plan{Orphans: []plan.Stray{{Key: watchKey, Client: "acme", Number: 7, Reason: "no file describes the client acme any more"}}},
			[]string{watchKey + ": would now be left open: no file describes the client acme any more"}},
		{"notice", plans(), plans(notice("dana")), []string{watchKey + ": a notice to dana by the log would now be sent: IT audit in two weeks"}},
		{"left alone", plans(open(watchKey, may4, "dana")), frozen(plans(), "acme"), []string{
			"acme: would be left alone until this is mended: clients/acme.yaml:3: unknown field"}},
		{"no longer left alone", frozen(plans(), "acme"), plans(open(watchKey, may4, "dana")), []string{"acme: is no longer left alone"}},
		{"all left alone", plans(end), frozen(plans(), plan.Everybody), []string{
			"every client: would be left alone until this is mended: clients/acme.yaml:3: unknown field"}},
		{"blocked", plans(), blocked("9 of 10 would be closed"), []string{"the run would be blocked: 9 of 10 would be closed"}},
		{"blocked still", blocked("9 of 10"), blocked("9 of 10"), nil},
		{"no longer blocked", blocked("9 of 10"), plans(), []string{"the run would no longer be blocked"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, differenceTexts(planDiff(tc.before, tc.after))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if back := planDiff(tc.after, tc.before); (len(back) == 0) != (len(tc.want) == 0) {
				t.Errorf("the way back differs in %q", back)
			}
		})
	}
}

func TestWithLater(t *testing.T) {
	state := func(day string) *preview.State { return &preview.State{Due: watchDay(t, day)} }
	items := []preview.Item{
		{Action: preview.Move, Key: "a/p/1/moved", Before: state("2026-05-04"), After: state("2026-05-05"), Reason: "due changed"},
		{Action: preview.Move, Key: "b/p/1/opened", Before: state("2026-09-04"), After: state("2026-05-05"), Reason: "due changed"},
		{Action: preview.Move, Key: "c/p/1/noticed", Before: state("2026-05-04"), After: &preview.State{}, Reason: "waits for training"},
		{Action: preview.Add, Key: "d/p/1/added", After: state("2026-09-04"), Title: "Survey", Reason: "the step is new"},
		{Action: preview.Drop, Key: "e/p/1/dropped", Before: state("2026-09-04"), Reason: "the step is gone"},
		{Action: preview.Change, Key: "f/p/1/changed", Before: state("2026-09-04"), After: state("2026-09-04"), Reason: "owner dana → lee"},
		{Action: preview.Drop, Key: "g/p/1/closed", Before: state("2026-05-04"), Reason: "the step is gone"},
	}
	l := withLater([]difference{
		{key: "g/p/1/closed", kind: "now closed", text: "g/p/1/closed: would now be closed: the step is gone"},
		{key: "c/p/1/noticed", kind: "notices", text: "c/p/1/noticed: a notice would no longer be sent"},
		{key: "b/p/1/opened", kind: "now opened", text: "b/p/1/opened: would now be opened"},
		{key: "a/p/1/moved", kind: "moved", text: "a/p/1/moved: moves from A to B"},
	}, &preview.Preview{Items: items})
	want := []string{
		"a/p/1/moved: moves from A to B: due changed",
		"b/p/1/opened: would now be opened; moves from Friday 2026-09-04 to Tuesday 2026-05-05: due changed",
		"c/p/1/noticed: a notice would no longer be sent",
		"c/p/1/noticed: moves from Monday 2026-05-04 to no date: waits for training",
		"d/p/1/added: comes in, due Friday 2026-09-04: Survey",
		"e/p/1/dropped: drops out, was due Friday 2026-09-04: the step is gone",
		"f/p/1/changed: changes, due Friday 2026-09-04: owner dana → lee",
		"g/p/1/closed: would now be closed: the step is gone",
	}
	if diff := cmp.Diff(want, differenceTexts(l)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s := sumUp(l); s != "1 now opened, 1 now closed, 2 moved, 1 coming in, 1 dropping out, 1 changed, 1 notice" {
		t.Errorf("sum: %s", s)
	}
}

func TestCompareFaults(t *testing.T) {
	fault := func(line int, message string) diag.Diagnostic {
		return diag.Diagnostic{File: "clients/acme.yaml", Line: line, Rule: "schema/enum", Path: "steps.0.type", Message: message}
	}
	came, went := compareFaults(
		diag.List{fault(1, "a"), fault(2, "b"), fault(3, "b"), fault(4, "c")},
		diag.List{fault(7, "a"), fault(8, "b"), fault(9, "d")})
	if diff := cmp.Diff(diag.List{fault(9, "d")}, came); diff != "" {
		t.Errorf("came (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(diag.List{fault(3, "b"), fault(4, "c")}, went); diff != "" {
		t.Errorf("went (-want +got):\n%s", diff)
	}
}

func TestWatchReport(t *testing.T) {
	many := make([]difference, mostLines+3)
	for i := range many {
		many[i] = difference{key: "k", kind: "moved", text: "k: moves"}
	}
	r := watchReport{
		at: time.Date(2026, 5, 1, 14, 3, 7, 0, time.UTC), documents: 1, plan: "plan: 23 moved",
		faults: diag.List{{}, {Severity: diag.Warning}, {Severity: diag.Warning}},
		came:   diag.List{{File: "clients/acme.yaml", Line: 3, Message: "unknown role \"\x1b[31m\"", Hint: "did you mean \"vcio\"?"}},
		went:   diag.List{{File: "people/dana.yaml", Message: "no\nname"}},
		lines:  many,
	}
	lines := strings.Split(r.text(), "\n")
	want := []string{
		"14:03:07  1 document, 1 error, 2 warnings (1 new, 1 mended); plan: 23 moved",
		`  error: clients/acme.yaml:3:1: unknown role "\x1b[31m" (did you mean "vcio"?)`,
		`  mended: people/dana.yaml: no\nname`,
		"  k: moves",
	}
	if diff := cmp.Diff(want, lines[:4]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(slices.DeleteFunc(slices.Clone(lines), func(s string) bool { return s != "  k: moves" })); n != mostLines || lines[len(lines)-2] != "  and 3 more" {
		t.Errorf("%d lines of %d, and then %q", n, len(many), lines[len(lines)-2])
	}
}
