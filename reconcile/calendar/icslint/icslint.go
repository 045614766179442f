// Package icslint finds what is wrong with an iCalendar file (RFC 5545), the faults above
// all that calendars forgive in silence or punish in their own ways, and that parsers do
// not find: lines that end with LF alone, lines of more than 75 octets, folds inside a
// character, a UID that comes twice, a TZID without its VTIMEZONE.
//
// It is no parser: it reads lines, not meanings, and shares no code with what writes the
// feeds.
package icslint

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Problem is one fault.
type Problem struct {
	// Line counts the lines of the file from 1, before they are unfolded.
	Line int
	// Text says what is wrong.
	Text string
}

// String returns line and text.
func (p Problem) String() string { return fmt.Sprintf("%d: %s", p.Line, p.Text) }

// maxOctets is the length of a line without its end (RFC 5545 §3.1).
const maxOctets = 75

// Lint returns everything that is wrong with a file, by line.
func Lint(text []byte) []Problem {
	l := &linter{uids: map[string]int{}, zones: map[string]bool{}}
	lines := l.unfold(text)
	for _, c := range lines {
		l.content(c)
	}
	l.end(len(lines))
	return l.found
}

type linter struct {
	found []Problem
	// open are the components that are open, outermost first.
	open []*component
	// calendars counts the outermost components.
	calendars int
	uids      map[string]int
	// zones are the TZIDs that have a VTIMEZONE, and used those that need one.
	zones map[string]bool
	used  []content
}

func (l *linter) fault(line int, format string, args ...any) {
	l.found = append(l.found, Problem{line, fmt.Sprintf(format, args...)})
}

// content is one unfolded line.
type content struct {
	line int
	text string
}

// unfold checks the physical lines and puts them together.
func (l *linter) unfold(text []byte) []content {
	var lines []content
	// The last line is written on until the next one begins: to join it at every fold would
	// copy a long one as often as it is folded.
	var last strings.Builder
	ended := func() {
		if len(lines) > 0 {
			lines[len(lines)-1].text = last.String()
		}
		last.Reset()
	}
	for n := 1; len(text) > 0; n++ {
		raw, rest, whole := bytes.Cut(text, []byte("\n"))
		text = rest
		if !whole || !bytes.HasSuffix(raw, []byte("\r")) {
			l.fault(n, "the line does not end with CRLF")
		}
		raw = bytes.TrimSuffix(raw, []byte("\r"))
		l.physical(n, raw)
		if len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t') {
			if len(lines) == 0 {
				l.fault(n, "the file begins with a continued line")
				continue
			}
			last.Write(raw[1:])
			continue
		}
		ended()
		lines = append(lines, content{line: n})
		last.Write(raw)
	}
	ended()
	return lines
}

// physical checks one line as it stands in the file.
func (l *linter) physical(n int, raw []byte) {
	switch {
	case len(raw) == 0:
		l.fault(n, "the line is empty")
	case len(raw) > maxOctets:
		l.fault(n, "the line has %d octets: at most %d", len(raw), maxOctets)
	}
	if !utf8.Valid(raw) {
		l.fault(n, "the line is not UTF-8, or is folded inside a character")
	}
	if i := bytes.IndexFunc(raw, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }); i >= 0 {
		l.fault(n, "the line holds the control character %#x", raw[i])
	}
}

// property is a content line taken apart.
type property struct {
	line        int
	name, value string
	params      map[string]string
}

// parse takes a content line apart: name *(";" name "=" value) ":" value.
func (l *linter) parse(c content) (property, bool) {
	p := property{line: c.line, params: map[string]string{}}
	end := strings.IndexAny(c.text, ":;")
	if end < 1 || strings.Trim(c.text[:end], nameAlphabet) != "" {
		l.fault(c.line, "the line is no property: %.40q", c.text)
		return p, false
	}
	p.name = strings.ToUpper(c.text[:end])
	rest := c.text[end:]
	for strings.HasPrefix(rest, ";") {
		name, value, found := strings.Cut(rest[1:], "=")
		if !found || name == "" || strings.Trim(name, nameAlphabet) != "" {
			l.fault(c.line, "%s has a parameter without a name or a value", p.name)
			return p, false
		}
		n, ok := paramEnd(value)
		if !ok {
			l.fault(c.line, "%s;%s: its value is not quoted as it has to be", p.name, name)
			return p, false
		}
		if _, twice := p.params[strings.ToUpper(name)]; twice {
			l.fault(c.line, "%s has the parameter %s twice", p.name, name)
		}
		p.params[strings.ToUpper(name)], rest = strings.Trim(value[:n], `"`), value[n:]
	}
	if !strings.HasPrefix(rest, ":") {
		l.fault(c.line, "%s has no value", p.name)
		return p, false
	}
	p.value = rest[1:]
	return p, true
}

const nameAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"

// paramEnd returns where the values of a parameter end, and whether their quotes are in
// order (RFC 5545 §3.2).
func paramEnd(s string) (n int, ok bool) {
	quoted := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' && !quoted && i > 0 && s[i-1] != ',':
			return 0, false
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ':', c == ';':
			return i, true
		}
	}
	return 0, false
}
