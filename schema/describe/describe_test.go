package describe

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

// noOrphans fails on golden files that no test writes.
func noOrphans(t *testing.T, pattern string, want []string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sorted(want), sorted(files)); diff != "" || len(want) == 0 {
		t.Errorf("golden files (-want +got):\n%s", diff)
	}
}

func definitionsOf(t *testing.T) definitions {
	t.Helper()
	d, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func decoded(t *testing.T, k schema.Kind) map[string]any {
	t.Helper()
	src, err := JSONSchema(k)
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(src, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

func keys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

func TestExplain(t *testing.T) {
	tests := map[string]string{ // name of the golden file: path
		"kind":           "client",
		"list":           "client.processes.exceptions",
		"list-element":   "Client.processes.0.exceptions",
		"list-itself":    "Client.processes.0",
		"map":            "Client.team",
		"map-element":    "client.team.vcio",
		"map-of-fields":  "Client.processes.overrides.<step>",
		"map-inside":     "Client.processes.1.overrides.audit.due",
		"choice":         "step.every",
		"choice-inside":  "Step.every.rrule",
		"word-or-date":   "client.alignment_date",
		"enumeration":    "STEP.ROLL",
		"inline-values":  "Organization.channels.type",
		"constant":       "Person.kind",
		"bounds":         "OnboardingPlan.weeks.week",
		"ratio":          "organization.policies.limits.close-ratio",
		"own-rule":       "Client.processes.run",
		"yes-or-no":      "Step.touchpoint",
		"definition":     "due",
		"values":         "Weekday",
		"reference-map":  "Person.external-ids",
		"definition-map": "ExternalIDs",
	}
	var want []string
	for name, path := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := Explain(path)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, goldenText(name), rendered(t, f))
		})
		want = append(want, goldenText(name))
	}
	t.Run("tree", func(t *testing.T) {
		f, err := Tree("Client")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, goldenText("tree"), rendered(t, f))
	})
	t.Run("kinds", func(t *testing.T) {
		list, err := Kinds()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := WriteOverview(&b, list); err != nil {
			t.Fatal(err)
		}
		golden(t, goldenText("kinds"), b.String())
	})
	noOrphans(t, "testdata/explain/*", append(want, goldenText("tree"), goldenText("kinds")))
}

func goldenText(name string) string { return filepath.Join("testdata", "explain", name+".txt") }

func rendered(t *testing.T, f Field) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteText(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExplainUnknown(t *testing.T) {
	const kinds = "Organization, Person, Client, ProcessTemplate, OnboardingPlan, Playbook"
	tests := []struct{ path, want string }{
		{"", `there is no kind "", only ` + kinds},
		{"clinet", `there is no kind "clinet" (did you mean "Client"?), only ` + kinds},
		{"Invoice.steps", `there is no kind "Invoice", only ` + kinds},
		{"excepton", `there is no kind "excepton" (did you mean "Exception"?), only ` + kinds},
		{"Person.emial", `Person has no field "emial" (did you mean "email"?), only kind, id, previously, name, email, github, roles, external-ids, away, notify`},
		{"person.", `Person has no field "", only kind, id, previously, name, email, github, roles, external-ids, away, notify`},
		{"Person.0", `Person has no field "0", only kind, id, previously, name, email, github, roles, external-ids, away, notify`},
		{"Person.away.0.deputee", `Person.away has no field "deputee" (did you mean "deputy"?), only from, to, deputy`},
		{"Client.team.", `Client.team has no field "", only <name>`},
		{"Client.name.first", `Client.name is text and has no fields`},
		{"Client.previously.x", `Client.previously is list of id and has no fields`},
		{"Person.\x1b[31m", `Person has no field "\x1b[31m", only kind, id, previously, name, email, github, roles, external-ids, away, notify`},
	}
	for _, tt := range tests {
		f, err := Explain(tt.path)
		if err == nil {
			t.Errorf("Explain(%q) = %+v", tt.path, f)
		} else if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
			t.Errorf("Explain(%q) (-want +got):\n%s", tt.path, diff)
		}
	}
}

// Every field says what it is for and shows an example that its own rules accept.
func TestEveryFieldIsDescribed(t *testing.T) {
	d := definitionsOf(t)
	names, err := d.names()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range names {
		v, err := d.definition(name)
		if err != nil {
			t.Fatal(err)
		}
		checkDescribed(t, d, d.whole(name, v, 0), v)
		for _, p := range (place{path: name, v: v}).inside() {
			checkDescribed(t, d, d.field(p, 0), p.v)
			seen++
		}
	}
	if seen < 100 {
		t.Errorf("only %d fields seen", seen)
	}
}

func checkDescribed(t *testing.T, d definitions, f Field, v cue.Value) {
	t.Helper()
	if f.Doc == "" && f.Pattern == "" || f.Type == "" {
		t.Errorf("%s: nothing says what it is: %+v", f.Path, f)
	}
	if strings.Contains(f.Doc, marker) || strings.HasSuffix(f.Doc, ":") {
		t.Errorf("%s: comment %q", f.Path, f.Doc)
	}
	if f.Example == "" {
		t.Errorf("%s has no example", f.Path)
		return
	}
	value, err := d.parse(f.Example)
	if err != nil {
		t.Errorf("%s: example %s: %v", f.Path, f.Example, err)
		return
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	built := cuecontext.New().CompileBytes(encoded)
	if err := v.Unify(built).Validate(cue.Concrete(true)); err != nil {
		t.Errorf("%s: example %s: %v", f.Path, f.Example, err)
	}
}

// The words that stand for a definition's name stand for one that there is.
func TestLowerNames(t *testing.T) {
	d := definitionsOf(t)
	for _, name := range []string{"Who", "Due", "Roll"} {
		if _, err := d.definition(name); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]string{
		"ID": "id", "Text": "text", "BusinessDay": "business day", "RRule": "rrule",
	} {
		if got := lower(name); got != want {
			t.Errorf("lower(%s) = %q, want %q", name, got, want)
		}
	}
}

func FuzzExplain(f *testing.F) {
	for _, s := range []string{"", ".", "client", "Client..", "Client.processes.0.overrides.a.every.rrule", "Step.9", "é.ñ", "Client.team.\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		field, err := Explain(path)
		if (err == nil) == (field.Path == "") {
			t.Fatalf("Explain(%q) = %+v, %v", path, field, err)
		}
		if err == nil {
			if again, err := Explain(field.Path); err != nil || again.Type != field.Type {
				t.Fatalf("its own path %q explains something else: %v", field.Path, err)
			}
		}
	})
}
