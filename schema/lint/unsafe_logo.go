package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var unsafeLogo = rule{
	Rule: Rule{ID: "lint/unsafe-logo", Severity: diag.Error, Summary: "a logo outside the repository, or one that holds a script"},
	run:  func(p *pass) { p.logos(true) },
}
