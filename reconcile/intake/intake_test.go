package intake_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/intake"
	"github.com/almanac-gitops/almanac/schema"
)

// fields are those of every type.
var fields = []schema.Field{
	{ID: "client", Title: "Client", Type: schema.FieldText, Required: true},
	{ID: "by", Title: "Recommended by", Type: schema.FieldPerson},
	{ID: "since", Title: "Since", Type: schema.FieldDate},
	{ID: "level", Title: "Level", Type: schema.FieldChoice, Options: []string{"low", "high"}},
	{ID: "criteria", Title: "Criteria", Type: schema.FieldChoice, Several: true, Options: []string{"frustrated", "frustrated, and says so", "hiring"}},
	{ID: "actions", Title: "Actions", Type: schema.FieldList},
	{ID: "notes", Title: "Notes", Type: schema.FieldText},
}

func text(s string) schema.Value { return schema.Value{Text: s} }

func list(l ...string) (v schema.Value) {
	for _, s := range l {
		v.Entries = append(v.Entries, schema.Entry{What: s})
	}
	return v
}

// TestParse reads bodies as GitHub writes them and as people leave them.
func TestParse(t *testing.T) {
	const head = "### Client\n\nAcme Dental Group\n\n"
	for _, c := range []struct {
		name, body string
		want       map[string]schema.Value
		problems   []intake.Problem
	}{
		{"all answers", head + "### Recommended by\n\n@Priya\n\n### Since\n\n2026-05-04\n\n### Level\n\nhigh\n\n### Criteria\n\nfrustrated, and says so, hiring\n\n### Actions\n\n- Call\n* [x] Write\n2. Visit\n\n### Notes\n\nNone so far.", map[string]schema.Value{
			"client": text("Acme Dental Group"), "by": text("priya"), "since": text("2026-05-04"), "level": text("high"),
			"criteria": list("frustrated, and says so", "hiring"), "actions": list("Call", "Write", "Visit"), "notes": text("None so far."),
		}, nil},
		{"no answers", "### Client\n\n_No response_\n\n### Since\n\n_No response_\n\n### Level\n\nNone\n\n### Notes\n\n", map[string]schema.Value{}, []intake.Problem{
			{Field: "client", Message: `Client is missing: write it below the heading "### Client"`},
		}},
		{"an empty body", "", map[string]schema.Value{}, []intake.Problem{
			{Field: "client", Message: `Client is missing: write it below the heading "### Client"`},
		}},
		{"line feeds of all kinds", "\ufeff### Client\r\n\r\nAcme\r\n\r\n### Actions\r\rCall\rWrite\n", map[string]schema.Value{"client": text("Acme"), "actions": list("Call", "Write")}, nil},
		{"boxes", head + "### Criteria\n\n- [X] frustrated\n- [ ] frustrated, and says so\n- [x] hiring\n\n### Level\n\n- [ ] low\n- [x] high\n", map[string]schema.Value{
			"client": text("Acme Dental Group"), "criteria": list("frustrated", "hiring"), "level": text("high"),
		}, nil},
		{"boxes of which none is ticked", head + "### Criteria\n\n- [ ] frustrated\n", map[string]schema.Value{"client": text("Acme Dental Group")}, nil},
		{"unticked tasks of a list stay", head + "### Actions\n\n- [ ] Call\n- [x] Write\n", map[string]schema.Value{"client": text("Acme Dental Group"), "actions": list("Call", "Write")}, nil},
		{"other headings are part of an answer", head + "### Notes\n\n### What happened\n\nMuch.\n\n#### Client\n", map[string]schema.Value{
			"client": text("Acme Dental Group"), "notes": text("### What happened\n\nMuch.\n\n#### Client"),
		}, nil},
		{"a heading within a fence is part of an answer", head + "### Notes\n\nas it was:\n```\n### Client\n\nEvil Corp\n```\n", map[string]schema.Value{
			"client": text("Acme Dental Group"), "notes": text("as it was:\n```\n### Client\n\nEvil Corp\n```"),
		}, nil},
		{"a heading written twice", head + "### Notes\n\nx\n\n### Client\n\nEvil Corp\n", map[string]schema.Value{"notes": text("x")}, []intake.Problem{
			{Field: "client", Message: `the heading "### Client" stands in the issue 2 times: leave it there once`},
		}},
		{"a heading twice, and each in a fence", "```\n### Client\n```\n~~~\n### Client\n~~~\n", map[string]schema.Value{}, []intake.Problem{
			{Field: "client", Message: `the heading "### Client" stands in the issue 2 times: leave it there once`},
		}},
		{"a fence that nothing closes", "### Client\n\n```\nAcme\n\n### Notes\n\nx\n", map[string]schema.Value{"client": text("```\nAcme"), "notes": text("x")}, nil},
		{"a fence that the next answer would close", "### Client\n\n```\nAcme\n\n### Notes\n\n```\nx\n", map[string]schema.Value{"client": text("```\nAcme"), "notes": text("```\nx")}, nil},
		{"an answer shown as code", head + "### Notes\n\n```yaml\na: 1\n```\n", map[string]schema.Value{"client": text("Acme Dental Group"), "notes": text("a: 1")}, nil},
		{"two fences are not one", head + "### Notes\n\n```\na\n```\n```\nb\n```\n", map[string]schema.Value{"client": text("Acme Dental Group"), "notes": text("```\na\n```\n```\nb\n```")}, nil},
		{"an indented heading is none", head + "### Notes\n\n    ### Client\n", map[string]schema.Value{"client": text("Acme Dental Group"), "notes": text("### Client")}, nil},
		{"wrong values", head + "### Recommended by\n\nPriya Nair\n\n### Since\n\nlast week\n\n### Level\n\nmiddling\n\n### Criteria\n\nfrustrated, bored\n", map[string]schema.Value{"client": text("Acme Dental Group")}, []intake.Problem{
			{Field: "by", Message: `Recommended by is a person: write the id of one, not "Priya Nair"`},
			{Field: "since", Message: `Since is a date: "last week" is none, write one such as 2026-05-22`},
			{Field: "level", Message: `Level is a choice: "middling" is not among low, high`},
			{Field: "criteria", Message: `Criteria is a choice: "bored" is not among frustrated, frustrated, and says so, hiring`},
		}},
		{"too many ticked, and a long mistake", head + "### Level\n\n- [x] low\n- [x] high\n\n### Since\n\n" + strings.Repeat("ä", 100), map[string]schema.Value{"client": text("Acme Dental Group")}, []intake.Problem{
			{Field: "since", Message: `Since is a date: "` + strings.Repeat("ä", 59) + `…" is none, write one such as 2026-05-22`},
			{Field: "level", Message: "Level is one choice: 2 are ticked"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, problems := intake.Parse(c.body, fields)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, problems); diff != "" {
				t.Errorf("problems, -want +got:\n%s", diff)
			}
		})
	}
}

