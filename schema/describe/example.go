package describe

import (
	"strings"

	"cuelang.org/go/cue"
)

// marker begins the line of a comment that holds an example.
const marker = "Example:"

// comment returns the comment above a field or definition, on one line, and the example
// that ends it.
func comment(v cue.Value) (doc, example string) {
	var text []string
	for _, group := range v.Doc() {
		text = append(text, group.Text())
	}
	return split(strings.Join(text, " "))
}

// split takes a comment apart.
func split(text string) (doc, example string) {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if value, ok := strings.CutPrefix(line, marker); ok {
			example = strings.TrimSpace(value)
		} else if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, " "), example
}

// example makes an example for a value whose field has none: that of its definition, or one
// put together from those of its parts. "" means that there is nothing to make it of.
func example(v cue.Value) string {
	d := cue.Dereference(v)
	if refName(v) != "" {
		if _, own := comment(d); own != "" {
			return own
		}
	}
	if alternatives := arms(v); alternatives != nil {
		return example(alternatives[0])
	}
	if s, err := d.String(); err == nil {
		return s
	}
	switch d.IncompleteKind() {
	case cue.BoolKind:
		return "true"
	case cue.ListKind:
		if e := example(d.LookupPath(cue.MakePath(cue.AnyIndex))); e != "" {
			return "[" + e + "]"
		}
	case cue.StructKind:
		return structExample(d)
	}
	return ""
}

// structExample returns an example with all required fields of a struct, or with its first
// field if it requires none.
func structExample(v cue.Value) string {
	var required, first []string
	for _, p := range (place{v: v}).inside() {
		_, value := comment(p.v)
		if value == "" {
			value = example(p.v)
		}
		entry := strings.TrimPrefix(p.path, ".") + ": " + value
		if p.required {
			required = append(required, entry)
		} else if first == nil {
			first = []string{strings.Replace(entry, anyName, "name", 1)}
		}
	}
	if required == nil {
		required = first
	}
	return "{" + strings.Join(required, ", ") + "}"
}
