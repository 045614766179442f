package files

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/node"
)

// field is a field to be written; a nil value deletes it.
type field struct {
	name  string
	value *node.Node
}

func mapping(fields ...field) *node.Node {
	m := &node.Node{Kind: node.Mapping}
	for _, f := range fields {
		m.Content = append(m.Content, &node.Node{Kind: node.Scalar, Tag: "!!str", Value: f.name}, f.value)
	}
	return m
}

// scalar returns text as a value, in quotes where the plain form would not read back as the
// same.
func scalar(s string) *node.Node {
	n := &node.Node{Kind: node.Scalar, Tag: "!!str", Value: s}
	if !readsBack(n, s) {
		n.Style = node.DoubleQuoted
	}
	return n
}

func readsBack(n *node.Node, want string) bool {
	text, err := node.Encode(mapping(field{"v", n}))
	if err != nil {
		return false
	}
	docs, faults := node.Parse("", text)
	if len(faults) > 0 || len(docs) != 1 {
		return false
	}
	_, v := node.Lookup(docs[0], "v")
	return v != nil && v.Kind == node.Scalar && v.Tag == "!!str" && v.Value == want
}

func instant(t time.Time) *node.Node {
	return &node.Node{Kind: node.Scalar, Tag: "!!timestamp", Value: t.Format(time.RFC3339)}
}

func words(l []string) *node.Node {
	n := &node.Node{Kind: node.Sequence}
	for _, w := range l {
		n.Content = append(n.Content, scalar(w))
	}
	if len(l) == 0 {
		n.Style = node.Flow
	}
	return n
}

// compose returns a new file.
func compose(i issue.Issue) (*document, error) {
	fields := []field{{"number", &node.Node{Kind: node.Scalar, Tag: "!!int", Value: strconv.Itoa(i.Number)}}}
	if m, ok := issue.ParseMarker(i.Body); ok {
		fields = append(fields, field{"key", scalar(m.Key.String())})
	}
	fields = append(fields, field{"title", scalar(i.Title)}, field{"state", scalar(string(i.State))},
		field{"labels", words(i.Labels)}, field{"assignees", words(i.Assignees)})
	if i.Milestone != "" {
		fields = append(fields, field{"milestone", scalar(i.Milestone)})
	}
	fields = append(fields, field{"created", instant(i.Created)}, field{"updated", instant(i.Updated)})
	front, err := node.Encode(mapping(fields...))
	if err != nil {
		return nil, err
	}
	return prove(&document{file: i.URL, front: string(front)}, i)
}

// bytes returns the file.
func (d *document) bytes() []byte {
	all := fence + "\n" + d.front + fence + "\n" + pad(d.Body)
	if d.crlf {
		all = strings.ReplaceAll(all, "\n", "\r\n")
	}
	return []byte(all)
}

// prove reads back what would be written, and refuses it unless it says what it should.
func prove(d *document, want issue.Issue) (*document, error) {
	d.Body = want.Body
	got, err := parse(d.file, d.bytes())
	if err != nil {
		return nil, fmt.Errorf("the file would not be readable: %w", err)
	}
	if !reflect.DeepEqual(got.Issue, want) {
		return nil, fmt.Errorf("%s would not say what it should", d.file)
	}
	return got, nil
}

// with returns the file with fields changed. It changes lines and leaves all others as they
// are; where the fields do not stand on lines of their own it writes them all anew.
func (d *document) with(want issue.Issue, fields []field) (*document, error) {
	spliced, err := d.splice(fields)
	if err == nil {
		var next *document
		if next, err = d.next(spliced, want, fields); err == nil {
			return next, nil
		}
	}
	rewritten, err2 := d.rewrite(fields)
	if err2 != nil {
		return nil, errors.Join(err, err2)
	}
	next, err2 := d.next(rewritten, want, fields)
	if err2 != nil {
		return nil, fmt.Errorf("%s cannot be changed without harm: write its fields a line each: %w", d.file, errors.Join(err, err2))
	}
	return next, nil
}

