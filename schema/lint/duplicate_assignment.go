package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var duplicateAssignment = rule{
	Rule: Rule{ID: "lint/duplicate-assignment", Severity: diag.Error, Summary: "a client twice in the same run of one template"},
	run: func(p *pass) {
		type entry struct{ id, run string }
		seen := map[entry]*assignment{}
		for i := range p.assignments {
			a := &p.assignments[i]
			if i > 0 && p.assignments[i-1].client != a.client && len(seen) > 0 {
				seen = map[entry]*assignment{}
			}
			if len(a.client.Processes) < 2 {
				continue
			}
			id, run := a.run()
			first := seen[entry{id, run}]
			switch {
			case first == nil:
				seen[entry{id, run}] = a
			case run != "":
				p.report(a.client.Source, a.path, "give the second one a run of its own, such as run: \"2\"",
					"%s is in run %q of %q already (%s)", a.client.ID, run, id, first.path)
			default:
				p.report(a.client.Source, a.path, "put both entries together", "%s is in %q already (%s)", a.client.ID, id, first.path)
			}
		}
	},
}

// run returns the present id of the template, and the run of a plan or playbook.
func (a *assignment) run() (id, run string) {
	switch {
	case a.template == nil:
		return a.Template, ""
	case !a.template.once():
		return a.template.head.ID, ""
	}
	return a.template.head.ID, a.RunID()
}
