package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var alignmentMissing = rule{
	Rule: Rule{ID: "lint/alignment-missing", Severity: diag.Error, Summary: "a client in a process that says nothing of its alignment date"},
	run: func(p *pass) {
		p.unaligned(func(a *assignment) {
			if a.client.AlignmentDate.IsZero() {
				p.report(a.client.Source, at(a.path, "template"), "add alignment-date, or alignment-date: tbd while it is not known",
					"%s is in process %q but has no alignment date", a.client.ID, a.Template)
			}
		})
	},
}

// unaligned calls yield for every assignment to a process of a client without a date.
func (p *pass) unaligned(yield func(a *assignment)) {
	for i := range p.assignments {
		a := &p.assignments[i]
		if a.template != nil && !a.template.once() && a.client.AlignmentDate.Date == 0 {
			yield(a)
		}
	}
}