// next proves new fields: those that were meant to change did, and no other.
func (d *document) next(front string, want issue.Issue, changed []field) (*document, error) {
	next, err := prove(&document{file: d.file, front: front, crlf: d.crlf}, unnumbered(want, d))
	if err != nil {
		return nil, err
	}
	next.Number = want.Number
	isChanged := func(name string) bool {
		return slices.ContainsFunc(changed, func(f field) bool { return f.name == name })
	}
	old, now := d.others(isChanged), next.others(isChanged)
	if !slices.Equal(old, now) {
		return nil, fmt.Errorf("%s: other fields would change", d.file)
	}
	return next, nil
}

// unnumbered is what a file says that leaves the number to its name.
func unnumbered(want issue.Issue, d *document) issue.Issue {
	if _, v := node.Lookup(d.root, "number"); v == nil || v.Value == "" {
		want.Number = 0
	}
	return want
}

// others returns the fields that are not among the changed ones, written out.
func (d *document) others(isChanged func(string) bool) []string {
	var l []string
	for i := 0; i+1 < len(d.root.Content); i += 2 {
		if name := d.root.Content[i].Value; !isChanged(name) {
			text, err := node.Encode(mapping(field{name, bare(d.root.Content[i+1])}))
			l = append(l, fmt.Sprint(string(text), err))
		}
	}
	return l
}

// bare returns a value without the comments around it.
func bare(n *node.Node) *node.Node {
	c := *node.Resolve(n)
	c.HeadComment, c.LineComment, c.FootComment, c.Anchor = "", "", "", ""
	c.Content = nil
	for _, e := range n.Content {
		c.Content = append(c.Content, bare(e))
	}
	return &c
}

// splice replaces the lines of fields.
func (d *document) splice(fields []field) (string, error) {
	lines := strings.SplitAfter(d.front, "\n")
	for _, f := range fields {
		start, end, err := d.span(f.name, lines)
		if err != nil {
			return "", err
		}
		text := ""
		if f.value != nil {
			b, err := node.Encode(mapping(f))
			if err != nil {
				return "", err
			}
			text = string(b)
		}
		switch {
		case start < end:
			// All lines stay in place, so that the numbers of the others hold.
			clear(lines[start:end])
			lines[start] = text
		case text != "":
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, ""), nil
}

// span returns the lines that a field stands on, from 0, without the comments and empty
// lines before the next one; none for a field that is not there.
func (d *document) span(name string, lines []string) (start, end int, err error) {
	if d.root.Style&node.Flow != 0 {
		return 0, 0, errors.New("the fields do not stand on lines of their own")
	}
	start, end = -1, len(strings.SplitAfter(d.front, "\n"))
	for i := 0; i+1 < len(d.root.Content); i += 2 {
		key := d.root.Content[i]
		if start >= 0 {
			end = key.Line - 1
			break
		}
		if key.Value == name {
			start = key.Line - 1
		}
	}
	if start < 0 {
		return 0, 0, nil
	}
	for end > start+1 && (strings.TrimSpace(lines[end-1]) == "" || lines[end-1][0] == '#') {
		end--
	}
	return start, end, nil
}

// rewrite writes all fields anew, those of others included.
func (d *document) rewrite(fields []field) (string, error) {
	root := *d.root
	root.Style &^= node.Flow
	root.Content = slices.Clone(root.Content)
	for _, f := range fields {
		i := 0
		for i < len(root.Content) && root.Content[i].Value != f.name {
			i += 2
		}
		switch {
		case i < len(root.Content) && f.value == nil:
			root.Content = slices.Delete(root.Content, i, i+2)
		case i < len(root.Content):
			root.Content[i+1] = f.value
		case f.value != nil:
			root.Content = append(root.Content, mapping(f).Content...)
		}
	}
	text, err := node.Encode(&root)
	return string(text), err
}
