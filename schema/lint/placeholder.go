package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// blank matches what people leave for later. "todo" in lower case is a word, and so is a
// name with two x.
var blank = regexp.MustCompile(`\b(?:TODO|FIXME)\b|(?i:\bTBD\b|\blorem ipsum\b|\bx{3,}\b|\bto be (?:determined|decided|defined)\b|<(?:your|insert|enter|add)\b[^<>]*>|^\s*(?:n/a|link to [^.]*|please add (?:kb|links?)\b[^.]*)\.?\s*$)`)

var placeholder = rule{
	Rule: Rule{ID: "lint/placeholder", Severity: diag.Warning, Summary: "text that was to be filled in later"},
	run: func(p *pass) {
		if o := p.cat.Organization; o != nil {
			p.filled(o.Source, o.Name, "name")
			for i, r := range o.Roles {
				p.filled(o.Source, r.Title, "roles", i, "title")
			}
		}
		for _, d := range p.cat.People {
			p.filled(d.Source, d.Name, "name")
		}
		for _, c := range p.cat.Clients {
			p.filled(c.Source, c.Name, "name")
		}
		for _, t := range p.templates {
			p.filledTemplate(t)
		}
		for i := range p.assignments {
			a := &p.assignments[i]
			for _, x := range a.extra {
				p.filledStep(x.src, x.Title, x.Instructions, x.Checklist, x.path)
				p.filledQuestion(x)
			}
			p.filledRun(a)
			for _, id := range a.keys {
				if o := a.Overrides[id]; o != nil {
					p.filledStep(a.client.Source, o.Title, o.Instructions, o.Checklist, a.path, "overrides", id)
				}
			}
		}
	},
}

func (p *pass) filledTemplate(t *template) {
	p.filled(t.head.Source, t.head.Title, "title")
	for _, s := range t.steps {
		p.filledStep(s.src, s.Title, s.Instructions, s.Checklist, s.path)
		p.filledQuestion(s)
	}
	if t.playbook != nil {
		for i, f := range t.playbook.Fields {
			p.filled(t.head.Source, f.Title, "fields", i, "title")
			p.filled(t.head.Source, f.Help, "fields", i, "help")
		}
	}
	if t.plan == nil {
		return
	}
	for i, m := range t.plan.Milestones {
		p.filled(t.head.Source, m.Title, "milestones", i, "title")
	}
	for i, w := range t.plan.Weeks {
		p.filled(t.head.Source, w.Title, "weeks", i, "title")
	}
}

// filledStep looks at the texts of a step that is written at a path.
func (p *pass) filledStep(src schema.Source, title, instructions string, checklist []string, path ...any) {
	if !mayBeBlank(title) && !mayBeBlank(instructions) && !slices.ContainsFunc(checklist, mayBeBlank) {
		return
	}
	base := at(path...)
	p.filled(src, title, base, "title")
	p.filled(src, instructions, base, "instructions")
	for i, item := range checklist {
		p.filled(src, item, base, "checklist", i)
	}
}

func (p *pass) filledQuestion(s step) {
	if s.Decide != nil {
		p.filled(s.src, s.Decide.Question, s.path, "decide.question")
	}
}

// filledRun looks at what a run says about itself.
func (p *pass) filledRun(a *assignment) {
	p.filled(a.client.Source, a.Outcome, a.path, "outcome")
	for id, v := range a.Fields {
		p.filled(a.client.Source, v.Text, a.path, "fields", id)
		for i, e := range v.Entries {
			p.filled(a.client.Source, e.What, a.path, "fields", id, i)
		}
	}
}

// filled looks at a text that is written at a path.
func (p *pass) filled(src schema.Source, text string, path ...any) {
	if !mayBeBlank(text) {
		return
	}
	if found := blank.FindString(text); found != "" {
		p.report(src, at(path...), "write what is meant", "%q was left to be filled in", found)
	}
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
