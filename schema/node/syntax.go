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
	return diag.Diagnostic{Rule: "yaml/syntax", Line: at.line, Column: at.column, Message: message, Hint: hint}
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

// explain says what is wrong, what to do and where.
func explain(t trouble, lines []string) (message, hint string, at place) {
	line := ""
	if l := t.at.line; l >= 1 && l <= len(lines) {
		line = lines[l-1]
	}
	begin := t.start
	if begin == (place{}) {
		begin = t.at
	}
	switch p := t.problem; {
	case strings.HasPrefix(p, "unknown anchor"):
		return unknownAnchor(p, lines)
	case strings.Contains(p, "incompatible YAML document"), strings.Contains(p, "directive"):
		return "a line that begins with % is not read", "delete the line", t.at
	}
	for l := t.at.line; l >= max(1, t.at.line-1) && l <= len(lines); l-- {
		if i := strings.Index(lines[l-1], "{{"); i >= 0 {
			return "`{{` is not filled in: files are read as they are, without a template engine",
				"write the value itself, or put quotes around the braces if they are meant",
				place{l, len([]rune(lines[l-1][:i])) + 1}
		}
	}
	switch p := t.problem; p {
	case "mapping values are not allowed in this context":
		if strings.Contains(before(line, t.at.column), ": ") {
			return "a second `: ` in one line", "put the value in quotes, or begin a new line for the second key", t.at
		}
		return "a key stands where the value of the line above goes on",
			"write `: ` behind the key of the line above, or indent this line less",
			place{t.at.line, len(line) - len(strings.TrimLeft(line, " ")) + 1}
	case "block sequence entries are not allowed in this context":
		return "a list begins on the line of its key", "begin the first `- ` on a line of its own", t.at
	case "mapping keys are not allowed in this context":
		return "`? ` has a meaning of its own in YAML", "put the value in quotes", t.at
	case "found character that cannot start any token", "found a tab character that violates indentation",
		"found a tab character where an indentation space is expected":
		return badStart(t.at, line)
	case "did not find expected ',' or ']'":
		return "the list is not closed: `]` or `,` is missing", "close the list that begins here with `]`", begin
	case "did not find expected ',' or '}'":
		return "the mapping is not closed: `}` or `,` is missing", "close the mapping that begins here with `}`", begin
	case "found unexpected end of stream":
		return "the quotes are never closed", "close the text that begins here with the same quotes", begin
	case "did not find expected key":
		if strings.TrimSpace(before(line, t.at.column)) != "" {
			return "something follows a value that is already complete", "put the whole value in quotes, or write it on a line of its own", t.at
		}
		return "the line is indented unlike anything above it",
			"begin it exactly below the first letter of the lines it belongs with", t.at
	case "did not find expected '-' indicator":
		return "the line does not continue the list above it", "begin it with `- `, or indent it as the list's own key", t.at
	case "could not find expected ':'":
		return "the line has no `: ` behind its key", "write `key: value`, with a space behind the colon", begin
	case "found unknown escape character", "did not find expected hexdecimal number", "found invalid Unicode character escape code":
		return "a backslash in double quotes is followed by something it cannot stand before",
			"use single quotes, or write the backslash twice", t.at
	case "did not find expected <document start>":
		return "text follows the end of a document", "begin a new document with a line `---`, or indent the text", t.at
	case "did not find expected node content":
		if c := strings.TrimPrefix(line, before(line, t.at.column)); c != "" {
			return fmt.Sprintf("%q stands where a value is expected", c[:1]), "write a value before it, or put it in quotes if it is meant as text", t.at
		}
		return "a value is missing", "write a value, or take the comma or bracket away", t.at
	case "did not find expected alphabetic or numeric character":
		return "`*` and `&` have a meaning of their own in YAML", "put the value in quotes", begin
	case "did not find expected comment or line break":
		return "something follows `|` or `>` on the same line", "begin the text on the next line", t.at
	default:
		return other(p), "check quotes, colons and indentation of this line and the one above", t.at
	}
}

// before returns what stands left of a column.
func before(line string, column int) string {
	r := []rune(line)
	return string(r[:min(max(column-1, 0), len(r))])
}

// other words a problem that has no explanation of its own.
func other(problem string) string {
	if strings.Contains(problem, "exceeded max depth") {
		return fmt.Sprintf("nested more than %d levels deep", MaxDepth)
	}
	return "the text is not YAML: " + strings.TrimPrefix(problem, "yaml: ")
}

// badStart explains a character that no value may begin with.
func badStart(at place, line string) (message, hint string, _ place) {
	r := []rune(line)
	if at.column < 1 || at.column > len(r) || r[at.column-1] == '\t' {
		return "a tab is used for indentation", "indent with spaces", at
	}
	return fmt.Sprintf("a value may not begin with %q", string(r[at.column-1])), "put the value in quotes", at
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
