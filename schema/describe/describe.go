// Package describe says what people may write: it answers `almanac explain` and makes the
// JSON Schema that editors check and complete with. All of it comes from the CUE
// definitions: types, allowed values, the comments above fields, and the `Example:` line
// that may end a comment.
package describe

import (
	"errors"
	"strings"

	"cuelang.org/go/cue"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// Field is one field, or a whole definition, in words.
type Field struct {
	// Path leads to the field: `Client.processes.exceptions`. Lists leave no trace in it; a key
	// that people choose themselves is `<name>`.
	Path string `json:"path"`
	// Type is what the value is: "list of Exception", "date", "true or false". A word in
	// capitals is a definition, which can be explained too.
	Type     string `json:"type"`
	Required bool   `json:"required"`
	// Allowed holds all values that may be written, in the order of the definition; empty
	// where they cannot be listed.
	Allowed []string `json:"allowed,omitempty"`
	// Pattern says what the value looks like.
	Pattern string `json:"pattern,omitempty"`
	// Doc says what the field is for.
	Doc string `json:"doc"`
	// Example is a value in YAML, on one line.
	Example string `json:"example,omitempty"`
	// Fields are the fields of the value, of its elements if it is a list, in the order of the
	// definition.
	Fields []Field `json:"fields,omitempty"`
}

// Kinds returns every kind, without its fields.
func Kinds() ([]Field, error) {
	d, err := load()
	if err != nil {
		return nil, err
	}
	var list []Field
	for _, k := range schema.Kinds() {
		v, err := d.definition(string(k))
		if err != nil {
			return nil, err
		}
		list = append(list, d.whole(string(k), v, 0))
	}
	return list, nil
}

// Explain describes what a path leads to, with the fields below it. A path begins with a
// kind, or another definition such as Step, in any case; names of fields may be written in
// any case too, and the number of a list element is passed over. Unknown names are an
// *UnknownError.
func Explain(path string) (Field, error) { return explain(path, 1) }

// Tree describes what a path leads to, with all fields below it at any depth.
func Tree(path string) (Field, error) { return explain(path, -1) }

func explain(path string, depth int) (Field, error) {
	d, err := load()
	if err != nil {
		return Field{}, err
	}
	head, rest, deeper := strings.Cut(strings.TrimSpace(path), ".")
	name, err := d.find(head)
	if err != nil {
		return Field{}, err
	}
	v, err := d.definition(name)
	if err != nil {
		return Field{}, err
	}
	if !deeper {
		return d.whole(name, v, depth), nil
	}
	at := place{path: name, v: v}
	for _, segment := range strings.Split(rest, ".") {
		if at, err = at.step(segment); err != nil {
			return Field{}, err
		}
	}
	return d.field(at, depth), nil
}

// whole describes a definition itself.
func (d definitions) whole(name string, v cue.Value, depth int) Field {
	doc, own := comment(v)
	f := Field{Path: name, Type: words(v, true), Allowed: allowed(v), Doc: doc, Example: own}
	if len(structs(v)) == 0 {
		f.Pattern = form(v)
	}
	if f.Example == "" {
		f.Example = example(v)
	}
	f.Fields = d.below(place{path: name, v: v}, depth)
	return f
}

// field describes one field.
func (d definitions) field(at place, depth int) Field {
	doc, own := comment(at.v)
	f := Field{
		Path: at.path, Type: words(at.v, true), Required: at.required, Allowed: allowed(at.v),
		Pattern: form(at.v), Doc: doc, Example: own,
	}
	if doc == "" && f.Pattern == "" {
		f.Doc, _ = comment(cue.Dereference(at.v))
	}
	if f.Example == "" {
		f.Example = example(at.v)
	}
	f.Fields = d.below(at, depth)
	return f
}

// below describes what is inside of a place, to a depth; a negative depth has no end, which
// is safe as no definition holds itself: CUE could not tell when such a value is complete.
func (d definitions) below(at place, depth int) []Field {
	if depth == 0 {
		return nil
	}
	var list []Field
	for _, p := range at.inside() {
		list = append(list, d.field(p, depth-1))
	}
	return list
}

// UnknownError says that a path names something that there is not.
type UnknownError struct {
	// Parent is the path up to the name; empty where the name is that of a definition.
	Parent string
	Name   string
	// Meant is the one name that was probably meant, or empty.
	Meant string
	// Known are the names that there are, in the order of the definition.
	Known []string
}

// Error names what is not there and what is.
func (e *UnknownError) Error() string {
	what := "there is no kind "
	if e.Parent != "" {
		what = e.Parent + " has no field "
	}
	what += diag.Quote(e.Name)
	if e.Meant != "" {
		what += " (did you mean " + diag.Quote(e.Meant) + "?)"
	}
	return what + ", only " + strings.Join(e.Known, ", ")
}

// errDefinitions is wrapped by every failure to read the definitions, which a release
// cannot have: a test reads them.
var errDefinitions = errors.New("read the definitions")
