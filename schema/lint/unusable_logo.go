package lint

import "github.com/almanac-gitops/almanac/schema/diag"

// unusableLogo is a warning: nothing promised to a client depends on a picture.
var unusableLogo = rule{
	Rule: Rule{ID: "lint/unusable-logo", Severity: diag.Warning, Summary: "a logo that is missing, too large, or no picture"},
	run:  func(p *pass) { p.logos(false) },
}
