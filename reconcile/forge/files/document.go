package files

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/node"
)

// document is one file, read.
type document struct {
	issue.Issue
	// file is the path for messages.
	file string
	// source is the file as it was read.
	source []byte
	// front is the text between the two lines of dashes, with line feeds only.
	front string
	// crlf tells that the file has the line ends of Windows, and keeps them.
	crlf bool
	// root is the mapping in front.
	root *node.Node
	// undated tells that the issue is closed, and the file does not say when.
	undated bool
}

const fence = "---"

// parse reads a file. Errors name the line.
func parse(file string, text []byte) (*document, error) {
	if i := invalid(text); i >= 0 {
		return nil, fmt.Errorf("%s:%d: not valid UTF-8: save the file again with the encoding UTF-8", file, 1+strings.Count(string(text[:i]), "\n"))
	}
	d := &document{file: file, source: text}
	all := strings.TrimPrefix(string(text), "\ufeff")
	first, _, _ := strings.Cut(all, "\n")
	d.crlf = strings.HasSuffix(first, "\r")
	front, body, err := split(lineFeeds(all))
	if err != nil {
		return nil, fmt.Errorf("%s:%w", file, err)
	}
	d.front, d.Body, d.URL = front, body, file
	docs, faults := node.Parse(file, []byte(front))
	if len(faults) > 0 {
		return nil, d.at(faults[0].Line, "%s", faults[0].Message)
	}
	if len(docs) != 1 || docs[0].Kind != node.Mapping {
		return nil, d.at(1, "expected the fields of an issue, such as `title: ...`, a line each")
	}
	d.root = docs[0]
	if err := d.fields(); err != nil {
		return nil, err
	}
	return d, nil
}

// invalid returns the offset of the first byte that is not UTF-8, or -1.
func invalid(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; ; {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
}

// split cuts a file into its fields and its text. An error begins with the line.
func split(all string) (front, body string, err error) {
	first, rest, _ := strings.Cut(all, "\n")
	if strings.TrimRight(first, " \t") != fence {
		return "", "", fmt.Errorf("1: expected a line `---` and the fields of the issue below it")
	}
	for at, line := range lines(rest) {
		if strings.TrimRight(line, " \t\n") == fence {
			return rest[:at], unpad(rest[at+len(line):]), nil
		}
	}
	return "", "", fmt.Errorf("1: the fields of the issue do not end: expected a second line `---` below them")
}

// lines yields the lines of a text with their offsets.
func lines(s string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		at := 0
		for line := range strings.Lines(s) {
			if !yield(at, line) {
				return
			}
			at += len(line)
		}
	}
}

// pad puts an empty line before a text and ends it; unpad takes both away.
func pad(body string) string {
	if body == "" {
		return ""
	}
	return "\n" + body + "\n"
}

func unpad(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(text, "\n"), "\n")
}

var windowsEnd = regexp.MustCompile(`\r+\n`)

// lineFeeds turns the line ends of Windows into those of Unix.
func lineFeeds(s string) string { return windowsEnd.ReplaceAllString(s, "\n") }

// at words an error about a line of front. The first line of the file is the dashes.
func (d *document) at(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", d.file, line+1, fmt.Sprintf(format, args...))
}

// line returns where a field stands, counted from the top of the file.
func (d *document) line(name string) int {
	if key, _ := node.Lookup(d.root, name); key != nil {
		return key.Line + 1
	}
	return 1
}

