package load

import (
	"fmt"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"

	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

// converter turns a value of CUE into the nodes that YAML would have given, so that both go
// the same way from there on.
type converter struct {
	// names are the files of the package.
	names map[string]bool
	// files gets the file of every node.
	files  map[*node.Node]string
	faults diag.List
	values int
}

// convert returns the node of a value; at is where it stands if it does not know itself.
func (c *converter) convert(v cue.Value, path string, at token.Pos, depth int) *node.Node {
	at = c.valuePos(v, at)
	n := c.node(at)
	if c.values++; c.values > node.MaxNodes || depth > node.MaxDepth {
		c.add(n, path, "the document holds too many values, or nests them too deeply", "compute less")
		n.Kind, n.Tag, n.Value = node.Scalar, "!!null", "null"
		return n
	}
	v, _ = v.Default()
	switch v.Kind() {
	case cue.StructKind:
		n.Kind, n.Tag = node.Mapping, "!!map"
		fields, err := v.Fields()
		for err == nil && fields.Next() {
			name, value := fields.Selector().Unquoted(), fields.Value()
			key := c.node(c.keyPos(value, at))
			key.Kind, key.Tag, key.Value = node.Scalar, "!!str", name
			n.Content = append(n.Content, key, c.convert(value, join(path, name), c.keyPos(value, at), depth+1))
		}
	case cue.ListKind:
		n.Kind, n.Tag = node.Sequence, "!!seq"
		elements, err := v.List()
		for i := 0; err == nil && elements.Next(); i++ {
			n.Content = append(n.Content, c.convert(elements.Value(), join(path, strconv.Itoa(i)), at, depth+1))
		}
	default:
		c.scalar(n, v, path)
	}
	return n
}

// outline returns what can be told of a document that CUE takes for an error: its kind and
// id, for whoever must not take it for deleted.
func (c *converter) outline(v cue.Value) *node.Node {
	at := c.valuePos(v, token.NoPos)
	n := c.node(at)
	n.Kind, n.Tag = node.Mapping, "!!map"
	for _, name := range []string{"kind", "id"} {
		if s, err := v.LookupPath(cue.MakePath(cue.Str(name))).String(); err == nil {
			key, value := c.node(at), c.node(at)
			key.Kind, key.Tag, key.Value = node.Scalar, "!!str", name
			value.Kind, value.Tag, value.Value = node.Scalar, "!!str", s
			n.Content = append(n.Content, key, value)
		}
	}
	return n
}

// scalar fills in a single value. One that is wrong is left empty, since the error is known
// already.
func (c *converter) scalar(n *node.Node, v cue.Value, path string) {
	n.Kind = node.Scalar
	text, err := v.MarshalJSON()
	n.Value = string(text)
	switch k := v.Kind(); {
	case err == nil && k == cue.StringKind:
		n.Tag = "!!str"
		n.Value, _ = v.String() // a string, as its kind says
	case err == nil && k == cue.IntKind:
		n.Tag = "!!int"
	case err == nil && k == cue.FloatKind:
		n.Tag = "!!float"
	case err == nil && k == cue.BoolKind:
		n.Tag = "!!bool"
	case err == nil && k == cue.BytesKind:
		n.Tag, n.Value = "!!null", "null"
		c.add(n, path, "the value is bytes, which no field takes", "write text in double quotes")
	default:
		n.Tag, n.Value = "!!null", "null"
		switch k := v.IncompleteKind(); k {
		case cue.BottomKind, cue.NullKind:
		case cue.TopKind:
			c.add(n, path, "the value is not decided", "give it one")
		default:
			c.add(n, path, "the value is not decided: all that is known of it is "+k.String(), "give it one")
		}
	}
}

func (c *converter) add(n *node.Node, path, message, hint string) {
	c.faults = append(c.faults, diag.Diagnostic{File: c.files[n], Line: n.Line, Column: n.Column, Rule: "load/cue", Path: path, Message: message, Hint: hint})
}

func (c *converter) node(at token.Pos) *node.Node {
	n := &node.Node{Line: at.Line(), Column: at.Column()}
	if at.IsValid() {
		c.files[n] = at.Filename()
	}
	return n
}

// ours reports whether a position lies in a file of the package, and not in the definitions.
func (c *converter) ours(p token.Pos) bool { return p.IsValid() && c.names[p.Filename()] }

// valuePos returns where a value is written: where its text stands, wherever it was
// referred to from.
func (c *converter) valuePos(v cue.Value, at token.Pos) token.Pos {
	if f, ok := v.Source().(*ast.Field); ok && c.ours(f.Value.Pos()) {
		return f.Value.Pos()
	}
	if p := v.Pos(); c.ours(p) {
		return p
	}
	return c.keyPos(v, at)
}

// keyPos returns where a field is written: its first mention in a file of the package.
func (c *converter) keyPos(v cue.Value, at token.Pos) token.Pos {
	if f, ok := v.Source().(*ast.Field); ok && c.ours(f.Label.Pos()) {
		return f.Label.Pos()
	}
	if op, args := v.Expr(); op == cue.AndOp {
		for _, a := range args {
			if p := a.Pos(); c.ours(p) {
				return p
			}
		}
	}
	if p := v.Pos(); c.ours(p) {
		return p
	}
	return at
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// cueFault is an error of CUE.
type cueFault struct {
	diag.Diagnostic
	// at is the path from the top of the package.
	at string
	// told is set once a document has taken it.
	told bool
}

// within reports whether an error lies within the document at a path, and returns it with
// its path within.
func (f *cueFault) within(prefix string) (diag.Diagnostic, bool) {
	d := f.Diagnostic
	switch {
	case prefix == "" || f.at == prefix:
		d.Path = f.at[len(prefix):]
	case len(f.at) > len(prefix) && f.at[:len(prefix)] == prefix && f.at[len(prefix)] == '.':
		d.Path = f.at[len(prefix)+1:]
	default:
		return d, false
	}
	f.told = true
	return d, true
}

// cueFaults turns the errors of CUE into faults, one for each path, at their first position
// in one of the files.
func cueFaults(err error, names map[string]bool) []cueFault {
	var l []cueFault
	seen := map[string]bool{}
	for _, e := range errors.Errors(err) {
		at := ""
		for _, p := range e.Path() {
			at = join(at, unquote(p))
		}
		f := cueFault{at: at}
		f.Rule, f.Message = "load/cue", cueMessage(e)
		for _, p := range errors.Positions(e) {
			if p.IsValid() && names[p.Filename()] {
				f.File, f.Line, f.Column = p.Filename(), p.Line(), p.Column()
				break
			}
		}
		id := at
		if at == "" {
			id = "\x00" + f.Message
		}
		if !seen[id] {
			seen[id] = true
			l = append(l, f)
		}
	}
	return l
}

func unquote(label string) string {
	if s, err := strconv.Unquote(label); err == nil {
		return s
	}
	return label
}

// cueMessage words an error of CUE in one line.
func cueMessage(e errors.Error) string {
	format, args := e.Msg()
	msg := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	if strings.Contains(msg, "empty disjunction") {
		return "none of the values that are allowed here fits"
	}
	const longest = 200
	if r := []rune(msg); len(r) > longest {
		msg = string(r[:longest]) + "…"
	}
	return msg
}
