package lint

import (
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var sharedExternalID = rule{
	Rule: Rule{ID: "lint/shared-external-id", Severity: diag.Error, Summary: "two clients, or two people, mapped to one id of another system"},
	run: func(p *pass) {
		clients, people := make(externals, len(p.cat.Clients)), externals{}
		for _, c := range p.cat.Clients {
			clients.take(p, "client", &c.Meta, c.ExternalIDs)
		}
		for _, d := range p.cat.People {
			people.take(p, "person", &d.Meta, d.ExternalIDs)
		}
	},
}

// externals are the first holders of the ids of other systems.
type externals map[[2]string]*schema.Meta

func (e externals) take(p *pass, noun string, m *schema.Meta, ids map[string]string) {
	for system, id := range ids {
		key := [2]string{system, id}
		if first := e[key]; first == nil {
			e[key] = m
		} else {
			p.report(m.Source, at("external-ids", system), "correct one of the two",
				"%s %s and %s %s have the same id %q in %s (%s)", noun, m.ID, noun, first.ID, id, system, first.Source.File)
		}
	}
}