// fields reads the fields that an issue has.
func (d *document) fields() error {
	var created, updated, closed time.Time
	var reason string
	for _, err := range []error{
		d.number(), d.text("title", &d.Title), d.text("author", &d.Author), d.state(), d.text("state_reason", &reason), d.text("milestone", &d.Milestone),
		d.list("labels", &d.Labels), d.list("assignees", &d.Assignees), d.comments(),
		d.time("created", &created), d.time("updated", &updated), d.time("closed", &closed),
	} {
		if err != nil {
			return err
		}
	}
	d.Created, d.Updated = created, latest(created, updated)
	d.Labels, d.Assignees = unique(d.Labels), unique(logins(d.Assignees))
	if d.State == issue.Open {
		return nil
	}
	d.Closed, d.undated = closed, closed.IsZero()
	d.Updated = latest(d.Updated, closed)
	switch r := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(reason))); r {
	case "", string(issue.Completed):
		d.Reason = issue.Completed
	case string(issue.NotPlanned), string(issue.Duplicate):
		d.Reason = issue.CloseReason(r)
	default:
		return d.at(d.line("state_reason")-1, "the reason is %q: expected completed, not_planned or duplicate", reason)
	}
	return nil
}

// scalar returns the text of a field, "" where it is missing or null.
func (d *document) scalar(name string) (s string, err error) {
	err = d.textIn(d.root, name, &s)
	return s, err
}

func (d *document) text(name string, into *string) error { return d.textIn(d.root, name, into) }

// textIn reads the text of a field of a mapping.
func (d *document) textIn(m *node.Node, name string, into *string) error {
	*into = ""
	_, v := node.Lookup(m, name)
	switch v = node.Resolve(v); {
	case v == nil || v.Tag == "!!null":
	case v.Kind != node.Scalar:
		return d.at(v.Line, "%s is %s: expected text", name, node.What(v))
	default:
		*into = v.Value
	}
	return nil
}

func (d *document) number() error {
	s, err := d.scalar("number")
	if s == "" || err != nil {
		return err
	}
	if d.Number = numberOf(s + ".md"); d.Number == 0 {
		return d.at(d.line("number")-1, "the number is %q: expected that of the file's name", s)
	}
	return nil
}

func (d *document) state() error {
	s, err := d.scalar("state")
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", string(issue.Open):
		d.State = issue.Open
	case string(issue.Closed):
		d.State = issue.Closed
	default:
		return d.at(d.line("state")-1, "the state is %q: expected open or closed", s)
	}
	return err
}

// list reads a list of words, or words with commas between them.
func (d *document) list(name string, into *[]string) error {
	_, v := node.Lookup(d.root, name)
	v = node.Resolve(v)
	if v != nil && v.Kind == node.Scalar && v.Tag != "!!null" {
		*into = strings.Split(v.Value, ",")
		return nil
	}
	if v == nil || v.Kind == node.Scalar {
		return nil
	}
	if v.Kind != node.Sequence {
		return d.at(v.Line, "%s is %s: expected a list", name, node.What(v))
	}
	for _, e := range v.Content {
		if e = node.Resolve(e); e.Kind != node.Scalar {
			return d.at(e.Line, "%s holds %s: expected words", name, node.What(e))
		}
		*into = append(*into, e.Value)
	}
	return nil
}

// comments refuses what Comment could not add to.
func (d *document) comments() error {
	_, v := node.Lookup(d.root, "comments")
	if v = node.Resolve(v); v == nil || v.Kind == node.Sequence || v.Tag == "!!null" {
		return nil
	}
	return d.at(v.Line, "comments is %s: expected a list", node.What(v))
}

// time reads an instant, or a day, which begins at midnight UTC.
func (d *document) time(name string, into *time.Time) error {
	s, err := d.scalar(name)
	if s == "" || err != nil {
		return err
	}
	if t, ok := parseTime(s); ok {
		*into = t
		return nil
	}
	return d.at(d.line(name)-1, "%s is %q: expected a time such as 2026-05-04T09:00:00Z, or a day", name, s)
}

func parseTime(s string) (t time.Time, ok bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t.UTC().Truncate(time.Second), true
		}
	}
	return time.Time{}, false
}

// unique returns words trimmed, sorted and once each whatever their case; of two spellings
// the first stays.
func unique(words []string) []string {
	var l []string
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" && !hasLabel(l, w) {
			l = append(l, w)
		}
	}
	slices.Sort(l)
	return l
}
