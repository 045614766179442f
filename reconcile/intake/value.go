package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// id is what names a person.
var id = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// bullet is what begins an entry of a list, with the box of a task.
var bullet = regexp.MustCompile(`^\s*(?:[-*+]|[0-9]{1,9}[.)])\s+(?:\[[ xX]\]\s+)?`)

// box is an option of a list of boxes.
var box = regexp.MustCompile(`^\s*[-*+] \[([ xX])\] ?(.*)$`)

// value reads an answer that is not empty by the type of its field; otherwise it says what
// is wrong with it.
func value(f *schema.Field, text string) (v schema.Value, problem string) {
	switch f.Type {
	case schema.FieldDate:
		d, err := civil.Parse(text)
		if err != nil {
			return v, fmt.Sprintf("%s is a date: %q is none, write one such as 2026-05-22", Title(f), short(text))
		}
		return schema.Value{Text: d.String()}, ""
	case schema.FieldPerson:
		who := strings.ToLower(strings.TrimPrefix(text, "@"))
		if !id.MatchString(who) {
			return v, fmt.Sprintf("%s is a person: write the id of one, not %q", Title(f), short(text))
		}
		return schema.Value{Text: who}, ""
	case schema.FieldList:
		return schema.Value{Entries: entries(text)}, ""
	case schema.FieldChoice:
		return chosen(f, text)
	}
	return schema.Value{Text: text}, ""
}

// entries reads one entry a line.
func entries(text string) []schema.Entry {
	var l []schema.Entry
	for line := range strings.SplitSeq(text, "\n") {
		if what := strings.TrimSpace(line[len(bullet.FindString(line)):]); what != "" {
			l = append(l, schema.Entry{What: what})
		}
	}
	return l
}

// chosen reads one option, several with commas in between, or a list of boxes.
func chosen(f *schema.Field, text string) (v schema.Value, problem string) {
	if text == "None" && !slices.Contains(f.Options, text) {
		return v, ""
	}
	l := boxes(text)
	switch {
	case l != nil:
	case !f.Several:
		l = []string{text}
	default:
		var rest string
		if l, rest = listed(f.Options, text); rest != "" {
			l = []string{rest}
		}
	}
	for _, o := range l {
		if !slices.Contains(f.Options, o) {
			return v, fmt.Sprintf("%s is a choice: %q is not among %s", Title(f), short(o), strings.Join(f.Options, ", "))
		}
	}
	switch {
	case len(l) == 0:
		return v, ""
	case f.Several:
	case len(l) > 1:
		return v, fmt.Sprintf("%s is one choice: %d are ticked", Title(f), len(l))
	default:
		return schema.Value{Text: l[0]}, ""
	}
	for _, o := range l {
		v.Entries = append(v.Entries, schema.Entry{What: o})
	}
	return v, ""
}

// boxes returns the options that are ticked, not nil if the text is a list of boxes.
func boxes(text string) []string {
	ticked := []string{}
	for line := range strings.SplitSeq(text, "\n") {
		m := box.FindStringSubmatch(line)
		switch {
		case m == nil && strings.TrimSpace(line) != "":
			return nil
		case m != nil && m[1] != " ":
			ticked = append(ticked, strings.TrimSpace(m[2]))
		}
	}
	return ticked
}

// listed returns the options in a text that has commas between them, and what is none of
// them. Options may have commas too: the longest that fits is taken.
func listed(options []string, text string) (l []string, rest string) {
	for text != "" {
		best := ""
		for _, o := range options {
			after, ok := strings.CutPrefix(text, o)
			if ok && len(o) > len(best) && (after == "" || strings.HasPrefix(after, ",")) {
				best = o
			}
		}
		if best == "" {
			return nil, text
		}
		l = append(l, best)
		text = strings.TrimSpace(strings.TrimPrefix(text[len(best):], ","))
	}
	return l, ""
}

// short cuts what is repeated to people.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
