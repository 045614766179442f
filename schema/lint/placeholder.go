package lint

import (
	"regexp"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// blank matches what people leave for later. "todo" in lower case is a word, and so is a
// name with two x.
var blank = regexp.MustCompile(`\b(?:TODO|FIXME)\b|(?i:\bTBD\b|\blorem ipsum\b|\bx{3,}\b|<(?:your|insert|enter|add)\b[^<>]*>)`)

var placeholder = rule{
	Rule: Rule{ID: "lint/placeholder", Severity: diag.Warning, Summary: "text that was to be filled in later"},
	run: func(p *pass) {
		if o := p.cat.Organization; o != nil {
			p.filled(o.Source, "name", o.Name)
			for i, r := range o.Roles {
				p.filled(o.Source, at("roles", i, "title"), r.Title)
			}
		}
		for _, d := range p.cat.People {
			p.filled(d.Source, "name", d.Name)
		}
		for _, c := range p.cat.Clients {
			p.filled(c.Source, "name", c.Name)
		}
		for _, t := range p.templates {
			p.filledTemplate(t)
		}
		for i := range p.assignments {
			a := &p.assignments[i]
			for _, x := range a.extra {
				p.filledStep(x.src, x.path, x.Title, x.Instructions, x.Checklist)
			}
			for _, id := range a.keys {
				if o := a.Overrides[id]; o != nil {
					p.filledStep(a.client.Source, at(a.path, "overrides", id), o.Title, o.Instructions, o.Checklist)
				}
			}
		}
	},
}

func (p *pass) filledTemplate(t *template) {
	p.filled(t.head.Source, "title", t.head.Title)
	for _, s := range t.steps {
		p.filledStep(s.src, s.path, s.Title, s.Instructions, s.Checklist)
	}
	if t.plan == nil {
		return
	}
	for i, m := range t.plan.Milestones {
		p.filled(t.head.Source, at("milestones", i, "title"), m.Title)
	}
	for i, w := range t.plan.Weeks {
		p.filled(t.head.Source, at("weeks", i, "title"), w.Title)
	}
}

func (p *pass) filledStep(src schema.Source, path, title, instructions string, checklist []string) {
	p.filled(src, at(path, "title"), title)
	p.filled(src, at(path, "instructions"), instructions)
	for i, item := range checklist {
		p.filled(src, at(path, "checklist", i), item)
	}
}

func (p *pass) filled(src schema.Source, path, text string) {
	if !mayBeBlank(text) {
		return
	}
	if found := blank.FindString(text); found != "" {
		p.report(src, path, "write what is meant", "%q was left to be filled in", found)
	}
}

// mayBeBlank is a quick look at what every blank holds: the pattern is slow on the names of
// thousands of clients.
func mayBeBlank(text string) bool {
	low := strings.ToLower(text)
	for _, part := range []string{"<", "todo", "fixme", "tbd", "lorem", "xxx"} {
		if strings.Contains(low, part) {
			return true
		}
	}
	return false
}