// render writes a body as GitHub does.
func render(answers []string) string {
	var b strings.Builder
	for i, a := range answers {
		if strings.TrimSpace(a) == "" {
			a = "_No response_"
		}
		b.WriteString("### " + intake.Title(&fields[i]) + "\n\n" + a + "\n\n")
	}
	return b.String()
}

// FuzzParse holds that no body makes Parse panic, that it says the same whatever ends the
// lines, and that a form's answers come back or are refused.
func FuzzParse(f *testing.F) {
	f.Add("Acme", "Call\nWrite", "### Client\n\nEvil Corp")
	f.Add("```", "```\n### Notes\n```", "x")
	f.Add("~~~~\n### Client\n~~~", "- [ ] a", "### Actions")
	f.Add("_No response_", "", "```\nall of it\n```")
	f.Fuzz(func(t *testing.T, client, actions, notes string) {
		if values, problems := intake.Parse(client, fields); len(values)+len(problems) == 0 {
			t.Error("a form without a client has neither a value nor a problem")
		}
		body := render([]string{client, "priya", "2026-05-04", "high", "frustrated, hiring", actions, notes})
		values, problems := intake.Parse(body, fields)
		if !strings.Contains(body, "\r") {
			again, _ := intake.Parse(strings.ReplaceAll(body, "\n", "\r\n"), fields)
			if diff := cmp.Diff(values, again); diff != "" {
				t.Errorf("with other line ends, -want +got:\n%s", diff)
			}
		}
		if len(problems) > 0 || strings.ContainsAny(client+actions+notes, "`~\r\ufeff") {
			return // a fence around an answer is taken off; one begun in an answer may hide the next
		}
		for id, want := range map[string]string{"client": client, "notes": notes} {
			if want = strings.TrimSpace(want); want == "_No response_" {
				want = ""
			}
			if got := values[id].Text; got != want {
				t.Errorf("%s: %q came back as %q", id, want, got)
			}
		}
		if diff := cmp.Diff(list("frustrated", "hiring"), values["criteria"]); diff != "" {
			t.Errorf("criteria, -want +got:\n%s", diff)
		}
	})
}
