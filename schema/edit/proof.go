package edit

import (
	"encoding"
	"fmt"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/node"
)

// Map is a mapping whose keys are written in this order.
type Map []Pair

// Pair is one key of a Map and its value.
type Pair struct {
	Key   string
	Value any
}

// encoded turns a value into a node that is written on one line, with dates plain. A value
// is a string, bool, int, anything that writes itself as text, a Map, or a []any of values.
func encoded(value any) (*node.Node, error) {
	n, err := plainNode(value)
	if err != nil {
		return nil, err
	}
	restyle(n)
	return n, nil
}

// plainNode builds the tree by hand: the library writes some texts, such as those that
// begin with a line feed, as something else.
func plainNode(value any) (*node.Node, error) {
	switch v := value.(type) {
	case string:
		return scalar("!!str", v), nil
	case bool:
		return scalar("!!bool", strconv.FormatBool(v)), nil
	case int:
		return scalar("!!int", strconv.Itoa(v)), nil
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		return scalar("!!str", string(text)), err
	case Map:
		n := &node.Node{Kind: node.Mapping, Tag: "!!map"}
		for _, p := range v {
			c, err := plainNode(p.Value)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, scalar("!!str", p.Key), c)
		}
		return n, nil
	case []any:
		n := &node.Node{Kind: node.Sequence, Tag: "!!seq"}
		for _, e := range v {
			c, err := plainNode(e)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, c)
		}
		return n, nil
	}
	return nil, fmt.Errorf("a %T cannot be written as YAML", value)
}

func scalar(tag, value string) *node.Node {
	return &node.Node{Kind: node.Scalar, Tag: tag, Value: value}
}

func restyle(n *node.Node) {
	n.Style &^= node.Literal | node.Folded
	switch {
	case n.Kind != node.Scalar:
		n.Style |= node.Flow
	case n.ShortTag() == "!!str" && isDate(n.Value):
		n.Tag, n.Style = "!!timestamp", 0
	case n.ShortTag() == "!!str" && (n.Style != 0 || strings.ContainsAny(n.Value, "\n,[]{}#:&*!|>'\"%@`")):
		n.Style = node.DoubleQuoted
	}
	for _, c := range n.Content {
		restyle(c)
	}
}

func isDate(s string) bool {
	_, err := civil.Parse(s)
	return err == nil
}

// flowText writes a node on one line.
func flowText(n *node.Node) string {
	text, err := node.Encode(n)
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(text), "\n")
}

// blockText writes a node over several lines, without the last line feed.
func blockText(n *node.Node) (string, error) {
	c := clone(n)
	c.Style &^= node.Flow
	text, err := node.Encode(c)
	return strings.TrimRight(string(text), "\n"), err
}

// clone copies a tree. An alias is copied as what it stands for, so that a change of the
// original shows as a change of both.
func clone(n *node.Node) *node.Node {
	c := *n
	c.Content = make([]*node.Node, 0, len(n.Content)+2)
	for _, child := range n.Content {
		c.Content = append(c.Content, clone(child))
	}
	return &c
}

func cloneAll(l []*node.Node) []*node.Node {
	c := make([]*node.Node, len(l))
	for i, n := range l {
		c[i] = clone(n)
	}
	return c
}

// same reports whether two trees say the same.
func same(a, b *node.Node) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.Anchor != b.Anchor || a.ShortTag() != b.ShortTag() || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

func sameAll(a, b []*node.Node) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !same(a[i], b[i]) {
			return false
		}
	}
	return true
}
