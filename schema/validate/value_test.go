package validate

import (
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/parser"
	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/node"
)

// computed builds the value of a CUE file, which may use the definitions as `#schema`.
func computed(t *testing.T, v *Validator, src string) cue.Value {
	t.Helper()
	f, err := parser.ParseFile("clients.cue", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	inst := build.NewContext().NewInstance("", nil)
	if err := inst.AddSyntax(f); err != nil {
		t.Fatal(err)
	}
	val := v.Context().BuildInstance(inst, cue.Scope(v.Definition(schema.KindClient)))
	if !val.Exists() {
		t.Fatal(val.Err())
	}
	return val
}

func TestValue(t *testing.T) {
	v := newValidator(t, Auto)
	for _, c := range []struct{ name, src, want string }{
		{"valid", `x: {kind: "Client", id: "acme", name: "Acme", "alignment-date": "2026-06-01", processes: [{template: "vcio", exceptions: [{step: "a", cycle: 2026, cancel: true, reason: "r"}]}]}`, ""},
		{"computed", "_n: \"acme\"\nx: {kind: \"Client\", id: _n, name: \"The \\(_n)\", note?: string, _hidden: 5}", ""},
		{"faults", "x: {\n\tkind: \"Client\"\n\tid: \"Acme Dental\"\n\tnmae: \"ü\", team: vcio: 5\n\t\"alignment-date\": \"2026-02-31\"\n}",
			"3:6-0 id: expected a value like acme-dental, found \"Acme Dental\" [schema/pattern]\n    did you mean \"acme-dental\"? (an identifier: lower-case letters and digits in groups joined by single hyphens, at most 40 characters)\n" +
				"4:2-0 nmae: unknown field \"nmae\" [schema/unknown-field]\n    did you mean \"name\"? allowed here: kind, id, previously, name, logo, alignment-date, team, external-ids, inactive, closed, processes\n" +
				"4:25-0 team.vcio: expected text like acme-dental, found the number 5 [schema/type]\n    put it in quotes: \"5\"\n" +
				"5:20-0 alignment-date: 2026-02-31: February 2026 has 28 days [schema/date]\n    write a day that the calendar has\n"},
		{"not filled in", "x: {\n\tkind: \"Client\"\n\tid: \"a\"\n\tname: string\n}",
			"4:8-0 name: the field \"name\" has no value yet: incomplete value string [schema/required]\n"},
		{"conflict", "x: {\n\tkind: \"Client\"\n\tid: \"a\"\n\tid: \"b\"\n\tname: \"A\"\n}",
			"3:6-0 id: expected another value: conflicting values \"b\" and \"a\" [schema/enum]\n"},
		{"bytes", "x: {\n\tkind: 'Client'\n}",
			"2:2-0 : CUE refuses this: no document can hold a value of the type bytes [schema/type]\n"},
		{"parts of one", "x: kind: \"Client\"\nx: id: \"a\"\nx: {name: \"\"}\nx: roles: []",
			"3:11-0 name: expected text, found nothing between the quotes [schema/length]\n    name as people write it, such as Acme Dental Group\n" +
				"4:4-0 roles: unknown field \"roles\" [schema/unknown-field]\n    allowed here: kind, id, previously, name, logo, alignment-date, team, external-ids, inactive, closed, processes\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			val := computed(t, v, c.src).LookupPath(cue.ParsePath("x"))
			kind, l := v.Value("clients.cue", val)
			got := show(InRunes([]byte(c.src), l))
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if c.want == "" && kind != schema.KindClient {
				t.Errorf("the kind is %q", kind)
			}
		})
	}
}

func TestTreeDecodes(t *testing.T) {
	v := newValidator(t, Auto)
	val := computed(t, v, `x: {kind: "Client", id: "007", name: "yes", team: {a: "2026-01-01"}, processes: [{template: "vcio", overrides: a: {week: 3, remove: false}}]}`)
	doc, faults := v.Tree("clients.cue", val.LookupPath(cue.ParsePath("x")))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var c schema.Client
	if err := node.Decode(doc, &c); err != nil {
		t.Fatal(err)
	}
	if c.ID != "007" || c.Name != "yes" || c.Team["a"] != "2026-01-01" || *c.Processes[0].Overrides["a"].Week != 3 {
		t.Errorf("got %+v", c)
	}
}

func TestInRunes(t *testing.T) {
	v := newValidator(t, Auto)
	src := `x: {kind: "Client", id: "ä", name: 5}`
	_, l := v.Value("clients.cue", computed(t, v, src).LookupPath(cue.ParsePath("x")))
	if len(l) != 2 || l[1].Column != 37 || InRunes([]byte(src), l)[1].Column != 36 {
		t.Errorf("got %+v", l)
	}
}
