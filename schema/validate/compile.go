package validate

import (
	"fmt"
	"regexp"
	"slices"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
)

// compiler turns CUE values into checks. It knows the constructs that the definitions use
// and refuses every other one, so that nothing is ever checked by half.
type compiler struct {
	// done holds each definition by its path.
	done map[string]*ref
}

func newCompiler() *compiler { return &compiler{done: map[string]*ref{}} }

// compile compiles a value, a reference through its definition.
func (c *compiler) compile(v cue.Value) (check, error) {
	_, path := v.ReferencePath()
	if len(path.Selectors()) == 0 {
		return c.expr(v)
	}
	name := path.String()
	if r := c.done[name]; r != nil {
		if r.to == nil {
			return r, nil
		}
		return r.to, nil
	}
	r := &ref{}
	c.done[name] = r
	target := cue.Dereference(v)
	ch, err := c.expr(target)
	if err != nil {
		delete(c.done, name)
		return nil, err
	}
	r.to = withMeaning(ch, docs(target))
	return r.to, nil
}

// docs reads the comment of a definition or a field.
func docs(v cue.Value) meaning {
	for _, d := range v.Doc() {
		return mean(d.Text())
	}
	return meaning{}
}

// withMeaning returns a copy of a check of a scalar that explains itself by a comment. What
// the comment leaves out stays.
func withMeaning(c check, m meaning) check {
	switch c := c.(type) {
	case *text:
		t := *c
		t.meaning = m.over(c.meaning)
		return &t
	case *number:
		n := *c
		n.meaning = m.over(c.meaning)
		return &n
	}
	return c
}

// over returns m, with what it leaves out taken from other.
func (m meaning) over(other meaning) meaning {
	if m.doc == "" {
		m.doc = other.doc
	}
	if m.example == "" {
		m.example = other.example
	}
	return m
}

// expr compiles a value that is no reference.
func (c *compiler) expr(v cue.Value) (check, error) {
	op, args := v.Expr()
	switch op {
	case cue.AndOp:
		return c.both(v, args)
	case cue.OrOp:
		return c.either(v, args)
	case cue.RegexMatchOp:
		return pattern(args[len(args)-1])
	case cue.GreaterThanEqualOp, cue.LessThanEqualOp, cue.GreaterThanOp, cue.LessThanOp:
		return limit(op, args[len(args)-1])
	case cue.CallOp:
		return call(v, args)
	case cue.NoOp, cue.SelectorOp:
		return c.plain(v)
	}
	return nil, refuse(v, "operator %v", op)
}

func refuse(v cue.Value, format string, args ...any) error {
	return fmt.Errorf("%v: %s is not understood at %v", v.Path(), fmt.Sprintf(format, args...), v.Pos())
}

// plain compiles a type, a constant, a structure or a list.
func (c *compiler) plain(v cue.Value) (check, error) {
	switch k := v.IncompleteKind(); k {
	case cue.StructKind:
		return c.structure(v)
	case cue.ListKind:
		return c.list(v)
	case cue.StringKind:
		if s, err := v.String(); err == nil {
			return &text{words: []string{s}}, nil
		}
		return &text{}, nil
	case cue.IntKind, cue.NumberKind:
		if v.IsConcrete() {
			return nil, refuse(v, "a constant number")
		}
		return &number{whole: k == cue.IntKind}, nil
	case cue.BoolKind:
		if v.IsConcrete() {
			return nil, refuse(v, "a constant truth value")
		}
		return boolean{}, nil
	default:
		return nil, refuse(v, "the type %v", k)
	}
}

func pattern(arg cue.Value) (check, error) {
	s, err := arg.String()
	if err != nil {
		return nil, refuse(arg, "a computed pattern")
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", arg.Path(), err)
	}
	return &text{patterns: []*regexp.Regexp{re}}, nil
}

func limit(op cue.Op, arg cue.Value) (check, error) {
	if arg.IncompleteKind()&cue.NumberKind == 0 || !arg.IsConcrete() {
		return nil, refuse(arg, "a bound that is no number")
	}
	b := bound{op: op.String(), limit: fmt.Sprint(arg)}
	if _, ok := decimal(b.limit); !ok {
		return nil, refuse(arg, "the bound %s", b.limit)
	}
	return &number{bounds: []bound{b}}, nil
}

// call compiles the functions of CUE that judge text.
func call(v cue.Value, args []cue.Value) (check, error) {
	name := fmt.Sprint(args[0])
	if len(args) == 2 {
		n, err := args[1].Int64()
		switch {
		case name == "strings.MinRunes" && err == nil:
			return &text{min: int(n)}, nil
		case name == "strings.MaxRunes" && err == nil && n > 0:
			return &text{max: int(n)}, nil
		case name == "time.Format":
			if layout, err := args[1].String(); err == nil && layout == "2006-01-02" {
				return &text{date: true}, nil
			}
		}
	}
	return nil, refuse(v, "the call of %s", name)
}

// both compiles a conjunction of scalars.
func (c *compiler) both(v cue.Value, args []cue.Value) (check, error) {
	var all check
	for _, a := range args {
		next, err := c.compile(a)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = next
			continue
		}
		if all = join(all, next); all == nil {
			return nil, refuse(v, "a conjunction of different things")
		}
	}
	return all, nil
}

