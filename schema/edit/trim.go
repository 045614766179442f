package edit

import (
	"bytes"
	"slices"

	"github.com/almanac-gitops/almanac/schema/node"
)

// Document is what a file shows of one document without decoding it.
type Document struct {
	Kind, ID string
	// Keys are the keys at the top level, in the order of the text.
	Keys []Key
}

// Key is a key and its 1-based line.
type Key struct {
	Name string
	Line int
}

// Documents returns the documents of the file, in order.
func (f *File) Documents() []Document {
	l := make([]Document, len(f.docs))
	for i, d := range f.docs {
		l[i].Kind, _ = f.Lookup(i, "kind")
		l[i].ID, _ = f.Lookup(i, "id")
		for k := 0; d.Kind == node.Mapping && k+1 < len(d.Content); k += 2 {
			l[i].Keys = append(l[i].Keys, Key{d.Content[k].Value, d.Content[k].Line})
		}
	}
	return l
}

// Trim returns the text without blanks at the ends of lines and with one line feed at the
// end. Where blanks are part of a value, in a block or a quoted text of several lines, they
// stay; so do they in what is left of a file in which that is so too often to find out.
func (f *File) Trim() []byte {
	end := []byte("\n")
	if bytes.Contains(f.src, []byte("\r\n")) {
		end = []byte("\r\n")
	}
	t := trimming{file: f, end: end, kept: bytes.Split(f.src, []byte("\n")), tries: mostTries}
	t.trimmed = make([][]byte, len(t.kept))
	for i, l := range t.kept {
		t.kept[i], t.trimmed[i] = bytes.TrimSuffix(l, []byte("\r")), bytes.TrimRight(l, " \t\r")
	}
	if out := joined(t.trimmed, end); f.says(out) {
		return out
	}
	t.blocks()
	if out := joined(t.trimmed, end); f.says(out) {
		return out
	}
	t.settle(0, len(t.kept))
	if out := joined(t.kept, end); f.says(out) {
		return out
	}
	return f.src
}

// mostTries is how often a file is read again to find out which blanks matter. Those of
// blocks are known without.
const mostTries = 200

// trimming is a file some of whose blanks at the ends of lines matter.
type trimming struct {
	file *File
	end  []byte
	// kept are the lines as far as they are known to be right, trimmed those without blanks.
	kept, trimmed [][]byte
	tries         int
}

// blocks gives the lines of literal and folded texts their blanks back, but for those that
// are nothing else.
func (t *trimming) blocks() {
	var walk func(n *node.Node)
	walk = func(n *node.Node) {
		if n.Style&(node.Literal|node.Folded) != 0 {
			t.block(n.Line)
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	for _, d := range t.file.docs {
		walk(d)
	}
}

// block gives the lines of the text whose bar or arrow stands on a line their blanks back.
func (t *trimming) block(line int) {
	indent := -1
	for i := line; i < len(t.kept); i++ {
		bare := bytes.TrimLeft(t.trimmed[i], " ")
		if len(bare) == 0 {
			continue
		}
		at := len(t.trimmed[i]) - len(bare)
		if indent < 0 {
			indent = at
		}
		if at < indent || indent == 0 {
			return
		}
		t.trimmed[i] = t.kept[i]
	}
}

// settle trims as many of the lines from one on and before another as say the same without
// their blanks: all, or else both halves in turn.
func (t *trimming) settle(from, to int) {
	before := slices.Clone(t.kept[from:to])
	copy(t.kept[from:to], t.trimmed[from:to])
	if slices.EqualFunc(before, t.kept[from:to], bytes.Equal) {
		return
	}
	if t.tries--; t.tries >= 0 && t.file.says(joined(t.kept, t.end)) {
		return
	}
	copy(t.kept[from:to], before)
	if middle := (from + to) / 2; t.tries > 0 && middle > from {
		t.settle(from, middle)
		t.settle(middle, to)
	}
}

// joined puts lines together, with one line end after the last that is not empty.
func joined(lines [][]byte, end []byte) []byte {
	for len(lines) > 0 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return append(bytes.Join(lines, end), end...)
}

// says reports whether a text says what the file says.
func (f *File) says(text []byte) bool {
	g, err := Parse(f.name, text)
	return err == nil && sameAll(f.docs, g.docs)
}
