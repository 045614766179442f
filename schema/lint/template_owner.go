package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var templateOwner = rule{
	Rule: Rule{ID: "lint/template-owner", Severity: diag.Warning, Summary: "a template that nobody answers for"},
	run: func(p *pass) {
		for _, t := range p.templates {
			if t.head.Owner == "" {
				p.report(t.head.Source, "", "add owner with the id of a person", "nobody answers for %s", t.head.ID)
			}
		}
	},
}