// join returns the check that holds where both hold, or nil.
func join(a, b check) check {
	switch a := a.(type) {
	case *text:
		if b, ok := b.(*text); ok && len(a.words)+len(b.words) == 0 && !(a.date || b.date) {
			return &text{patterns: slices.Concat(a.patterns, b.patterns), min: max(a.min, b.min),
				max: lesser(a.max, b.max), meaning: a.meaning.over(b.meaning)}
		}
	case *number:
		if b, ok := b.(*number); ok {
			return &number{whole: a.whole || b.whole, bounds: slices.Concat(a.bounds, b.bounds),
				meaning: a.meaning.over(b.meaning)}
		}
	}
	return nil
}

// lesser returns the lesser of two limits of which 0 is none.
func lesser(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// either compiles a disjunction. Words are collected; of every other form than text there
// may be one alternative only, so that the form of a value decides which one is meant.
func (c *compiler) either(v cue.Value, args []cue.Value) (check, error) {
	if _, ok := v.Default(); ok {
		return nil, refuse(v, "a default")
	}
	e := &either{}
	words := &text{}
	for _, a := range args {
		arm, err := c.compile(a)
		if err != nil {
			return nil, err
		}
		if t, ok := arm.(*text); ok && len(t.words) > 0 {
			words.words = append(words.words, t.words...)
		} else if ok {
			e.texts = append(e.texts, t)
		} else if _, open := arm.(*ref); open || arm.accepts()&(e.forms|word) != 0 {
			return nil, refuse(v, "a choice between values of one form")
		} else {
			e.others = append(e.others, arm)
			e.forms |= arm.accepts()
		}
	}
	if len(words.words) > 0 {
		e.texts = append(e.texts, words)
	}
	if len(e.texts) == 1 && len(e.others) == 0 {
		return e.texts[0], nil
	}
	if len(e.texts) > 0 {
		e.forms |= word
	}
	return e, nil
}

// structure compiles a closed structure.
func (c *compiler) structure(v cue.Value) (check, error) {
	if !onlyFields(v.Source()) {
		return nil, refuse(v, "a structure of more than fields")
	}
	s := &structure{fields: map[string]*field{}}
	fields, err := v.Fields(cue.Optional(true), cue.Patterns(true))
	if err != nil {
		return nil, fmt.Errorf("%v: %w", v.Path(), err)
	}
	for fields.Next() {
		ch, err := c.compile(fields.Value())
		if err != nil {
			return nil, err
		}
		sel := fields.Selector()
		if sel.ConstraintType() == cue.PatternConstraint {
			if p := sel.Pattern(); s.any != nil || p.IncompleteKind() != cue.StringKind || p.IsConcrete() || !unbounded(p) {
				return nil, refuse(v, "a pattern of field names")
			}
			s.any = ch
			continue
		}
		if sel.ConstraintType()&(cue.RequiredConstraint|cue.OptionalConstraint) == 0 {
			return nil, refuse(v, "the field %v without ! or ?", sel)
		}
		f := &field{name: sel.Unquoted(), required: sel.ConstraintType() == cue.RequiredConstraint, meaning: docs(fields.Value())}
		f.check = explained(ch, f.meaning)
		f.meaning = f.meaning.over(meaning{example: exampleOf(ch)})
		s.fields[f.name] = f
		s.names = append(s.names, f.name)
	}
	switch open := v.Allows(cue.AnyString); {
	case s.any != nil && len(s.names) > 0:
		return nil, refuse(v, "named fields beside any names")
	case s.any == nil && open:
		return nil, refuse(v, "an open structure")
	}
	return s, nil
}

// onlyFields reports whether a structure is written as fields and nothing else. What `if`,
// `let`, `...` or an embedded value add cannot all be seen in the value.
func onlyFields(source ast.Node) bool {
	if f, ok := source.(*ast.Field); ok {
		source = f.Value
	}
	s, ok := source.(*ast.StructLit)
	if !ok {
		return false
	}
	for _, e := range s.Elts {
		switch e.(type) {
		case *ast.Field, *ast.CommentGroup:
		default:
			return false
		}
	}
	return true
}

// unbounded reports whether a pattern of field names is plain `string`.
func unbounded(p cue.Value) bool {
	op, _ := p.Expr()
	return op == cue.NoOp
}

// explained lets a field speak for itself where the definition that it refers to is plain
// text or a number. A pattern is explained by the definition that has it, and only the
// example of the field stands before that one's.
func explained(c check, field meaning) check {
	switch t := c.(type) {
	case *text:
		if len(t.patterns) == 0 && !t.date && field.doc != "" {
			own := *t
			own.meaning = field
			return &own
		}
		return withMeaning(c, meaning{example: field.example}.over(t.meaning).over(field))
	case *number:
		return withMeaning(c, field)
	case *either:
		e := *t
		e.texts = slices.Clone(t.texts)
		for i, arm := range e.texts {
			e.texts[i] = explained(arm, field).(*text)
		}
		return &e
	}
	return c
}

func exampleOf(c check) string {
	if t, ok := c.(*text); ok {
		return t.example
	}
	return ""
}

func (c *compiler) list(v cue.Value) (check, error) {
	if n, err := v.Len().Int64(); err == nil && n > 0 {
		return nil, refuse(v, "a list of fixed elements")
	}
	e := v.LookupPath(cue.MakePath(cue.AnyIndex))
	if !e.Exists() {
		return nil, refuse(v, "a list of nothing")
	}
	ch, err := c.compile(e)
	if err != nil {
		return nil, err
	}
	return &list{elem: ch}, nil
}
