package lint

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// clientContact is the first of the three places that keep mail away from clients; the plan
// and the mail channel are the others, and none relies on another.
var clientContact = rule{
	Rule: Rule{ID: "lint/client-contact", Severity: diag.Error, Summary: "a contact of a client who may not be written to, or not like this"},
	run: func(p *pass) {
		o := p.cat.Organization
		if o == nil {
			return
		}
		for i, n := range o.Defaults.Notify {
			for j, w := range n.To {
				if _, outside := schema.ContactID(w); outside {
					p.report(o.Source, at("defaults", "notify", i, "to", j), "take it out, and name the contact in the notify of the steps that the client has to do",
						"%s is told of every step: defaults hold for steps of the staff too", w)
				}
			}
		}
		p.written(func(_ *template, own *assignment, s *step) {
			var changed *schema.Override
			if own != nil {
				changed, _ = own.Override(s.Step)
			}
			if changed == nil && s.Internal && s.Party == schema.PartyClient {
				p.report(s.src, at(s.path, "party"), "take out internal or party", "step %q is for staff eyes only and for the client to do", s.ID)
			}
			if changed == nil || changed.Notify != nil {
				p.addressed(s)
			}
		})
	},
}

// addressed reports what is wrong with the contacts in the notices of a step.
func (p *pass) addressed(s *step) {
	for i := range s.Notify {
		n, names := &s.Notify[i], false
		for j, w := range n.To {
			if _, outside := schema.ContactID(w); !outside {
				continue
			}
			names = true
			if what, hint := p.mayNot(s, n, w); what != "" {
				p.report(s.src, at(s.path, "notify", i, "to", j), hint, "%s", what)
			}
		}
		if !names && n.Message != "" {
			p.report(s.src, at(s.path, "notify", i, "message"), "name a contact in to, such as client:accounting, or take message out",
				"message is what contacts of the client read, and this notice names none")
		}
	}
}

// mayNot says why a contact is not told of a step, and what to do; nothing where it may be.
func (p *pass) mayNot(s *step, n *schema.Notice, who string) (what, hint string) {
	switch o := p.cat.Organization; {
	case !o.WritesToClients():
		return who + " is a contact of the client, and clients are not written to: the policy client-email is not allowed",
			"name somebody of the staff who tells the client; only if mail to clients is wanted, write client-email: allowed under policies"
	case s.Party != schema.PartyClient:
		return who + " is a contact of the client, but step " + s.ID + " is not one that the client has to do",
			"name somebody of the staff, or write party: client at the step in its template"
	case strings.TrimSpace(n.Message) == "":
		return who + " is told, but not what", "add message with the text as the client is to read it"
	case !slices.ContainsFunc(p.via(n), func(id string) bool { c := p.cat.Channel(id); return c != nil && c.Type == "email" }):
		return who + " is written to by e-mail only, and this notice goes by no such channel", "add via with a channel of the type email"
	}
	return "", ""
}

// via returns the channels of a notice.
func (p *pass) via(n *schema.Notice) []string {
	if n.Via != nil {
		return n.Via
	}
	return p.cat.Organization.Defaults.Via
}
