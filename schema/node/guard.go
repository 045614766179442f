package node

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// guard walks the documents of one file before anything decodes them.
type guard struct {
	faults diag.List
	// total counts the nodes of the file so far, aliases as what they stand for.
	total int
	// copied counts those of them that are there through aliases.
	copied int
	// anchored holds the size of what an anchor names; zero while it is still open.
	anchored map[*Node]size
	path     []string
	// src is the text of the file, where there is one.
	src []byte
}

// size is what a subtree costs: its nodes, and how deep it is.
type size struct{ nodes, depth int }

func newGuard() *guard { return &guard{anchored: map[*Node]size{}} }

// document checks one document and reports whether its tree may be walked.
func (g *guard) document(root *Node) bool {
	if root.Kind != Mapping {
		g.add(root, "yaml/top-level", "expected a document of `key: value` lines, found "+What(root),
			"begin it with `kind:` and the fields below it")
		return false
	}
	if _, ok := g.walk(root, 1); !ok {
		return false
	}
	// The library refuses a document that is nearly all aliases, from 99 in 100 on.
	if g.copied > 500 && g.copied > g.total/10*9 {
		g.add(root, "yaml/alias", "nearly everything in the file is there through aliases", "write the values out")
		return false
	}
	return true
}

// walk checks a subtree that begins at a depth. It stops at the first node over a limit.
func (g *guard) walk(n *Node, depth int) (s size, ok bool) {
	if g.total++; g.total > MaxNodes {
		g.add(n, "yaml/nodes", fmt.Sprintf("the file holds more than %d values, aliases counted in full", MaxNodes),
			"split it into several files")
		return s, false
	}
	if n.Kind == Alias {
		return g.alias(n, depth)
	}
	if depth > MaxDepth {
		g.add(n, "yaml/depth", fmt.Sprintf("nested more than %d levels deep", MaxDepth), "write it flatter")
		return s, false
	}
	g.tag(n)
	if n.Anchor != "" {
		g.anchored[n] = size{}
	}
	switch n.Kind {
	case Mapping:
		s, ok = g.mapping(n, depth)
	case Sequence:
		s, ok = g.sequence(n, depth)
	default:
		s, ok = size{}, true
		g.characters(n)
	}
	s = size{s.nodes + 1, s.depth + 1}
	if n.Anchor != "" {
		g.anchored[n] = s
	}
	return s, ok
}

// alias counts an alias as what it stands for. The one node is counted already.
func (g *guard) alias(n *Node, depth int) (s size, ok bool) {
	s, known := g.anchored[n.Alias]
	if !known {
		// Only a part of a document is walked, and the anchor lies outside of it.
		g.total--
		return g.walk(n.Alias, depth)
	}
	switch {
	case s == size{}:
		g.add(n, "yaml/alias", fmt.Sprintf("the alias *%s stands for something that it is itself part of", n.Value),
			"write the value out")
		return s, false
	case g.total+s.nodes-1 > MaxNodes:
		g.add(n, "yaml/nodes", fmt.Sprintf("the file holds more than %d values, aliases counted in full", MaxNodes),
			"write fewer aliases")
		return s, false
	case depth+s.depth-1 > MaxDepth:
		g.add(n, "yaml/depth", fmt.Sprintf("nested more than %d levels deep through the alias *%s", MaxDepth, n.Value),
			"write it flatter")
		return s, false
	}
	g.total += s.nodes - 1
	g.copied += s.nodes
	return s, true
}

func (g *guard) sequence(n *Node, depth int) (s size, ok bool) {
	for i, e := range n.Content {
		g.path = append(g.path, fmt.Sprint(i))
		c, ok := g.walk(e, depth+1)
		g.path = g.path[:len(g.path)-1]
		if s.nodes, s.depth = s.nodes+c.nodes, max(s.depth, c.depth); !ok {
			return s, false
		}
	}
	return s, true
}

func (g *guard) mapping(n *Node, depth int) (s size, ok bool) {
	if len(n.Content)/2 > MaxKeys {
		g.add(n, "yaml/keys", fmt.Sprintf("the mapping has %d keys; at most %d are read", len(n.Content)/2, MaxKeys), "split it")
		return s, false
	}
	first := make(map[string]*Node, len(n.Content)/2)
	above := g.path
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if g.path = above; k.Kind == Scalar {
			g.path = append(above, k.Value)
		}
		var c size
		if g.key(n, k, first) {
			g.total++
			c, ok = g.walk(v, depth+1)
		} else {
			// What a bad key is or holds is not looked at further, only counted.
			c, ok = g.unread(k, v, depth+1)
		}
		g.path = above
		if s.nodes, s.depth = s.nodes+c.nodes+1, max(s.depth, c.depth); !ok {
			return s, false
		}
	}
	return s, true
}

