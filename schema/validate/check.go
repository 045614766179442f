package validate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

// check is a compiled definition.
type check interface {
	// accepts returns the forms of value that the check can judge.
	accepts() form
	// check judges a value of a form that it accepts, and adds what is wrong.
	check(r *run, key, n *node.Node)
}

// run collects the faults of one document.
type run struct {
	path   []string
	faults diag.List
}

func (r *run) add(n *node.Node, rule, message, hint string) {
	d := diag.Diagnostic{Rule: rule, Path: strings.Join(r.path, "."), Message: message, Hint: hint}
	d.Line, d.Column, d.EndColumn = node.Span(n)
	r.faults = append(r.faults, d)
}

func (r *run) sorted(file string) diag.List {
	for i := range r.faults {
		r.faults[i].File = file
	}
	return r.faults.Sorted()
}

// visit judges a value. The key is where a value that is not there is reported.
func (r *run) visit(c check, key, n *node.Node) {
	switch f := is(n); {
	case f == unreadable:
		r.add(n, "schema/type", fmt.Sprintf("%s is not a number that can be read", node.Resolve(n).Value),
			"write it with digits only, or put it in quotes if it is meant as text")
	case f&c.accepts() == 0:
		r.mistyped(c, key, n)
	default:
		c.check(r, key, n)
	}
}

// field is one field of a structure.
type field struct {
	name     string
	required bool
	check    check
	meaning  meaning
}

// structure is a mapping with a fixed set of fields, or with any keys.
type structure struct {
	fields map[string]*field
	// names are the fields in the order of the definition.
	names []string
	// any judges the value of every key that is no field; nil means that there may be none.
	any check
}

func (s *structure) accepts() form { return mapping }

func (s *structure) check(r *run, key, n *node.Node) {
	n, at := node.Resolve(n), n
	// A field counts as seen, too, when a misspelt key must have meant it.
	seen := make(map[string]bool, len(s.names))
	merged := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if !plainKey(k) {
			// The guard has reported it; what it brings in is not known.
			merged = merged || k.Tag == "!!merge"
			continue
		}
		seen[k.Value] = true
		r.path = append(r.path, k.Value)
		switch f := s.fields[k.Value]; {
		case f != nil:
			r.visit(f.check, k, v)
		case s.any != nil:
			r.visit(s.any, k, v)
		default:
			r.add(k, "schema/unknown-field", "unknown field "+quote(k.Value), choices(k.Value, s.names))
			if meant, ok := near(k.Value, s.names); ok {
				seen[meant] = true
			}
		}
		r.path = r.path[:len(r.path)-1]
	}
	for _, name := range s.names {
		if f := s.fields[name]; f.required && !seen[name] && !merged {
			r.missing(f, at, key)
		}
	}
}

// missing reports a required field at the first key of its mapping.
func (r *run) missing(f *field, n, key *node.Node) {
	r.path = append(r.path, f.name)
	line := f.name + ":"
	if f.meaning.example != "" {
		line += " " + f.meaning.example
	} else if t, ok := f.check.(*text); ok && len(t.words) == 1 {
		line += " " + t.words[0]
	}
	hint := "add `" + line + "`"
	if f.meaning.doc != "" {
		hint += ": " + f.meaning.doc
	}
	r.add(first(n, key), "schema/required", fmt.Sprintf("the required field %q is missing", f.name), hint)
	r.path = r.path[:len(r.path)-1]
}

// first returns the place at which something missing from a mapping is reported.
func first(n, key *node.Node) *node.Node {
	switch {
	case n.Kind == node.Mapping && len(n.Content) > 0:
		return n.Content[0]
	case n.Kind == node.Mapping && key != nil:
		return key
	}
	return n
}

// plainKey reports whether a key is text, as the guard demands.
func plainKey(k *node.Node) bool { return k.Kind == node.Scalar && k.ShortTag() == "!!str" }

// list is a list of any length.
type list struct {
	elem check
}

func (l *list) accepts() form { return sequence }

func (l *list) check(r *run, _, n *node.Node) {
	for i, e := range node.Resolve(n).Content {
		r.path = append(r.path, strconv.Itoa(i))
		r.visit(l.elem, nil, e)
		r.path = r.path[:len(r.path)-1]
	}
}

// either is one of several forms. The form of the value chooses; only text can be meant
// in several ways.
type either struct {
	texts  []*text
	others []check
	forms  form
}

func (e *either) accepts() form { return e.forms }

func (e *either) check(r *run, key, n *node.Node) {
	f := is(n)
	for _, c := range e.others {
		if f&c.accepts() != 0 {
			c.check(r, key, n)
			return
		}
	}
	value := node.Resolve(n).Value
	for _, t := range e.texts {
		if t.fault(value) == nil {
			return
		}
	}
	d := e.fault(value)
	r.add(n, d.rule, d.message, d.hint)
}

// fault words what is wrong with a text that fits none of the alternatives: as a date where
// it looks like one, else as the first alternative, with all of them named.
func (e *either) fault(value string) fault {
	for _, t := range e.texts {
		if t.date && looksLikeDate.MatchString(value) {
			return *t.fault(value)
		}
	}
	d := *e.texts[0].fault(value)
	if meant, ok := e.listed(value); ok {
		d.hint = fmt.Sprintf("did you mean [%s]?", meant)
	}
	if len(e.texts) == 1 {
		return d
	}
	var likes, words []string
	for _, t := range e.texts {
		if len(t.words) > 0 {
			words = append(words, t.words...)
		} else {
			likes = append(likes, expected(t))
		}
	}
	d.message = fmt.Sprintf("expected %s, found %s", or(append(likes, words...)), quote(value))
	if meant, ok := near(value, words); ok {
		d.hint = fmt.Sprintf("did you mean %q?", meant)
	}
	return d
}

// listed finds the word of a list that a text must have meant.
func (e *either) listed(value string) (string, bool) {
	for _, o := range e.others {
		if l, ok := unwrap(o).(*list); ok {
			if t, ok := unwrap(l.elem).(*text); ok && len(t.words) > 0 {
				return near(value, t.words)
			}
		}
	}
	return "", false
}

// ref stands for a definition that is still being compiled, so that one may hold itself.
type ref struct{ to check }

func (r *ref) accepts() form { return r.to.accepts() }

func (r *ref) check(run *run, key, n *node.Node) { r.to.check(run, key, n) }
