package lint

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// emailDomain is an error unless mail to clients is allowed: then an address outside may
// be meant.
var emailDomain = rule{
	Rule: Rule{ID: "lint/email-domain", Severity: diag.Error, Summary: "an e-mail address outside the staff domains, which gets no mail"},
	run: func(p *pass) {
		o := p.cat.Organization
		if o == nil {
			return
		}
		for i, c := range o.Channels {
			if c.Type == "email" && len(o.EmailDomains) == 0 {
				p.advise(o.Source, at("channels", i), "write the domains of the staff under email-domains",
					"no mail goes out by %q: there are no email-domains", c.ID)
			} else if outside(o, c.From) {
				p.report(o.Source, at("channels", i, "from"), domains(o), "%s is not an address of the staff", c.From)
			}
		}
		tell := p.report
		if o.Policies.ClientEmail == "allowed" {
			tell = p.advise
		}
		for _, d := range p.cat.People {
			if outside(o, d.Email) {
				tell(d.Source, "email", domains(o), "%s is not an address of the staff: %s gets no mail", d.Email, d.ID)
			}
		}
	},
}

// outside reports whether an address lies in none of the staff domains. Without any
// domains the channel is told of, not every person.
func outside(o *schema.Organization, address string) bool {
	_, domain, ok := strings.Cut(address, "@")
	return ok && len(o.EmailDomains) > 0 && !slices.Contains(o.EmailDomains, strings.ToLower(domain))
}

func domains(o *schema.Organization) string {
	if len(o.EmailDomains) > maxListed {
		return "use an address in one of the email-domains of the organization"
	}
	return "use an address at " + strings.Join(o.EmailDomains, ", ")
}