// unread measures a bad key and its value without a word about what they hold.
func (g *guard) unread(k, v *Node, depth int) (s size, ok bool) {
	said := len(g.faults)
	a, ok := g.walk(k, depth)
	if ok {
		var b size
		b, ok = g.walk(v, depth)
		a = size{a.nodes + b.nodes, max(a.depth, b.depth)}
	}
	if ok {
		g.faults = g.faults[:said]
	}
	return a, ok
}

// key checks one key and reports whether it is fit to be read. A key that is written twice
// is fit: the faults of its value are told too.
func (g *guard) key(parent, k *Node, first map[string]*Node) bool {
	switch {
	case k.Kind == Scalar && k.Tag == "!!merge":
		g.add(k, "yaml/merge", "merge keys (`<<`) are not read", "write the fields out")
		return false
	case k.Kind == Mapping && k.Style&yaml.FlowStyle != 0 && parent.Style&yaml.FlowStyle != 0:
		g.add(parent, "yaml/template", "`{{` is not filled in: files are read as they are, without a template engine",
			"write the value itself, or put quotes around the braces if they are meant")
		return false
	case k.Kind != Scalar || k.Tag != "!!str":
		what, hint := What(k), "put it in quotes"
		switch {
		case k.Kind == Alias:
			what, hint = "the alias *"+k.Value, "write the key out"
		case k.Kind != Scalar:
			hint = "write one word before the colon"
		case k.Style&yaml.TaggedStyle != 0:
			what, hint = "the tag "+k.Tag, "delete the tag"
		}
		g.add(k, "yaml/key", "expected text as a key, found "+what, hint)
		return false
	}
	if k.Anchor != "" {
		g.anchored[k] = size{1, 1}
	}
	if f := first[k.Value]; f != nil {
		g.add(k, "yaml/duplicate-key", fmt.Sprintf("%q is written twice, first on line %d, column %d", k.Value, f.Line, f.Column),
			"keep one of the two")
		return true
	}
	first[k.Value] = k
	g.characters(k)
	return true
}

// tag refuses everything but the core schema of YAML 1.2. The library ignores foreign
// tags, CUE refuses them, and no reader can tell what they mean.
func (g *guard) tag(n *Node) {
	switch n.Tag {
	case "!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map", "!!timestamp":
		if n.Style&yaml.TaggedStyle == 0 || fits(n) {
			return
		}
		g.add(n, "yaml/tag", fmt.Sprintf("the tag %s does not fit what follows it", n.Tag), "delete the tag")
	case "!!merge":
		g.add(n, "yaml/merge", "merge keys (`<<`) are not read", "put it in quotes if it is meant as text")
	default:
		g.add(n, "yaml/tag", fmt.Sprintf("the tag %s is not known", n.Tag), "delete the tag; plain values and quotes are enough")
	}
}

// fits reports whether a written tag is one that its node can have.
func fits(n *Node) bool {
	switch n.Tag {
	case "!!seq":
		return n.Kind == Sequence
	case "!!map":
		return n.Kind == Mapping
	case "!!str":
		return n.Kind == Scalar
	}
	if n.Kind != Scalar || n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return false
	}
	plain := Node{Kind: Scalar, Value: n.Value}
	return plain.ShortTag() == n.Tag
}

// characters finds what an escape such as "\0" has put into a value. What stands in the
// text itself is found before.
func (g *guard) characters(n *Node) {
	if n.Style&yaml.DoubleQuotedStyle == 0 || !strings.ContainsFunc(n.Value, hidden) {
		return
	}
	r, _ := utf8.DecodeRuneInString(n.Value[strings.IndexFunc(n.Value, hidden):])
	if bytes.ContainsRune(g.src, r) {
		return // told with its own line and column
	}
	name, _ := unwanted(r)
	if r == utf8.RuneError {
		name = "not a character"
	}
	g.add(n, "yaml/character", fmt.Sprintf("the text holds an invisible character: %s (U+%04X)", name, r), "delete the escape")
}

func hidden(r rune) bool {
	name, _ := unwanted(r)
	return name != "" && r != '\n' && r != '\t' || r == utf8.RuneError
}

func (g *guard) add(n *Node, rule, message, hint string) {
	d := diag.Diagnostic{Rule: rule, Message: message, Hint: hint, Path: strings.Join(g.path, ".")}
	d.Line, d.Column, d.EndColumn = Span(n)
	g.faults = append(g.faults, d)
}

// What says in plain words, with an article, what a node is: "a list", "the number 5".
func What(n *Node) string {
	switch n = Resolve(n); n.Kind {
	case Mapping:
		return "a mapping"
	case Sequence:
		return "a list"
	}
	switch n.Tag {
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!bool":
		return "the truth value " + n.Value
	case "!!null":
		if n.Value == "" {
			return "nothing"
		}
		return "the empty value " + n.Value
	case "!!timestamp":
		return "the date " + n.Value
	}
	return "text"
}
