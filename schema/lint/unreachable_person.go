package lint

import (
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var unreachablePerson = rule{
	Rule: Rule{ID: "lint/unreachable-person", Severity: diag.Error, Summary: "a person without any address who has to be told of steps"},
	run: func(p *pass) {
		mute := map[*schema.Person]bool{}
		for _, d := range p.cat.People {
			if d.Email == "" && d.GitHub == "" {
				mute[d] = true
			}
		}
		if len(mute) == 0 {
			return
		}
		p.staffing(func(a *assignment, needs []need) {
			for _, n := range needs {
				for _, d := range p.told(a.client, n.who) {
					if mute[d] {
						delete(mute, d)
						p.report(d.Source, "", "add email or github to "+d.ID,
							"%s has neither an e-mail address nor a GitHub login, and would never hear of step %q of client %s", d.ID, n.step.ID, a.client.ID)
					}
				}
			}
		})
	},
}

// told returns the people behind a role or `@person` for a client. Of a pool it is
// everybody in it.
func (p *pass) told(c *schema.Client, who string) []*schema.Person {
	id, ok := isPerson(who)
	if !ok {
		if p.cat.Organization == nil || p.cat.Role(who) == nil {
			return nil
		}
		role := p.cat.Role(who)
		var pool bool
		if id, pool = p.holder(c, role); pool {
			return p.pool(role)
		}
	}
	if d := p.cat.Person(id); d != nil {
		return []*schema.Person{d}
	}
	return nil
}

// pool returns the people who hold a role.
func (p *pass) pool(role *schema.Role) []*schema.Person {
	var l []*schema.Person
	for _, d := range p.cat.People {
		for _, r := range d.Roles {
			if p.cat.Role(r) == role {
				l = append(l, d)
				break
			}
		}
	}
	return l
}
