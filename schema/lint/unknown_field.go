package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unknownField = rule{
	Rule: Rule{ID: "lint/unknown-field", Severity: diag.Error, Summary: "a field that the playbook does not have"},
	run:  func(p *pass) { p.unknowns(toField) },
}
