package describe

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"cuelang.org/go/cue"
)

// refName returns the name of the definition that v refers to, or "".
func refName(v cue.Value) string {
	_, path := v.ReferencePath()
	if s := path.Selectors(); len(s) == 1 && s[0].IsDefinition() {
		return strings.TrimPrefix(s[0].String(), "#")
	}
	return ""
}

// words returns a type in words. Where a list of allowed values would not fit into a
// sentence, spell is false, and the name of their definition stands for them.
func words(v cue.Value, spell bool) string {
	name := refName(v)
	if alternatives := arms(v); alternatives != nil {
		if values := allowed(v); values != nil && (spell || name == "") {
			return "one of " + strings.Join(values, ", ")
		} else if name != "" {
			return lower(name)
		}
		return either(alternatives)
	}
	d := cue.Dereference(v)
	switch d.IncompleteKind() {
	case cue.ListKind:
		return "list of " + words(d.LookupPath(cue.MakePath(cue.AnyIndex)), false)
	case cue.StructKind:
		if e, ok := element(d); ok {
			return "map of " + words(e, false)
		}
		if name == "" {
			return "fields"
		}
		return name
	}
	if name != "" {
		return lower(name)
	}
	return scalar(d)
}

// either joins the types of alternatives.
func either(alternatives []cue.Value) string {
	var parts []string
	for _, a := range alternatives {
		parts = append(parts, words(a, false))
	}
	if len(parts) > 2 {
		return strings.Join(parts[:len(parts)-1], ", ") + ", or " + parts[len(parts)-1]
	}
	return strings.Join(parts, " or ")
}

// scalar returns the type of a value that no definition names.
func scalar(v cue.Value) string {
	if s, err := v.String(); err == nil {
		return "the word " + s
	}
	switch v.IncompleteKind() {
	case cue.BoolKind:
		return "true or false"
	case cue.IntKind:
		return "whole number" + bounds(v)
	case cue.NumberKind, cue.FloatKind:
		return "number" + bounds(v)
	}
	return "text"
}

// bounds returns the range of a number in words, with a leading blank.
func bounds(v cue.Value) string {
	var words string
	for _, c := range conjuncts(v) {
		op, args := c.Expr()
		switch op {
		case cue.GreaterThanEqualOp:
			words += fmt.Sprintf(" from %v", args[0])
		case cue.LessThanEqualOp:
			words += fmt.Sprintf(" to %v", args[0])
		}
	}
	return words
}

// conjuncts returns what `&` joins.
func conjuncts(v cue.Value) []cue.Value {
	op, args := v.Expr()
	if op != cue.AndOp {
		return []cue.Value{v}
	}
	var list []cue.Value
	for _, a := range args {
		list = append(list, conjuncts(a)...)
	}
	return list
}

// lower returns the name of a definition as words of a sentence.
func lower(name string) string {
	switch name {
	case "Who":
		return "role or @person"
	case "Due":
		return "offset"
	case "Roll":
		return "roll convention"
	}
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && unicode.IsLower(runes[i-1]) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// allowed returns the values of an enumeration, or of the elements of a list of one, or nil
// where there are others besides.
func allowed(v cue.Value) []string {
	d := cue.Dereference(v)
	if d.IncompleteKind() == cue.ListKind {
		return allowed(d.LookupPath(cue.MakePath(cue.AnyIndex)))
	}
	if s, err := d.String(); err == nil {
		return []string{s}
	}
	var values []string
	for _, a := range arms(v) {
		s, err := a.String()
		if err != nil {
			return nil
		}
		values = append(values, s)
	}
	return values
}

// form returns in words what a value has to look like: the comments of the definitions of
// which it is made, or the rules that are written in place.
func form(v cue.Value) string {
	var parts []string
	for _, p := range forms(v) {
		if p != "" && !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}

func forms(v cue.Value) []string {
	d := cue.Dereference(v)
	if refName(v) != "" && d.IncompleteKind() != cue.StructKind {
		doc, _ := comment(d)
		return []string{doc}
	}
	if alternatives := arms(v); alternatives != nil {
		var list []string
		for _, a := range alternatives {
			list = append(list, forms(a)...)
		}
		return list
	}
	switch d.IncompleteKind() {
	case cue.ListKind:
		return forms(d.LookupPath(cue.MakePath(cue.AnyIndex)))
	case cue.StructKind:
		if e, ok := element(d); ok {
			return forms(e)
		}
		return nil
	}
	return []string{rules(d)}
}

// matches begins a form that is a regular expression.
const matches = "matches "

// rules returns the rules of a text that no definition names.
func rules(v cue.Value) string {
	var list []string
	for _, c := range conjuncts(v) {
		op, args := c.Expr()
		switch op {
		case cue.RegexMatchOp:
			if s, err := args[0].String(); err == nil {
				list = append(list, matches+s)
			}
		case cue.CallOp:
			list = append(list, call(args))
		}
	}
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), ", ")
}

// call returns the rule that a function of CUE stands for.
func call(args []cue.Value) string {
	if len(args) != 2 {
		return ""
	}
	switch fmt.Sprint(args[0]) {
	case "strings.MinRunes":
		return fmt.Sprintf("%v or more characters", args[1])
	case "strings.MaxRunes":
		return fmt.Sprintf("at most %v characters", args[1])
	}
	return ""
}
