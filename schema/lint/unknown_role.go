package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unknownRole = rule{
	Rule: Rule{ID: "lint/unknown-role", Severity: diag.Error, Summary: "a role that the organization does not have"},
	run:  func(p *pass) { p.unknowns(toRole) },
}
