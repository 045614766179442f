package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

// Value checks a document that a CUE file computes. It returns the kind and all faults,
// sorted, at their places in file, which must be the name that the file was parsed under;
// what comes from another file is reported at the document. The value must come from
// Context, and columns are those of CUE, which count bytes: see InRunes.
//
// Where CUE itself finds the value at fault or unfinished, its findings are the faults;
// else the document is checked as one of YAML is.
func (v *Validator) Value(file string, val cue.Value) (schema.Kind, diag.List) {
	doc, faults := v.Tree(file, val)
	if len(faults) > 0 {
		return "", faults
	}
	return v.Document(file, doc)
}

// Tree turns a document that a CUE file computes into a tree such as node.Parse returns,
// with the places of keys and values in file, ready for Document and node.Decode. It
// returns either a tree or faults.
func (v *Validator) Tree(file string, val cue.Value) (*node.Node, diag.List) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t := tree{file: file, root: val}
	if err := val.Validate(cue.Concrete(true)); err != nil {
		return nil, t.complain(err)
	}
	n, err := t.node(val, t.place(val))
	if err != nil {
		return nil, t.complain(err)
	}
	return n, nil
}

// tree makes nodes of one CUE document.
type tree struct {
	file string
	root cue.Value
}

// node converts a value; at is where it stands if the value itself does not know.
func (t *tree) node(v cue.Value, at token.Position) (*node.Node, error) {
	v, _ = v.Default()
	if p := t.place(v); p.IsValid() {
		at = p
	}
	switch v.Kind() {
	case cue.StructKind:
		n := &node.Node{Kind: node.Mapping, Tag: "!!map", Line: at.Line, Column: at.Column}
		return n, t.fields(n, v, at)
	case cue.ListKind:
		n := &node.Node{Kind: node.Sequence, Tag: "!!seq", Line: at.Line, Column: at.Column}
		return n, t.elements(n, v, at)
	}
	tag, text, err := scalar(v)
	return node.Make(tag, text, at.Line, at.Column), err
}

// scalar returns the tag and the text that a value has in YAML.
func scalar(v cue.Value) (tag, text string, err error) {
	var b []byte
	switch v.Kind() {
	case cue.StringKind:
		text, err = v.String()
		return "!!str", text, err
	case cue.IntKind:
		b, err = v.AppendInt(nil, 10)
		return "!!int", string(b), err
	case cue.FloatKind:
		b, err = v.AppendFloat(nil, 'g', -1)
		if text = string(b); err == nil && !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return "!!float", text, err
	case cue.BoolKind:
		yes, err := v.Bool()
		return "!!bool", strconv.FormatBool(yes), err
	case cue.NullKind:
		return "!!null", "null", nil
	}
	return "", "", errors.Newf(v.Pos(), "no document can hold a value of the type %v", v.Kind())
}

func (t *tree) fields(n *node.Node, v cue.Value, at token.Position) error {
	it, err := v.Fields()
	if err != nil {
		return err
	}
	for it.Next() {
		p := t.label(it.Value())
		if !p.IsValid() {
			p = at
		}
		key := node.Make("!!str", it.Selector().Unquoted(), p.Line, p.Column)
		child, err := t.node(it.Value(), p)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, key, child)
	}
	return nil
}

