package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unknownMilestone = rule{
	Rule: Rule{ID: "lint/unknown-milestone", Severity: diag.Error, Summary: "a milestone that the plan does not have"},
	run:  func(p *pass) { p.unknowns(toMilestone) },
}
