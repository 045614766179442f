package describe

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/encoding/yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/almanac-gitops/almanac/schema"
)

func TestJSONSchemaGolden(t *testing.T) {
	var want []string
	for _, k := range schema.Kinds() {
		src, err := JSONSchema(k)
		if err != nil {
			t.Fatal(err)
		}
		again, err := JSONSchema(k)
		if err != nil || !bytes.Equal(src, again) {
			t.Errorf("%s: two runs differ: %v", k, err)
		}
		file := filepath.Join("testdata", "schema", string(k)+".json")
		want = append(want, file)
		golden(t, file, string(src))
	}
	noOrphans(t, "testdata/schema/*", want)
}

func TestJSONSchemaUnknownKind(t *testing.T) {
	_, err := JSONSchema("Invoice")
	want := `there is no kind "Invoice", only Organization, Person, Client, ProcessTemplate, OnboardingPlan, Playbook`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// compiled returns the schema of every kind, by the kind in lower case.
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	schemas := map[string]*jsonschema.Schema{}
	for _, k := range schema.Kinds() {
		src, err := JSONSchema(k)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		if err := c.AddResource(SchemaID(k), doc); err != nil {
			t.Fatal(err)
		}
		if schemas[strings.ToLower(string(k))], err = c.Compile(SchemaID(k)); err != nil {
			t.Fatal(err)
		}
	}
	return schemas
}

// fixture reads a document as an editor would: dates are text.
func fixture(t *testing.T, file string) (source string, document any, value cue.Value) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := definitionsOf(t)
	parsed, err := yaml.Extract(file, src)
	if err != nil {
		t.Fatal(err)
	}
	value = cuecontext.New().BuildFile(parsed)
	encoded, err := value.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	document, err = jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	kind, _, _ := strings.Cut(filepath.Base(file), "_")
	name, err := d.find(kind)
	if err != nil {
		t.Fatal(err)
	}
	v, err := d.definition(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(src), document, v.Unify(value)
}

func fixtures(t *testing.T, pattern string, atLeast int) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < atLeast {
		t.Fatalf("%d files match %s, want at least %d (%v)", len(files), pattern, atLeast, err)
	}
	return files
}

func TestGoodDocuments(t *testing.T) {
	schemas := compiled(t)
	for _, file := range fixtures(t, "testdata/good/*.yaml", 6) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, document, value := fixture(t, file)
			kind, _, _ := strings.Cut(filepath.Base(file), "_")
			if err := schemas[kind].Validate(document); err != nil {
				t.Errorf("the JSON Schema refuses it: %v", err)
			}
			if err := value.Validate(cue.Concrete(true)); err != nil {
				t.Errorf("CUE refuses it: %v", err)
			}
		})
	}
}

// The first line of a bad document says which keyword of JSON Schema refuses it, and where.
func TestBadDocuments(t *testing.T) {
	schemas := compiled(t)
	for _, file := range fixtures(t, "testdata/bad/*.yaml", 25) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			source, document, value := fixture(t, file)
			if err := value.Validate(cue.Concrete(true)); err == nil {
				t.Error("CUE accepts it")
			}
			first, _, _ := strings.Cut(source, "\n")
			kind, _, _ := strings.Cut(filepath.Base(file), "_")
			fault, ok := schemas[kind].Validate(document).(*jsonschema.ValidationError)
			if !ok {
				t.Fatal("the JSON Schema accepts it")
			}
			if found := leaves(fault); !slices.Contains(found, strings.TrimPrefix(first, "# ")) {
				t.Errorf("%s is not among the faults %q", first, found)
			}
		})
	}
}

// leaves returns keyword and place of every fault that has no others below it.
func leaves(fault *jsonschema.ValidationError) []string {
	if len(fault.Causes) == 0 {
		keyword := fault.ErrorKind.KeywordPath()
		return []string{fmt.Sprintf("%s /%s", keyword[len(keyword)-1], strings.Join(fault.InstanceLocation, "/"))}
	}
	var list []string
	for _, c := range fault.Causes {
		list = append(list, leaves(c)...)
	}
	return list
}

// CUE's generator drops what it cannot express without a word. So every struct and every
// rule of the definitions is looked for in the schema.
func TestJSONSchemaLosesNothing(t *testing.T) {
	d := definitionsOf(t)
	for _, k := range schema.Kinds() {
		root := decoded(t, k)
		defs, _ := root["$defs"].(map[string]any)
		if len(defs) == 0 {
			t.Fatalf("%s: no definitions", k)
		}
		checkDefinition(t, d, string(k), root)
		for name, def := range defs {
			checkDefinition(t, d, name, def.(map[string]any))
		}
		empty(t, string(k), root)
	}
}

// checkDefinition compares a definition with its schema.
func checkDefinition(t *testing.T, d definitions, name string, s map[string]any) {
	t.Helper()
	v, err := d.definition(name)
	if err != nil {
		t.Fatal(err)
	}
	if s["title"] != name || s["description"] == nil || s["markdownDescription"] == nil {
		t.Errorf("%s: title %v, description %v", name, s["title"], s["description"])
	}
	if values := allowed(v); values != nil {
		var want []any
		for _, value := range values {
			want = append(want, value)
		}
		if diff := cmp.Diff(want, s["enum"]); diff != "" {
			t.Errorf("%s: values (-want +got):\n%s", name, diff)
		}
	}
	if v.IncompleteKind() != cue.StructKind {
		if s["pattern"] == nil && s["format"] == nil && s["enum"] == nil && s["minLength"] == nil {
			t.Errorf("%s says nothing: %v", name, s)
		}
		return
	}
	if _, isMap := element(v); isMap {
		if of, _ := s["additionalProperties"].(map[string]any); len(of) == 0 {
			t.Errorf("%s: a map of anything", name)
		}
		return
	}
	var names, required []string
	for _, p := range (place{v: v}).inside() {
		names = append(names, strings.TrimPrefix(p.path, "."))
		if p.required {
			required = append(required, strings.TrimPrefix(p.path, "."))
		}
	}
	properties, _ := s["properties"].(map[string]any)
	if diff := cmp.Diff(sorted(names), keys(properties)); diff != "" || len(names) == 0 {
		t.Errorf("%s: properties (-want +got):\n%s", name, diff)
	}
	var gotRequired []string
	list, _ := s["required"].([]any)
	for _, r := range list {
		gotRequired = append(gotRequired, r.(string))
	}
	if diff := cmp.Diff(sorted(required), sorted(gotRequired)); diff != "" {
		t.Errorf("%s: required (-want +got):\n%s", name, diff)
	}
	if v.IsClosed() && s["additionalProperties"] != false {
		t.Errorf("%s is closed, but its schema has additionalProperties %v", name, s["additionalProperties"])
	}
}

// empty fails on a schema that says nothing: what the generator makes of what it cannot
// express.
func empty(t *testing.T, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			t.Errorf("%s is an empty schema", at)
		}
		for key, e := range v {
			if key != "examples" {
				empty(t, at+"/"+key, e)
			}
		}
		if v["description"] != nil && strings.Contains(fmt.Sprint(v["description"], v["markdownDescription"]), marker) {
			t.Errorf("%s: the example is still in the description", at)
		}
	case []any:
		for i, e := range v {
			empty(t, fmt.Sprintf("%s/%d", at, i), e)
		}
	}
}
