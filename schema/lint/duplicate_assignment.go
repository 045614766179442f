package lint

import (
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var duplicateAssignment = rule{
	Rule: Rule{ID: "lint/duplicate-assignment", Severity: diag.Error, Summary: "a client twice in the same run of one template"},
	run: func(p *pass) {
		type entry struct {
			client *schema.Client
			id     string
			run    string
		}
		seen := make(map[entry]*assignment, len(p.assignments))
		for i := range p.assignments {
			a := &p.assignments[i]
			t := entry{client: a.client, id: a.Template}
			if a.template != nil {
				t.id = a.template.head.ID
				if a.template.plan != nil {
					t.run = a.RunID()
				}
			}
			first := seen[t]
			switch {
			case first == nil:
				seen[t] = a
			case t.run != "":
				p.report(a.client.Source, a.path, "give the second one a run of its own, such as run: \"2\"",
					"%s is in run %q of %q already (%s)", a.client.ID, t.run, t.id, first.path)
			default:
				p.report(a.client.Source, a.path, "put both entries together", "%s is in %q already (%s)", a.client.ID, t.id, first.path)
			}
		}
	},
}
