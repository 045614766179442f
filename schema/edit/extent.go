package edit

import (
	"bytes"
	"strings"

	"github.com/almanac-gitops/almanac/schema/node"
)

// extent returns the range of a scalar or a flow collection in the text. What has no end
// that can be told for certain is refused.
func (f *File) extent(n *node.Node) (start, end int, err error) {
	start = f.offset(n.Line, n.Column)
	switch {
	case n.Kind == node.Alias:
		return 0, 0, f.refuse(n, "the value is an alias of another one")
	case n.Anchor != "":
		return 0, 0, f.refuse(n, "other places refer to this value by its anchor")
	case n.Style&node.Tagged != 0:
		return 0, 0, f.refuse(n, "the value carries a tag")
	case n.Kind != node.Scalar && n.Style&node.Flow != 0:
		if end = f.closing(start); end < 0 {
			return 0, 0, f.refuse(n, "there are comments between the brackets")
		}
		return start, end, nil
	case n.Kind != node.Scalar:
		return 0, 0, f.refuse(n, "this is not a single value")
	case n.Style&(node.Literal|node.Folded) != 0:
		return 0, 0, f.refuse(n, "the value is a block of several lines")
	case n.Style&(node.DoubleQuoted|node.SingleQuoted) != 0:
		return start, f.quoteEnd(start), nil
	}
	if !bytes.HasPrefix(f.src[start:], []byte(n.Value)) {
		return 0, 0, f.refuse(n, "the value runs over several lines")
	}
	return start, start + len(n.Value), nil
}

// quoteEnd returns the offset after the quoted scalar that begins at start.
func (f *File) quoteEnd(start int) int {
	quote := f.src[start]
	for i := start + 1; i < len(f.src); i++ {
		switch {
		case quote == '"' && f.src[i] == '\\':
			i++
		case f.src[i] != quote:
		case quote == '\'' && i+1 < len(f.src) && f.src[i+1] == '\'':
			i++
		default:
			return i + 1
		}
	}
	return len(f.src)
}

// closing returns the offset after the bracket that closes the one at start, or -1 where a
// comment stands between them.
func (f *File) closing(start int) int {
	depth := 0
	for i := start; i < len(f.src); i++ {
		switch c := f.src[i]; {
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case (c == '"' || c == '\'') && strings.IndexByte(" \t\r\n{[,:", f.src[i-1]) >= 0:
			i = f.quoteEnd(i) - 1
		case c == '#' && strings.IndexByte(" \t\r\n", f.src[i-1]) >= 0:
			return -1
		}
	}
	return -1
}

// entryEnd returns the start of the line after a block entry whose last node is n and whose
// key or dash stands in a column. Comments that are not indented deeper than the entry, and
// blank lines, belong to what follows.
func (f *File) entryEnd(doc int, n *node.Node, column int) int {
	line := f.following(doc, n) // 1-based; the first line that is no longer the entry's
	for line > n.Line+1 {
		text := f.line(line - 1)
		bare := strings.TrimLeft(text, " ")
		switch {
		case strings.TrimSpace(bare) == "", bare[0] == '#' && len(text)-len(bare) < column:
			line--
			continue
		}
		break
	}
	if line > len(f.lines) {
		return len(f.src)
	}
	return f.lines[line-1]
}

// following returns the 1-based line on which the first node after n and everything below
// it begins, or where the document ends; one more than the last line at the end of the
// file.
func (f *File) following(doc int, n *node.Node) int {
	last, next, seen := n.Line, 0, false
	var walk func(at *node.Node, inside bool)
	walk = func(at *node.Node, inside bool) {
		inside = inside || at == n
		switch {
		case inside:
			seen, last = true, max(last, at.Line)
		case seen && next == 0:
			next = at.Line
		}
		for _, child := range at.Content {
			walk(child, inside)
		}
	}
	walk(f.docs[doc], false)
	if next > 0 {
		return next
	}
	for line := last + 1; line <= len(f.lines); line++ {
		if t := f.line(line); t == "---" || t == "..." || strings.HasPrefix(t, "--- ") || strings.HasPrefix(t, "... ") {
			return line
		}
	}
	return len(f.lines) + 1
}

// line returns a 1-based line without its end.
func (f *File) line(n int) string {
	end := len(f.src)
	if n < len(f.lines) {
		end = f.lines[n]
	}
	return strings.TrimRight(string(f.src[f.lines[n-1]:end]), "\r\n")
}
