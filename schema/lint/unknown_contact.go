package lint

import (
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// unknownContact looks at clients only where their contacts may be written to: elsewhere
// the step is at fault, and told of once.
var unknownContact = rule{
	Rule: Rule{ID: "lint/unknown-contact", Severity: diag.Error, Summary: "a contact that a client's steps write to and the client does not have"},
	run: func(p *pass) {
		if !p.cat.Organization.WritesToClients() {
			return
		}
		plain := map[*template][]need{}
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil || p.finished(a) {
				continue
			}
			if a.changed() {
				p.strangers(a, contactsOf(a.steps))
				continue
			}
			needs, ok := plain[a.template]
			if !ok {
				needs = contactsOf(a.template.steps)
				plain[a.template] = needs
			}
			p.strangers(a, needs)
		}
	},
}

// contactsOf returns the first need of each contact, by its id, in the order of the steps.
func contactsOf(steps []step) []need {
	var l []need
	seen := map[string]bool{}
	for i := range steps {
		if steps[i].Party != schema.PartyClient {
			continue
		}
		for _, n := range steps[i].Notify {
			for _, w := range n.To {
				if id, outside := schema.ContactID(w); outside && !seen[id] {
					seen[id] = true
					l = append(l, need{id, &steps[i]})
				}
			}
		}
	}
	return l
}

// strangers reports the contacts that a client does not have.
func (p *pass) strangers(a *assignment, needs []need) {
	for _, n := range needs {
		if a.client.Contact(n.who) != nil {
			continue
		}
		path := at(a.path, "template")
		if n.step.own {
			path = n.step.path
		}
		var names []string
		for _, k := range a.client.Contacts {
			names = append(names, k.ID)
		}
		hint := "add {id: " + n.who + ", name: ..., email: ...} to the contacts of " + a.client.ID
		if s, ok := diag.Suggest(n.who, names); ok {
			hint = "did you mean \"" + s + "\"? Otherwise " + hint
		}
		p.report(a.client.Source, path, hint, "%s has no contact %q, whom step %q of %s writes to", a.client.ID, n.who, n.step.ID, a.template.head.ID)
	}
}
