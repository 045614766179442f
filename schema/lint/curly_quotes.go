package lint

import (
	"strings"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// curlyQuotes looks at names and titles only: instructions are prose and may begin and end
// with what somebody says.
var curlyQuotes = rule{
	Rule: Rule{ID: "lint/curly-quotes", Severity: diag.Warning, Summary: "a name or title in the quotes of a word processor"},
	run: func(p *pass) {
		p.texts(func(t text) {
			if t.title {
				p.curly(t)
			}
		})
	},
}

// curly reports a text that stands in curly quotes as a whole.
func (p *pass) curly(t text) {
	if len(t.words) < 6 || t.words[0] != 0xe2 { // where all these quotes begin
		return
	}
	first, n := utf8.DecodeRuneInString(t.words)
	last, m := utf8.DecodeLastRuneInString(t.words)
	inside := t.words[n : len(t.words)-m]
	if strings.ContainsRune("“”„", first) && strings.ContainsRune("“”", last) && !strings.ContainsAny(inside, "“”„") {
		p.report(t.src, t.path(), `write "`+inside+`" or leave the quotes away`,
			"the curly quotes %c and %c are no quotes here, and shown as part of the text", first, last)
	}
}
