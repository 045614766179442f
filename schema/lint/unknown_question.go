package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unknownQuestion = rule{
	Rule: Rule{ID: "lint/unknown-question", Severity: diag.Error, Summary: "an answer to a question that no step of the template asks"},
	run:  func(p *pass) { p.unknowns(toQuestion) },
}
