package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unknownTemplate = rule{
	Rule: Rule{ID: "lint/unknown-template", Severity: diag.Error, Summary: "a template that does not exist"},
	run:  func(p *pass) { p.unknowns(toTemplate) },
}
