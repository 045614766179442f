package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unknownStep = rule{
	Rule: Rule{ID: "lint/unknown-step", Severity: diag.Error, Summary: "a step that the template does not have"},
	run:  func(p *pass) { p.unknowns(toStep) },
}
