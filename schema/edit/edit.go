// Package edit changes YAML that people wrote without disturbing the rest. It puts bytes in
// at the place where a value stands, reads the result again, and proves that exactly the
// wanted value changed and nothing else. What it cannot prove it refuses, with the line
// that a person has to edit. Comments, blank lines, order, quotes, line ends and a byte
// order mark stay as they are.
package edit

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/node"
)

// File is the text of a YAML file and what it says. A File is never changed: every edit
// returns a new one.
type File struct {
	name  string
	src   []byte
	lines []int // offset of the start of each line
	docs  []*node.Node
}

// Refusal says that an edit cannot be made safely, and where a person has to make it.
type Refusal struct {
	File         string
	Line, Column int
	Why          string
}

// Error names the place, the reason and what to do.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s: edit this line by hand", r.File, r.Line, r.Column, r.Why)
}

// Invalid carries the faults of a file that cannot be edited because it cannot be read.
type Invalid struct{ Faults diag.List }

// Error tells the first fault.
func (e *Invalid) Error() string {
	f := e.Faults[0]
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
}

// Parse reads a file. A file with faults is an *Invalid error.
func Parse(name string, src []byte) (*File, error) {
	docs, faults := node.Parse(name, src)
	if faults.HasErrors() {
		return nil, &Invalid{faults}
	}
	f := &File{name: name, src: src, lines: []int{0}, docs: docs}
	for i, c := range src {
		if c == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
	return f, nil
}

// Bytes returns the text; it must not be changed.
func (f *File) Bytes() []byte { return f.src }

// Document returns the number, from 0, of the first document whose `kind` and `id` are
// these, or -1.
func (f *File) Document(kind, id string) int {
	for i, d := range f.docs {
		_, k := node.Lookup(d, "kind")
		_, v := node.Lookup(d, "id")
		if k != nil && v != nil && k.Value == kind && v.Value == id {
			return i
		}
	}
	return -1
}

// Lookup returns the scalar at a dotted path, and whether anything is there.
func (f *File) Lookup(doc int, path string) (string, bool) {
	_, v := node.Lookup(f.docs[doc], path)
	if v == nil {
		return "", false
	}
	return v.Value, true
}

// Set gives the scalar at a dotted path a value, and adds the key, with the keys above it,
// where there is none.
func (f *File) Set(doc int, path string, value any) (*File, error) {
	root := f.docs[doc]
	if _, v := node.Lookup(root, path); v != nil {
		return f.replace(doc, path, v, value)
	}
	above, key := split(path)
	for {
		if _, m := node.Lookup(root, above); m != nil {
			return f.addKey(doc, above, m, key, value)
		}
		value = Map{{key, value}}
		above, key = split(above)
	}
}

// Append adds an element to the list at a path, and the list where there is none.
func (f *File) Append(doc int, path string, value any) (*File, error) {
	_, l := node.Lookup(f.docs[doc], path)
	if l == nil || l.Kind == node.Scalar && l.Value == "" {
		return f.Set(doc, path, []any{value})
	}
	if l.Kind != node.Sequence {
		return nil, f.refuse(l, "this is not a list")
	}
	want, err := encoded(value)
	if err != nil {
		return nil, err
	}
	expect := cloneAll(f.docs)
	_, target := node.Lookup(expect[doc], path)
	target.Content = append(target.Content, want)
	if l.Style&node.Flow != 0 {
		return f.insertFlow(l, flowText(want), expect)
	}
	last := l.Content[len(l.Content)-1]
	text := flowText(want)
	if want.Kind != node.Scalar && last.Style&node.Flow == 0 {
		if text, err = blockText(want); err != nil {
			return nil, err
		}
	}
	indent := strings.Repeat(" ", l.Column-1)
	text = indent + "- " + strings.ReplaceAll(text, "\n", "\n"+indent+"  ") + "\n"
	return f.insertLines(f.entryEnd(doc, last, l.Column), text, expect)
}

// split cuts the last part off a path.
func split(path string) (above, key string) {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

// replace puts a value in the place of a scalar.
func (f *File) replace(doc int, path string, old *node.Node, value any) (*File, error) {
	want, err := encoded(value)
	if err != nil {
		return nil, err
	}
	expect := cloneAll(f.docs)
	_, target := node.Lookup(expect[doc], path)
	*target = *want
	start, end, err := f.extent(old)
	if err != nil {
		return nil, err
	}
	text := flowText(want)
	if start == end { // nothing is written after `key:`
		text = " " + text
	}
	return f.splice(start, end, text, expect)
}

// addKey adds a key to a mapping.
func (f *File) addKey(doc int, path string, m *node.Node, key string, value any) (*File, error) {
	want, err := encoded(value)
	if err != nil {
		return nil, err
	}
	expect := cloneAll(f.docs)
	_, target := node.Lookup(expect[doc], path)
	if m.Kind == node.Scalar && m.Value == "" && m.ShortTag() == "!!null" {
		return f.replace(doc, path, m, Map{{key, value}})
	}
	if m.Kind != node.Mapping {
		return nil, f.refuse(m, "this is not a mapping")
	}
	name := &node.Node{Kind: node.Scalar, Tag: "!!str", Value: key}
	target.Content = append(target.Content, name, want)
	if m.Style&node.Flow != 0 {
		return f.insertFlow(m, key+": "+flowText(want), expect)
	}
	indent := strings.Repeat(" ", m.Content[0].Column-1)
	text := indent + key + ": " + flowText(want) + "\n"
	if want.Kind == node.Sequence && len(want.Content) > 0 {
		text = indent + key + ":\n"
		for _, e := range want.Content {
			text += indent + "  - " + flowText(e) + "\n"
		}
	}
	return f.insertLines(f.entryEnd(doc, m.Content[len(m.Content)-1], m.Content[0].Column), text, expect)
}

// insertLines puts whole lines in at the start of a line.
func (f *File) insertLines(at int, text string, expect []*node.Node) (*File, error) {
	if at > 0 && f.src[at-1] != '\n' {
		text = "\n" + strings.TrimSuffix(text, "\n")
	}
	return f.splice(at, at, text, expect)
}

// insertFlow puts an element in before the bracket that closes a flow collection.
func (f *File) insertFlow(n *node.Node, text string, expect []*node.Node) (*File, error) {
	_, end, err := f.extent(n)
	if err != nil {
		return nil, err
	}
	at := len(bytes.TrimRight(f.src[:end-1], " \t\r\n"))
	switch {
	case len(n.Content) == 0:
	case f.src[at-1] == ',':
		text = " " + text
	default:
		text = ", " + text
	}
	return f.splice(at, at, text, expect)
}

// splice puts text in the place of a range, and proves that the result says what is
// expected.
func (f *File) splice(start, end int, text string, expect []*node.Node) (*File, error) {
	if bytes.Contains(f.src, []byte("\r\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	out := make([]byte, 0, len(f.src)+len(text))
	out = append(append(append(out, f.src[:start]...), text...), f.src[end:]...)
	g, err := Parse(f.name, out)
	line, column := f.position(start)
	if err != nil {
		return nil, &Refusal{f.name, line, column, "the change would break the file (" + err.Error() + ")"}
	}
	if !sameAll(expect, g.docs) {
		return nil, &Refusal{f.name, line, column, "the change would alter something else as well"}
	}
	return g, nil
}

// offset returns where a position lies in the text; columns count runes.
func (f *File) offset(line, column int) int {
	o := f.lines[line-1]
	if line == 1 && bytes.HasPrefix(f.src, []byte("\ufeff")) {
		o += len("\ufeff")
	}
	for ; column > 1 && o < len(f.src); column-- {
		_, size := utf8.DecodeRune(f.src[o:])
		o += size
	}
	return o
}

// position is the reverse of offset.
func (f *File) position(offset int) (line, column int) {
	line = 1
	for line < len(f.lines) && f.lines[line] <= offset {
		line++
	}
	return line, 1 + utf8.RuneCount(bytes.TrimPrefix(f.src[f.lines[line-1]:offset], []byte("\ufeff")))
}

func (f *File) refuse(n *node.Node, why string) error {
	return &Refusal{f.name, n.Line, n.Column, why}
}

// Quoted returns a scalar as YAML on one line, for messages and for text put together by
// hand.
func Quoted(value string) string {
	n, err := encoded(value)
	if err != nil {
		return strconv.Quote(value)
	}
	return flowText(n)
}
