package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var oldID = rule{
	Rule: Rule{ID: "lint/old-id", Severity: diag.Warning, Summary: "a reference by an id that was renamed"},
	run: func(p *pass) {
		for _, r := range p.loose {
			if r.is == old {
				p.report(r.src, r.path, "write "+r.now, "%s %q is now called %q", r.to, r.id, r.now)
			}
		}
	},
}
