package lint

import (
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var duplicateName = rule{
	Rule: Rule{ID: "lint/duplicate-name", Severity: diag.Warning, Summary: "two clients of one name"},
	run: func(p *pass) {
		seen := make(map[string]*schema.Client, len(p.cat.Clients))
		for _, c := range p.cat.Clients {
			name := strings.ToLower(strings.Join(strings.Fields(c.Name), " "))
			if first := seen[name]; first == nil {
				seen[name] = c
			} else if first.ID != c.ID {
				p.report(c.Source, "name", "tell them apart in the name, for instance by the place",
					"client %s has the same name as client %s (%s)", c.ID, first.ID, first.Source.File)
			}
		}
	},
}
