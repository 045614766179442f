package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unknownPerson = rule{
	Rule: Rule{ID: "lint/unknown-person", Severity: diag.Error, Summary: "a person of whom there is no file"},
	run:  func(p *pass) { p.unknowns(toPerson) },
}
