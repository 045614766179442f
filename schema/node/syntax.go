package node

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// trouble is what the parser of the library knows about a syntax error.
type trouble struct {
	problem string
	// at is where the parser stopped; start is where the unfinished thing begins, if known.
	at, start place
}

// place is a 1-based position; the zero place is unknown.
type place struct{ line, column int }

var lineOf = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// inspect finds out where a syntax error is. The error of the library has only a line, and
// that line is off by one for one half of its errors; the exact marks lie in its parser, in
// fields that it does not export. They are read by reflection, which cannot fail: where a
// field has another name or kind, the line of the message stands in.
func inspect(dec *yaml.Decoder, err error) trouble {
	var t trouble
	if m := lineOf.FindStringSubmatch(err.Error()); m != nil {
		t.problem = m[2]
		t.at.line, _ = strconv.Atoi(m[1])
	}
	p := reflect.ValueOf(dec).Elem()
	for range 2 {
		p = field(reflect.Indirect(p), "parser")
	}
	if s := field(p, "problem"); s.Kind() == reflect.String && s.String() == t.problem && t.problem != "" {
		t.at = mark(field(p, "problem_mark"))
		if c := field(p, "context"); c.Kind() == reflect.String && c.String() != "" {
			t.start = mark(field(p, "context_mark"))
		}
	}
	return t
}

func field(v reflect.Value, name string) reflect.Value {
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return v.FieldByName(name)
}

func mark(v reflect.Value) place {
	line, column := field(v, "line"), field(v, "column")
	if !line.CanInt() || !column.CanInt() {
		return place{}
	}
	return place{int(line.Int()) + 1, int(column.Int()) + 1}
}

// syntax turns an error of the library into a fault in plain words.
func syntax(src []byte, dec *yaml.Decoder, err error) diag.Diagnostic {
	t := inspect(dec, err)
	lines := strings.Split(strings.TrimPrefix(string(src), string(bom)), "\n")
	message, hint, at := explain(t, lines)
	at = within(at, lines)
	rule := "yaml/syntax"
	if strings.Contains(t.problem, tooDeep) {
		rule = "yaml/depth"
	}
	return diag.Diagnostic{Rule: rule, Line: at.line, Column: at.column, Message: message, Hint: hint}
}

// within moves a place that lies behind the end of the text or line to that end.
func within(p place, lines []string) place {
	p.line = min(max(p.line, 1), len(lines))
	p.column = max(p.column, 1)
	for p.line > 1 && p.line == len(lines) && lines[p.line-1] == "" {
		p.line--
		p.column = 1 << 30
	}
	p.column = min(p.column, len([]rune(strings.TrimSuffix(lines[p.line-1], "\r")))+1)
	return p
}

// advice is what a problem of the library means in plain words. It is told where the
// unfinished thing begins if start is set, else where the parser stopped.
type advice struct {
	message, hint string
	start         bool
}

// plain holds the problems that need no look at the text.
var plain = map[string]advice{
	"did not find expected ',' or ']'": {"the list is not closed: `]` or `,` is missing", "close the list that begins here with `]`", true},
	"did not find expected ',' or '}'": {"the mapping is not closed: `}` or `,` is missing", "close the mapping that begins here with `}`", true},
	"found unexpected end of stream":   {"the quotes are never closed", "close the text that begins here with the same quotes", true},
	"could not find expected ':'":      {"the line has no `: ` behind its key", "write `key: value`, with a space behind the colon", true},

	"did not find expected alphabetic or numeric character":  {"`*` and `&` have a meaning of their own in YAML", "put the value in quotes", true},
	"block sequence entries are not allowed in this context": {"a list begins on the line of its key", "begin the first `- ` on a line of its own", false},
	"mapping keys are not allowed in this context":           {"`? ` has a meaning of its own in YAML", "put the value in quotes", false},
	"did not find expected '-' indicator":                    {"the line does not continue the list above it", "begin it with `- `, or indent it as the list's own key", false},
	"did not find expected <document start>":                 {"text follows the end of a document", "begin a new document with a line `---`, or indent the text", false},
	"did not find expected comment or line break":            {"something follows `|` or `>` on the same line", "begin the text on the next line", false},
	"found unknown escape character":                         escapes,
	"did not find expected hexdecimal number":                escapes,
	"found invalid Unicode character escape code":            escapes,
}

