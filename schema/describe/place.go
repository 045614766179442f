package describe

import (
	"fmt"
	"strings"

	"cuelang.org/go/cue"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// anyName stands for a key that people choose.
const anyName = "<name>"

// place is where a path has led to.
type place struct {
	path     string
	v        cue.Value
	required bool
}

// structs returns the structs that a value may be: itself, the elements of a list, and the
// arms of a disjunction.
func structs(v cue.Value) []cue.Value {
	v = cue.Dereference(v)
	if arms := arms(v); arms != nil {
		var list []cue.Value
		for _, arm := range arms {
			list = append(list, structs(arm)...)
		}
		return list
	}
	switch v.IncompleteKind() {
	case cue.ListKind:
		return structs(v.LookupPath(cue.MakePath(cue.AnyIndex)))
	case cue.StructKind:
		return []cue.Value{v}
	}
	return nil
}

// arms returns the alternatives of a disjunction, or nil.
func arms(v cue.Value) []cue.Value {
	op, args := cue.Dereference(v).Expr()
	if op != cue.OrOp {
		return nil
	}
	return args
}

// element returns what every value of a map is, if v is a map.
func element(v cue.Value) (cue.Value, bool) {
	e := v.LookupPath(cue.MakePath(cue.AnyString))
	return e, e.Exists()
}

// inside returns the places directly below, in the order of the definition.
func (p place) inside() []place {
	var list []place
	for _, s := range structs(p.v) {
		if e, ok := element(s); ok {
			list = append(list, place{path: p.path + "." + anyName, v: e})
			continue
		}
		it, err := s.Fields(cue.Optional(true))
		if err != nil {
			continue
		}
		for it.Next() {
			list = append(list, place{
				path: p.path + "." + it.Selector().Unquoted(), v: it.Value(),
				required: it.FieldType()&cue.RequiredConstraint != 0,
			})
		}
	}
	return list
}

// step goes one name further.
func (p place) step(segment string) (place, error) {
	below := p.inside()
	if isList(p.v) && strings.Trim(segment, "0123456789") == "" && segment != "" {
		return p, nil
	}
	if len(below) == 0 {
		return p, fmt.Errorf("%s is %s and has no fields", p.path, words(p.v, false))
	}
	var known []string
	for _, b := range below {
		name := strings.TrimPrefix(b.path, p.path+".")
		if name == anyName && segment != "" || strings.EqualFold(name, strings.ReplaceAll(segment, "_", "-")) {
			return b, nil
		}
		known = append(known, name)
	}
	meant, _ := diag.Suggest(segment, known)
	return p, &UnknownError{Parent: p.path, Name: segment, Meant: meant, Known: known}
}

// isList reports whether a value is, or may be, a list.
func isList(v cue.Value) bool {
	return cue.Dereference(v).IncompleteKind()&cue.ListKind != 0
}
