package node

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// unmeasured marks a scalar whose length in the text cannot be told from its value: it
// spans lines, or is written with escapes, a tag or an anchor. The library keeps no end of
// a node, and its own styles are the low bits, which this one leaves alone.
const unmeasured yaml.Style = 1 << 16

// Span returns where a node begins, 1-based in runes, and the column after its last
// character; endColumn is 0 where that is not known, as for anything that spans lines.
func Span(n *Node) (line, column, endColumn int) {
	if n == nil {
		return 0, 0, 0
	}
	if n.Line == 0 || n.Style&unmeasured != 0 {
		return n.Line, n.Column, 0
	}
	text, ok := written(n)
	if !ok || text == "" {
		return n.Line, n.Column, 0
	}
	return n.Line, n.Column, n.Column + utf8.RuneCountInString(text)
}

// written returns a scalar or alias as it most likely stands in the text.
func written(n *Node) (string, bool) {
	switch {
	case n.Kind == Alias:
		return "*" + n.Value, true
	case n.Kind != Scalar:
		return "", false
	}
	switch n.Style &^ unmeasured {
	case 0:
		return n.Value, true
	case yaml.SingleQuotedStyle:
		return "'" + strings.ReplaceAll(n.Value, "'", "''") + "'", true
	case yaml.DoubleQuotedStyle:
		return `"` + n.Value + `"`, true
	}
	return "", false
}

// measure compares every scalar with the text and marks those that are not written as
// their value suggests. A value left out at the end of the text, which the library puts on
// a line behind it, is moved to the end.
func measure(docs []*Node, src []byte) {
	c := cursor{rest: strings.TrimPrefix(string(src), string(bom)), line: 1, column: 1}
	for _, d := range docs {
		c.measure(d)
	}
}

// cursor moves through the text once, since nodes come in the order of the text.
type cursor struct {
	rest         string
	line, column int
}

func (c *cursor) measure(n *Node) {
	if !c.seek(n.Line, n.Column) && (n.Line > c.line || n.Line == c.line && n.Column > c.column) {
		n.Line, n.Column = c.line, c.column
	}
	if text, ok := written(n); ok && (n.Line != c.line || n.Column != c.column || !strings.HasPrefix(c.rest, text)) {
		n.Style |= unmeasured
	}
	for _, child := range n.Content {
		c.measure(child)
	}
}

// seek moves on to a position and reports whether the text has it.
func (c *cursor) seek(line, column int) bool {
	for c.line < line {
		i := strings.IndexByte(c.rest, '\n')
		if i < 0 {
			c.column, c.rest = c.column+utf8.RuneCountInString(c.rest), ""
			return false
		}
		c.rest, c.line, c.column = c.rest[i+1:], c.line+1, 1
	}
	for c.line == line && c.column < column && c.rest != "" && c.rest[0] != '\n' {
		_, size := utf8.DecodeRuneInString(c.rest)
		c.rest, c.column = c.rest[size:], c.column+1
	}
	return c.line == line && c.column == column
}