var escapes = advice{"a backslash in double quotes is followed by something it cannot stand before",
	"use single quotes, or write the backslash twice", false}

// explain says what is wrong, what to do and where.
func explain(t trouble, lines []string) (message, hint string, at place) {
	p := t.problem
	switch {
	case strings.HasPrefix(p, "unknown anchor"):
		return unknownAnchor(p, lines)
	case strings.Contains(p, "incompatible YAML document"), strings.Contains(p, "directive"):
		return "a line that begins with % is not read", "delete the line", t.at
	}
	if s, at, ok := slipped(t, lines); ok {
		return s.message, s.hint, at
	}
	if questioned(t, lines) {
		return "a `?` between brackets has a meaning of its own", "put the whole text that it belongs to in quotes", t.at
	}
	if at, ok := template(t.at.line, lines); ok {
		return "`{{` is not filled in: files are read as they are, without a template engine",
			"write the value itself, or put quotes around the braces if they are meant", at
	}
	if a, ok := plain[p]; ok {
		if a.start && t.start != (place{}) {
			return a.message, a.hint, t.start
		}
		return a.message, a.hint, t.at
	}
	line := ""
	if l := t.at.line; l >= 1 && l <= len(lines) {
		line = lines[l-1]
	}
	return look(p, line, t.at)
}

// look explains the problems that depend on the line at which the parser stopped.
func look(problem, line string, at place) (message, hint string, _ place) {
	left, right := before(line, at.column), strings.TrimPrefix(line, before(line, at.column))
	switch problem {
	case "mapping values are not allowed in this context":
		if strings.Contains(left, ": ") {
			return "a second `: ` in one line", "put the value in quotes, or begin a new line for the second key", at
		}
		return "a key stands where the value of the line above goes on",
			"write `: ` behind the key of the line above, or indent this line less",
			place{at.line, len(line) - len(strings.TrimLeft(line, " ")) + 1}
	case "did not find expected key":
		if strings.TrimSpace(left) != "" {
			return "something follows a value that is already complete", "put the whole value in quotes, or write it on a line of its own", at
		}
		return "the line is indented unlike anything above it", "begin it exactly below the first letter of the lines it belongs with", at
	case "did not find expected node content":
		if right == "" {
			return "a value is missing", "write a value, or take the comma or bracket away", at
		}
		return fmt.Sprintf("%q stands where a value is expected", string([]rune(right)[0])),
			"write a value before it, or put it in quotes if it is meant as text", at
	case "found character that cannot start any token", "found a tab character that violates indentation",
		"found a tab character where an indentation space is expected":
		if right == "" || right[0] == '\t' {
			return "a tab is used for indentation", "indent with spaces", at
		}
		return fmt.Sprintf("a value may not begin with %q", string([]rune(right)[0])), "put the value in quotes", at
	}
	return other(problem), "check quotes, colons and indentation of this line and the one above", at
}

// template finds `{{` outside of quotes on a line or the one above it, where a syntax error
// is likely to come from.
func template(line int, lines []string) (place, bool) {
	for l := line; l >= max(1, line-1) && l <= len(lines); l-- {
		left, _, ok := strings.Cut(lines[l-1], "{{")
		if ok && !strings.ContainsAny(left, "\"'#") {
			return place{l, len([]rune(left)) + 1}, true
		}
	}
	return place{}, false
}

// before returns what stands left of a column.
func before(line string, column int) string {
	r := []rune(line)
	return string(r[:min(max(column-1, 0), len(r))])
}

// tooDeep is a limit of the library itself, far above MaxDepth.
const tooDeep = "exceeded max depth"

// other words a problem that has no explanation of its own.
func other(problem string) string {
	if strings.Contains(problem, tooDeep) {
		return fmt.Sprintf("nested more than %d levels deep", MaxDepth)
	}
	return "the text is not YAML: " + strings.TrimPrefix(problem, "yaml: ")
}

// unknownAnchor finds the alias that an error without any position is about.
func unknownAnchor(problem string, lines []string) (message, hint string, at place) {
	name := strings.TrimSuffix(strings.TrimPrefix(problem, "unknown anchor '"), "' referenced")
	for i, l := range lines {
		if j := strings.Index(l, "*"+name); j >= 0 {
			at = place{i + 1, len([]rune(l[:j])) + 1}
			break
		}
	}
	return fmt.Sprintf("the alias *%s has no anchor &%s before it", name, name), "put the value in quotes if the `*` is meant", at
}
