// Package intake reads issues that people wrote through an issue form.
//
// GitHub turns the answers of a form into Markdown: a heading of the third level for every
// field, by its title and not its id, and the answer below it; `_No response_` where there is
// none. Whoever wrote the issue can edit all of it later, so nothing in it is trusted: an
// answer may hold headings, fences that nothing closes, or a second heading of another field.
// Parse cuts only at the titles of the fields, takes a title that stands there several times
// for the one outside of fences, and where that leaves a doubt gives a Problem and no answer.
//
// Which people and clients there are, it does not know.
package intake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
)

// Problem is an answer that cannot be used. A body with any problem should start nothing.
type Problem struct {
	// Field is the id of the field.
	Field string
	// Message says what was found and what to write, without a full stop. It repeats what
	// somebody wrote, shortened but otherwise as it was: escape it before it is shown.
	Message string
}

// noResponse is what GitHub writes for a field that was left empty.
const noResponse = "_No response_"

// Parse reads the answers out of the body of an issue. The values are by id of the field,
// those without an answer are left out. The problems are in the order of the fields; a field
// that has one has no value.
func Parse(body string, fields []schema.Field) (map[string]schema.Value, []Problem) {
	lines := split(body)
	at, problems := headings(lines, fields)
	values := map[string]schema.Value{}
	for i := range fields {
		f := &fields[i]
		if problems[i] != "" {
			continue
		}
		var v schema.Value
		if begin := at.of(i); begin >= 0 {
			if text := answer(lines[begin+1 : at.next(begin, len(lines))]); text != "" {
				v, problems[i] = value(f, text)
			}
		}
		switch {
		case problems[i] != "":
		case !v.IsZero():
			values[f.ID] = v
		case f.Required:
			problems[i] = fmt.Sprintf("%s is missing: write it below the heading %q", Title(f), mark+Title(f))
		}
	}
	var l []Problem
	for i, message := range problems {
		if message != "" {
			l = append(l, Problem{Field: fields[i].ID, Message: message})
		}
	}
	return values, l
}

// Title returns what a form calls a field, on one line.
func Title(f *schema.Field) string { return strings.Join(strings.Fields(f.Name()), " ") }

// mark begins a heading of the third level.
const mark = "### "

// split returns the lines of a body, whatever ends them.
func split(body string) []string {
	body = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(body, "\ufeff"))
	return strings.Split(body, "\n")
}

// cut is a line with the title of a field. The field is -1 where it is in doubt whose.
type cut struct{ line, field int }

type cuts []cut

// of returns the line of a field's heading, or -1.
func (c cuts) of(field int) int {
	if i := slices.IndexFunc(c, func(k cut) bool { return k.field == field }); i >= 0 {
		return c[i].line
	}
	return -1
}

// next returns the first line after one at which the body is cut, or the end.
func (c cuts) next(line, end int) int {
	for _, k := range c {
		if k.line > line {
			end = min(end, k.line)
		}
	}
	return end
}

// headings finds where the answers begin. A title that stands there several times, and not
// just once outside of fences, is a problem of its field.
func headings(lines []string, fields []schema.Field) (cuts, []string) {
	byTitle := map[string]int{}
	for i := range fields {
		byTitle[Title(&fields[i])] = i
	}
	found := make([][]int, len(fields))
	for n, line := range lines {
		if title, ok := strings.CutPrefix(line, mark); ok {
			if i, ok := byTitle[strings.Join(strings.Fields(title), " ")]; ok {
				found[i] = append(found[i], n)
			}
		}
	}
	var c cuts
	var inside []bool
	problems := make([]string, len(fields))
	for i, at := range found {
		if len(at) > 1 {
			if inside == nil {
				inside = fenced(lines)
			}
			if open := slices.DeleteFunc(slices.Clone(at), func(n int) bool { return inside[n] }); len(open) > 0 {
				at = open
			}
		}
		field := i
		if len(at) > 1 {
			field = -1
			problems[i] = fmt.Sprintf("the heading %q stands in the issue %d times: leave it there once", mark+Title(&fields[i]), len(at))
		}
		for _, n := range at {
			c = append(c, cut{n, field})
		}
	}
	return c, problems
}

// answer returns the text of an answer, "" for none. A fence around all of it is taken off:
// forms put one around what is to be shown as code.
func answer(lines []string) string {
	lines = trim(lines)
	if n := len(lines); n > 1 && closing(lines, 0) == n-1 {
		lines = trim(lines[1 : n-1])
	}
	text := strings.Join(lines, "\n")
	if strings.TrimSpace(text) == noResponse {
		return ""
	}
	return strings.TrimSpace(text)
}

// trim takes off blank lines at both ends.
func trim(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
