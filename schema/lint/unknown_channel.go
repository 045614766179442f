package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unknownChannel = rule{
	Rule: Rule{ID: "lint/unknown-channel", Severity: diag.Error, Summary: "a channel that the organization does not have"},
	run:  func(p *pass) { p.unknowns(toChannel) },
}
