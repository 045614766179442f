package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var ownDeputy = rule{
	Rule: Rule{ID: "lint/own-deputy", Severity: diag.Warning, Summary: "a person or role that is its own deputy"},
	run: func(p *pass) {
		if o := p.cat.Organization; o != nil {
			for i, r := range o.Roles {
				if r.Deputy == r.ID {
					p.report(o.Source, at("roles", i, "deputy"), "name another role, or none", "role %q is its own deputy", r.ID)
				}
			}
		}
		for _, d := range p.cat.People {
			for i, a := range d.Away {
				if a.Deputy == d.ID {
					p.report(d.Source, at("away", i, "deputy"), "name somebody else, or nobody", "%s is away and cannot step in for %s", d.ID, d.ID)
				}
			}
		}
	},
}
