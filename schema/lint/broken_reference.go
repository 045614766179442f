package lint

import "github.com/almanac-gitops/almanac/schema/diag"

// brokenReference is an error so that a client is frozen together with its template:
// without it the client would seem to have left the process.
var brokenReference = rule{
	Rule: Rule{ID: "lint/broken-reference", Severity: diag.Error, Summary: "a reference to a document that is there but invalid"},
	run: func(p *pass) {
		for _, r := range p.loose {
			if r.is == broken {
				p.report(r.src, r.path, "mend "+r.file+" first", "%s %q cannot be used: its file is invalid: %s", r.to, r.id, r.file)
				p.faults[len(p.faults)-1].Because = r.file
			}
		}
	},
}
