package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var assignmentField = rule{
	Rule: Rule{ID: "lint/assignment-field", Severity: diag.Error, Summary: "an assignment that lacks what its template needs, or has what it cannot use"},
	run: func(p *pass) {
		for i := range p.assignments {
			a := &p.assignments[i]
			switch {
			case a.template == nil:
			case a.template.plan != nil && a.Start == 0:
				p.report(a.client.Source, a.path, "add start, the first day of the plan", "plan %q has no start", a.Template)
			case a.template.plan == nil:
				p.processOnly(a)
			}
		}
	},
}

// processOnly refuses the fields of a plan on a process.
func (p *pass) processOnly(a *assignment) {
	src := a.client.Source
	if a.Start != 0 {
		p.report(src, at(a.path, "start"), "take it out: a process turns around alignment-date, and since says from when on", "%q is a process and has no start", a.Template)
	}
	if a.Run != "" {
		p.report(src, at(a.path, "run"), "take it out: the year of the alignment date tells the turns apart", "%q is a process and has no runs", a.Template)
	}
	if len(a.Milestones) > 0 {
		p.report(src, at(a.path, "milestones"), "take them out", "%q is a process and has no milestones", a.Template)
	}
}
