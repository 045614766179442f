package validate

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/schema/node"
)

// meaning is what the comment of a definition or a field says.
type meaning struct {
	// doc is the first sentence, without a capital and a full stop.
	doc string
	// example is what the line "Example:" holds, as it would stand in a file.
	example string
}

// mean reads a comment.
func mean(comment string) meaning {
	var m meaning
	var text []string
	for line := range strings.Lines(comment) {
		line = strings.TrimSpace(line)
		if e, ok := strings.CutPrefix(line, "Example: "); ok {
			m.example = e
		} else {
			text = append(text, line)
		}
	}
	m.doc, _, _ = strings.Cut(strings.TrimSpace(strings.Join(text, " "))+" ", ". ")
	m.doc = strings.TrimSuffix(strings.TrimSpace(m.doc), ".")
	if r, size := utf8.DecodeRuneInString(m.doc); size > 0 && !acronym(m.doc) {
		m.doc = string(unicode.ToLower(r)) + m.doc[size:]
	}
	return m
}

// acronym reports whether a sentence begins with a word in capitals.
func acronym(s string) bool {
	r := []rune(s)
	return len(r) > 1 && unicode.IsUpper(r[1])
}

// like says what is expected, best by an example.
func (m meaning) like() string {
	switch {
	case m.example != "":
		return "a value like " + m.example
	case m.doc != "":
		return m.doc
	}
	return "another text"
}

// hint is what there is to say beyond the message.
func (m meaning) hint() string {
	switch {
	case m.example != "" && m.doc != "":
		return fmt.Sprintf("%s, such as %s", m.doc, m.example)
	case m.example != "":
		return "such as " + m.example
	}
	return m.doc
}

// mistyped reports a value of a form that is not allowed.
func (r *run) mistyped(c check, key, n *node.Node) {
	v := node.Resolve(n)
	want := expected(c)
	if is(n) == nothing && v.Value == "" && v.Kind == node.Scalar {
		what, at := "a `-`", n
		if key != nil {
			what, at = "`"+key.Value+":`", key
		}
		if c := cmp.Or(n.LineComment, commentOf(key)); c != "" {
			r.add(at, "schema/type", "nothing is written after "+what+": from `#` on it is a comment", "put the value in quotes if the `#` belongs to it")
			return
		}
		r.add(at, "schema/type", "nothing is written after "+what, fmt.Sprintf("write %s, or take the line away if it is not needed", want))
		return
	}
	r.add(n, "schema/type", fmt.Sprintf("expected %s, found %s", want, found(v)), remedy(c, v))
}

// commentOf returns the comment behind a key, where the library has put it there.
func commentOf(key *node.Node) string {
	if key == nil {
		return ""
	}
	return key.LineComment
}

// found names a value that is wrong here.
func found(v *node.Node) string {
	switch is(v) {
	case word:
		return "the text " + quote(v.Value)
	case sequence, mapping:
		return node.What(v)
	}
	return shorten(node.What(v))
}

// remedy says how to write a value of the wrong form.
func remedy(c check, v *node.Node) string {
	f := is(v)
	if t, ok := unwrap(c).(*text); ok {
		return t.remedy(v, f)
	}
	switch c := unwrap(c).(type) {
	case *list:
		if f&(word|whole|fraction|truth) != 0 && c.elem.accepts()&word != 0 {
			item := shorten(v.Value)
			if strings.HasPrefix(item, "@") {
				item = strconv.Quote(item)
			}
			return "write it as a list: [" + item + "]"
		}
		return "write each entry on a line of its own, behind `- `"
	case *structure:
		if len(c.names) > 0 {
			return "write its fields below it, indented; allowed are " + strings.Join(c.names, ", ")
		}
		return "write `name: value` lines below it, indented"
	case boolean:
		switch strings.ToLower(v.Value) {
		case "yes", "on", "y", "1":
			return "write true"
		case "no", "off", "n", "0":
			return "write false"
		}
		return "write true or false, without quotes"
	case *either:
		for _, t := range c.texts {
			if t.fault(v.Value) == nil && f&(whole|fraction|truth) != 0 || len(c.texts) == 1 && len(c.others) < 2 {
				return t.remedy(v, f)
			}
		}
		if len(c.texts) > 0 {
			return c.texts[0].hint()
		}
	case *number:
		if f == word && octalLike.MatchString(v.Value) {
			return "write it without the zero in front"
		}
		if f == word && numberInside(v.Value) {
			return "take the quotes away"
		}
		if x, ok := decimal(v.Value); ok && f == fraction && x.IsInt() {
			return "write " + x.Text('f', 0)
		}
		return c.hint()
	}
	return ""
}

// remedy says how to write a value that is no text as one.
func (t *text) remedy(v *node.Node, f form) string {
	switch {
	case f&(whole|fraction|truth) != 0 && t.fault(v.Value) == nil:
		return fmt.Sprintf("put it in quotes: %q", v.Value)
	case len(t.words) > 0:
		return "allowed here: " + strings.Join(t.words, ", ")
	case f == sequence && len(v.Content) == 1 && is(v.Content[0]) == word:
		return "write one value without brackets: " + shorten(v.Content[0].Value)
	}
	return t.hint()
}

func numberInside(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// expected says which forms a check allows.
func expected(c check) string {
	switch c := unwrap(c).(type) {
	case *text:
		if len(c.words) > 0 {
			return oneOf(c.words)
		}
		if c.date {
			return "a date like 2026-06-01"
		}
		if len(c.patterns) > 0 && c.example != "" {
			return "text like " + c.example
		}
		return "text"
	case *number:
		return c.span()
	case boolean:
		return "true or false"
	case *list:
		return "a list"
	case *structure:
		return "a mapping"
	case *either:
		var l []string
		for _, t := range c.texts {
			l = append(l, expected(t))
		}
		for _, o := range c.others {
			l = append(l, expected(o))
		}
		return or(l)
	}
	return "another value"
}

// unwrap returns what a ref stands for.
func unwrap(c check) check {
	if r, ok := c.(*ref); ok {
		return r.to
	}
	return c
}

// oneOf lists allowed words.
func oneOf(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return "one of " + strings.Join(words, ", ")
}

// or joins alternatives.
func or(l []string) string {
	if n := len(l); n > 1 {
		return strings.Join(l[:n-1], ", ") + " or " + l[n-1]
	}
	return strings.Join(l, "")
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

// longestQuote is how many characters of a value a message repeats.
const longestQuote = 60

// shorten cuts a long value and keeps it on one line.
func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > longestQuote {
		return string(r[:longestQuote]) + "…"
	}
	return s
}

// quote puts a value in quotes, on one line and not too long. Backslashes stay as they are
// in the file.
func quote(s string) string {
	if r := []rune(s); len(r) > longestQuote {
		s = string(r[:longestQuote]) + "…"
	}
	return strings.ReplaceAll(strconv.Quote(s), `\\`, `\`)
}
