package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var emptyPool = rule{
	Rule: Rule{ID: "lint/empty-pool", Severity: diag.Warning, Summary: "a pool that steps need and nobody is in"},
	run: func(p *pass) {
		if p.cat.Organization == nil {
			return
		}
		filled := map[string]bool{}
		for _, d := range p.cat.People {
			for _, r := range d.Roles {
				if role := p.cat.Role(r); role != nil {
					filled[role.ID] = true
				}
			}
		}
		wanted := map[string]need{}
		p.staffing(func(a *assignment, needs []need) {
			for _, n := range needs {
				role := p.cat.Role(n.who)
				if role == nil || !role.Pool || member(a.client, role) != "" || wanted[role.ID].step != nil {
					continue
				}
				wanted[role.ID] = n
			}
		})
		for i, r := range p.cat.Organization.Roles {
			if n, ok := wanted[r.ID]; ok && !filled[r.ID] {
				p.report(p.cat.Organization.Source, at("roles", i), "add "+r.ID+" to the roles of at least one person",
					"nobody is in the pool %q, which step %q needs", r.ID, n.step.ID)
			}
		}
	},
}