func (t *tree) elements(n *node.Node, v cue.Value, at token.Position) error {
	it, err := v.List()
	if err != nil {
		return err
	}
	for it.Next() {
		child, err := t.node(it.Value(), at)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
	return nil
}

// place returns where a value stands in the file, or the zero Position. Of a value that
// several files make up, the part from the file counts.
func (t *tree) place(v cue.Value) token.Position {
	for _, p := range t.parts(v) {
		at := p.Pos()
		if f, ok := p.Source().(*ast.Field); ok {
			at = f.Value.Pos()
		}
		if pos := at.Position(); pos.Filename == t.file {
			return pos
		}
	}
	return token.Position{}
}

// label returns where the label of a field stands in the file, or the zero Position.
func (t *tree) label(v cue.Value) token.Position {
	for _, p := range t.parts(v) {
		if f, ok := p.Source().(*ast.Field); ok {
			if pos := f.Label.Pos().Position(); pos.Filename == t.file {
				return pos
			}
		}
	}
	return t.place(v)
}

// parts returns a value and what it is unified from.
func (t *tree) parts(v cue.Value) []cue.Value {
	l := []cue.Value{v}
	if op, args := v.Expr(); op == cue.AndOp {
		l = append(l, args...)
	}
	return l
}

// complain turns the errors of CUE into faults, one for each path: the most telling.
func (t *tree) complain(err error) diag.List {
	r := &run{}
	for path, f := range complaints(err, t.root.Path().Selectors()) {
		r.path = []string{path}
		at := t.where(f.err, path)
		r.add(&node.Node{Line: at.Line, Column: at.Column}, f.rule, f.message, f.hint)
	}
	return r.sorted(t.file)
}

// where finds the place of an error: the one it names itself, else that of the nearest
// value on its path.
func (t *tree) where(e errors.Error, path string) token.Position {
	for _, p := range errors.Positions(e) {
		if pos := p.Position(); pos.Filename == t.file {
			return pos
		}
	}
	names := strings.Split(path, ".")
	for i := len(names); i > 0; i-- {
		var sels []cue.Selector
		for _, n := range names[:i] {
			if k, err := strconv.Atoi(n); err == nil {
				sels = append(sels, cue.Index(k))
			} else {
				sels = append(sels, cue.Str(n))
			}
		}
		if pos := t.place(t.root.LookupPath(cue.MakePath(sels...))); pos.IsValid() {
			return pos
		}
	}
	return t.place(t.root)
}

// InRunes turns the byte columns of faults in a CUE file into columns that count runes.
func InRunes(src []byte, l diag.List) diag.List {
	lines := strings.Split(string(src), "\n")
	l = slices.Clone(l)
	for i, d := range l {
		if d.Line < 1 || d.Line > len(lines) || d.Column < 1 {
			continue
		}
		line := lines[d.Line-1]
		l[i].Column = 1 + utf8.RuneCountInString(line[:min(d.Column-1, len(line))])
		if d.EndColumn > 0 {
			l[i].EndColumn = l[i].Column + d.EndColumn - d.Column
		}
	}
	return l
}

// complaint is what CUE finds wrong at one path.
type complaint struct {
	fault
	err  errors.Error
	rank int
}

// complaints sorts the errors of CUE by their path within a document, whose own path is
// given, and keeps the most telling one of each.
func complaints(err error, document []cue.Selector) map[string]complaint {
	best := map[string]complaint{}
	for _, e := range errors.Errors(err) {
		path := within(e.Path(), document)
		c := classify(e, path)
		key := strings.Join(path, ".")
		if b, ok := best[key]; !ok || c.rank < b.rank {
			best[key] = c
		}
	}
	return best
}

// within returns the path inside the document, without quotes.
func within(path []string, document []cue.Selector) []string {
	path = slices.Clone(path)
	if n := len(document); len(path) >= n && slices.EqualFunc(path[:n], document, func(p string, s cue.Selector) bool { return p == s.String() }) {
		path = path[n:]
	}
	if len(path) > 0 && strings.HasPrefix(path[0], "#") {
		path = path[1:]
	}
	for i, p := range path {
		path[i] = strings.Trim(p, `"`)
	}
	return path
}

// classify finds the rule that an error of CUE is about. CUE has no codes, so its words
// decide; what none of them fits is a matter of type.
func classify(e errors.Error, path []string) complaint {
	format, args := e.Msg()
	msg := shorten(fmt.Sprintf(format, args...))
	last := ""
	if len(path) > 0 {
		last = path[len(path)-1]
	}
	rules := []struct{ words, rule, message string }{
		{"field not allowed", "schema/unknown-field", "unknown field " + quote(last)},
		{"required but not present", "schema/required", fmt.Sprintf("the required field %q is missing", last)},
		{"incomplete value", "schema/required", fmt.Sprintf("the field %q has no value yet: %s", last, msg)},
		{"time.Format", "schema/date", "expected a date like 2026-06-01: " + msg},
		{"Runes", "schema/length", "the text is too short or too long: " + msg},
		{"mismatched types", "schema/type", "expected a value of another type: " + msg},
		{"empty disjunction", "schema/enum", "none of the allowed values fits: " + msg},
		{"=~", "schema/pattern", "the text is not written as it has to be: " + msg},
		{"out of bound", "schema/range", "the number is out of range: " + msg},
		{"conflicting values", "schema/enum", "expected another value: " + msg},
	}
	for i, c := range rules {
		if strings.Contains(msg, c.words) {
			return complaint{fault{rule: c.rule, message: c.message}, e, i}
		}
	}
	return complaint{fault{rule: "schema/type", message: "CUE refuses this: " + msg}, e, len(rules)}
}
