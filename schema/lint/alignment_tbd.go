package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var alignmentTBD = rule{
	Rule: Rule{ID: "lint/alignment-tbd", Severity: diag.Warning, Summary: "a client in a process whose alignment date is still to be decided"},
	run: func(p *pass) {
		p.unaligned(func(a *assignment) {
			if a.client.AlignmentDate.Word != "" {
				p.report(a.client.Source, "alignment-date", "write the date as soon as it is known",
					"nothing of process %q can be scheduled for %s: its alignment date is %s", a.Template, a.client.ID, a.client.AlignmentDate.Word)
			}
		})
	},
}
