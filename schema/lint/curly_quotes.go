package lint

import (
	"strings"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// curlyQuotes looks at names and titles only: instructions are prose and may begin and end
// with what somebody says.
var curlyQuotes = rule{
	Rule: Rule{ID: "lint/curly-quotes", Severity: diag.Warning, Summary: "a name or title in the quotes of a word processor"},
	run: func(p *pass) {
		if o := p.cat.Organization; o != nil {
			p.curly(o.Source, o.Name, "name")
			for i, r := range o.Roles {
				p.curly(o.Source, r.Title, "roles", i, "title")
			}
		}
		for _, d := range p.cat.People {
			p.curly(d.Source, d.Name, "name")
		}
		for _, c := range p.cat.Clients {
			p.curly(c.Source, c.Name, "name")
		}
		for _, t := range p.templates {
			p.curlyTemplate(t)
		}
		for i := range p.assignments {
			for _, x := range p.assignments[i].extra {
				p.curly(x.src, x.Title, x.path, "title")
			}
		}
	},
}

func (p *pass) curlyTemplate(t *template) {
	p.curly(t.head.Source, t.head.Title, "title")
	for _, s := range t.steps {
		p.curly(s.src, s.Title, s.path, "title")
		if s.Decide != nil {
			p.curly(s.src, s.Decide.Question, s.path, "decide.question")
		}
	}
	if t.playbook != nil {
		for i, f := range t.playbook.Fields {
			p.curly(t.head.Source, f.Title, "fields", i, "title")
		}
	}
	if t.plan != nil {
		for i, m := range t.plan.Milestones {
			p.curly(t.head.Source, m.Title, "milestones", i, "title")
		}
	}
}

// curly reports a text that stands in curly quotes as a whole.
func (p *pass) curly(src schema.Source, text string, path ...any) {
	if len(text) < 6 || text[0] != 0xe2 { // where all these quotes begin
		return
	}
	first, n := utf8.DecodeRuneInString(text)
	last, m := utf8.DecodeLastRuneInString(text)
	inside := text[n : len(text)-m]
	if strings.ContainsRune("“”„", first) && strings.ContainsRune("“”", last) && !strings.ContainsAny(inside, "“”„") {
		p.report(src, at(path...), `write "`+inside+`" or leave the quotes away`,
			"the curly quotes %c and %c are no quotes here, and shown as part of the text", first, last)
	}
}
