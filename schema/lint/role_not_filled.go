package lint

import (
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var roleNotFilled = rule{
	Rule: Rule{ID: "lint/role-not-filled", Severity: diag.Error, Summary: "a role that a client's steps need and nobody fills"},
	run: func(p *pass) {
		if p.cat.Organization == nil {
			return
		}
		type gap struct {
			client *schema.Client
			role   string
		}
		told := map[gap]bool{}
		p.staffing(func(a *assignment, needs []need) {
			for _, n := range needs {
				role := p.cat.Role(n.who)
				if role == nil {
					continue
				}
				if person, pool := p.holder(a.client, role); person != "" || pool {
					continue
				}
				if g := (gap{a.client, role.ID}); !told[g] {
					told[g] = true
					reportGap(p, a, n, role)
				}
			}
		})
	},
}

func reportGap(p *pass, a *assignment, n need, role *schema.Role) {
	path := at(a.path, "template")
	if len(a.client.Team) > 0 {
		path = "team"
	}
	if n.step.own {
		path = n.step.path
	}
	hint := "add " + role.ID + " to the team of " + a.client.ID
	if role.Deputy != "" {
		hint += ", or " + role.Deputy + ", its deputy"
	}
	p.report(a.client.Source, path, hint, "nobody fills the role %q, which step %q of %s needs", role.ID, n.step.ID, a.template.head.ID)
}
