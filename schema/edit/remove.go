package edit

import (
	"bytes"
	"strings"

	"github.com/almanac-gitops/almanac/schema/node"
)

// Remove takes a key and its value out of a mapping, with the comments that are indented
// below the key. The last key of a mapping is refused: what would remain is not what was
// there before the key.
func (f *File) Remove(doc int, path string) (*File, error) {
	above, name := split(path)
	_, m := node.Lookup(f.docs[doc], above)
	key, value := node.Lookup(f.docs[doc], path)
	if key == nil || m.Kind != node.Mapping {
		return f, nil
	}
	if len(m.Content) == 2 {
		return nil, f.refuse(key, "this is the only key of its mapping")
	}
	expect := cloneAll(f.docs)
	_, target := node.Lookup(expect[doc], above)
	at := 0
	for target.Content[at].Value != name {
		at += 2
	}
	target.Content = append(target.Content[:at], target.Content[at+2:]...)
	start, end, err := f.entry(doc, m, at, key, value)
	if err != nil {
		return nil, err
	}
	return f.splice(start, end, "", expect)
}

// entry returns the range to cut so that the entry at an index of a mapping is gone.
func (f *File) entry(doc int, m *node.Node, at int, key, value *node.Node) (start, end int, err error) {
	start = f.offset(key.Line, key.Column)
	if m.Style&node.Flow != 0 {
		return f.flowEntry(m, at, start)
	}
	if lead := strings.TrimSpace(string(f.src[f.lines[key.Line-1]:start])); lead != "" && lead != "\ufeff" {
		return f.firstEntry(m, start) // `- key: value` in a list
	}
	return f.lines[key.Line-1], f.entryEnd(doc, value, key.Column), nil
}

// flowEntry cuts up to the next key, or from the end of the value before.
func (f *File) flowEntry(m *node.Node, at, start int) (int, int, error) {
	if at+2 < len(m.Content) {
		next := m.Content[at+2]
		return start, f.offset(next.Line, next.Column), nil
	}
	_, from, err := f.extent(m.Content[at-1])
	if err != nil {
		return 0, 0, err
	}
	_, to, err := f.extent(m.Content[at+1])
	return from, to, err
}

// firstEntry cuts the first key of a list element up to the second, so that the dash stays.
func (f *File) firstEntry(m *node.Node, start int) (int, int, error) {
	next := m.Content[2]
	end := f.offset(next.Line, next.Column)
	if bytes.Contains(f.src[start:end], []byte("#")) {
		return 0, 0, f.refuse(m, "comments stand between this key and the next")
	}
	return start, end, nil
}
