package schema_test

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/describe"
)

// documents holds the Go type of every kind.
var documents = map[schema.Kind]reflect.Type{
	schema.KindOrganization:    reflect.TypeFor[schema.Organization](),
	schema.KindPerson:          reflect.TypeFor[schema.Person](),
	schema.KindClient:          reflect.TypeFor[schema.Client](),
	schema.KindProcessTemplate: reflect.TypeFor[schema.ProcessTemplate](),
	schema.KindOnboardingPlan:  reflect.TypeFor[schema.OnboardingPlan](),
	schema.KindPlaybook:        reflect.TypeFor[schema.Playbook](),
}

// The CUE definitions and the Go types have the same fields, each of a type that can hold
// what the definition allows: a field that only one side has would be lost or never filled.
func TestFieldsAgree(t *testing.T) {
	w := walker{t: t}
	for _, k := range schema.Kinds() {
		tree, err := describe.Tree(string(k))
		if err != nil {
			t.Fatal(err)
		}
		if documents[k] == nil {
			t.Fatalf("no Go type is known for %s", k)
		}
		w.structure(tree, documents[k])
	}
	if w.fields < 150 {
		t.Errorf("only %d fields were compared", w.fields)
	}
}

// A walk that finds nothing to complain of must be one that would.
func TestFieldsDisagree(t *testing.T) {
	type inner struct {
		Name string `yaml:"name"`
	}
	field := func(path, kind string, inside ...describe.Field) describe.Field {
		return describe.Field{Path: path, Type: kind, Fields: inside}
	}
	tests := []struct {
		name  string
		cue   []describe.Field
		goes  reflect.Type
		fault string
	}{
		{"only CUE", []describe.Field{field("T.name", "text"), field("T.more", "text")}, reflect.TypeFor[inner](),
			"T.more: no Go field"},
		{"only Go", nil, reflect.TypeFor[inner](), "T.name: only the Go type inner has it"},
		{"wrong type", []describe.Field{field("T.name", "list of text")}, reflect.TypeFor[inner](),
			"T.name: list of text, but string in Go"},
		{"no tag", nil, reflect.TypeFor[struct{ Name string }](), "T: the Go field Name has no yaml tag"},
		{"deep", []describe.Field{field("T.a", "list of In", field("T.a.nam", "text"))},
			reflect.TypeFor[struct {
				A []*inner `yaml:"a"`
			}](), "T.a.nam: no Go field"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := walker{}
			w.structure(field("T", "fields", tt.cue...), tt.goes)
			if !slices.Contains(w.faults, tt.fault) {
				t.Errorf("faults %q lack %q", w.faults, tt.fault)
			}
		})
	}
}

// walker compares fields; without t it collects what it finds.
type walker struct {
	t      *testing.T
	fields int
	faults []string
}

func (w *walker) fault(parts ...string) {
	text := strings.Join(parts, "")
	w.faults = append(w.faults, text)
	if w.t != nil {
		w.t.Error(text)
	}
}

// structure compares the fields of a definition with those of a Go struct.
func (w *walker) structure(f describe.Field, goes reflect.Type) {
	tagged := map[string]reflect.StructField{}
	w.collect(f.Path, goes, tagged)
	for _, inside := range f.Fields {
		w.fields++
		name := inside.Path[strings.LastIndex(inside.Path, ".")+1:]
		goField, ok := tagged[name]
		if !ok {
			w.fault(inside.Path, ": no Go field")
			continue
		}
		delete(tagged, name)
		w.value(inside, goField.Type)
	}
	for name := range tagged {
		w.fault(f.Path, ".", name, ": only the Go type ", goes.Name(), " has it")
	}
}

// collect gathers the fields of a Go struct by their names in YAML, inlined ones too.
func (w *walker) collect(path string, goes reflect.Type, tagged map[string]reflect.StructField) {
	for i := range goes.NumField() {
		field := goes.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case name == "-":
		case options == "inline":
			w.collect(path, field.Type, tagged)
		case name == "":
			w.fault(path, ": the Go field ", field.Name, " has no yaml tag")
		default:
			tagged[name] = field
		}
	}
}

// value compares the type of one field, then what is inside.
func (w *walker) value(f describe.Field, goes reflect.Type) {
	if goes.Kind() == reflect.Pointer {
		goes = goes.Elem()
	}
	if !holds(goes, f.Type) {
		w.fault(f.Path, ": ", f.Type, ", but ", goes.String(), " in Go")
		return
	}
	inside := goes
	if goes.Kind() == reflect.Slice || goes.Kind() == reflect.Map {
		inside = goes.Elem()
	}
	if inside.Kind() == reflect.Pointer {
		inside = inside.Elem()
	}
	if goes.Kind() == reflect.Map && len(f.Fields) == 1 {
		w.value(f.Fields[0], inside)
	} else if inside.Kind() == reflect.Struct && !scalar(inside) {
		w.structure(f, inside)
	}
}

// holds reports whether a Go type can hold values of a type in words.
func holds(goes reflect.Type, words string) bool {
	kind := goes.Kind()
	switch {
	case scalar(goes):
		// A type that reads itself knows what it may be given.
		return !strings.HasPrefix(words, "map of ") && words != "true or false"
	case strings.HasPrefix(words, "list of "):
		return kind == reflect.Slice
	case strings.HasPrefix(words, "map of "):
		return kind == reflect.Map
	case words == "true or false":
		return kind == reflect.Bool
	case strings.HasPrefix(words, "whole number or "):
		return kind == reflect.String
	case strings.HasPrefix(words, "whole number"):
		return kind == reflect.Int
	case strings.HasPrefix(words, "number"):
		return kind == reflect.Float64
	case words[0] >= 'A' && words[0] <= 'Z':
		return kind == reflect.Struct
	}
	return kind == reflect.String
}

// scalar reports whether a Go type reads its value itself instead of having fields that are
// written.
func scalar(goes reflect.Type) bool {
	text := reflect.TypeFor[encoding.TextUnmarshaler]()
	to := reflect.PointerTo(goes)
	return strings.HasSuffix(goes.PkgPath(), "/schema/civil") || to.Implements(text) || goes == reflect.TypeFor[schema.Value]()
}
