package edit

import (
	"bytes"

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
// stay.
func (f *File) Trim() []byte {
	end := []byte("\n")
	if bytes.Contains(f.src, []byte("\r\n")) {
		end = []byte("\r\n")
	}
	lines := bytes.Split(f.src, []byte("\n"))
	trimmed := make([][]byte, len(lines))
	for i, l := range lines {
		trimmed[i] = bytes.TrimRight(l, " \t\r")
	}
	if out := joined(trimmed, end); f.says(out) {
		return out
	}
	// One of them matters: keep it and every other that does.
	kept := make([][]byte, len(lines))
	for i, l := range lines {
		kept[i] = bytes.TrimSuffix(l, []byte("\r"))
	}
	for i := range lines {
		before := kept[i]
		if kept[i] = trimmed[i]; !bytes.Equal(before, trimmed[i]) && !f.says(joined(kept, end)) {
			kept[i] = before
		}
	}
	if out := joined(kept, end); f.says(out) {
		return out
	}
	return f.src
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
