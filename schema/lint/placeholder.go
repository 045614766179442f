package lint

import (
	"regexp"
	"strings"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// blank matches what people leave for later. "todo" in lower case is a word, and so is a
// name with two x.
var blank = regexp.MustCompile(`\b(?:TODO|FIXME)\b|(?i:\bTBD\b|\blorem ipsum\b|\bx{3,}\b|\bto be (?:determined|decided|defined)\b|<(?:your|insert|enter|add)\b[^<>]*>|^\s*(?:n/a|link to [^.]*|please add (?:kb|links?)\b[^.]*)\.?\s*$)`)

var placeholder = rule{
	Rule: Rule{ID: "lint/placeholder", Severity: diag.Warning, Summary: "text that was to be filled in later"},
	run: func(p *pass) {
		p.texts(func(t text) {
			if !mayBeBlank(t.words) {
				return
			}
			if found := blank.FindString(t.words); found != "" {
				p.report(t.src, t.path(), "write what is meant", "%q was left to be filled in", found)
			}
		})
	},
}

// mayBeBlank is a quick look at how every blank begins: the pattern is slow on the names of
// thousands of clients.
func mayBeBlank(text string) bool {
	for i := range len(text) {
		switch text[i] {
		case '<':
			return true
		case 't', 'T', 'f', 'F', 'l', 'L', 'x', 'X', 'n', 'N', 'p', 'P':
			if beginsBlank(text[i:]) {
				return true
			}
		}
	}
	return false
}

func beginsBlank(text string) bool {
	for _, word := range [...]string{"todo", "tbd", "fixme", "lorem", "xxx", "to be d", "n/a", "link to ", "please add "} {
		if len(text) >= len(word) && strings.EqualFold(text[:len(word)], word) {
			return true
		}
	}
	return false
}
