package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var draftStep = rule{
	Rule: Rule{ID: "lint/draft-step", Severity: diag.Warning, Summary: "a step that is not settled yet in a template that clients are in"},
	run: func(p *pass) {
		told := map[string]bool{}
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil || p.finished(a) {
				continue
			}
			for j := range a.steps {
				s := &a.steps[j]
				if !s.Draft {
					continue
				}
				src, path := s.src, s.path
				if first := a.template.byStep.find(s.ID); first != nil {
					src, path = first.src, first.path
				}
				if key := at(src.File, src.Document, path); !told[key] {
					told[key] = true
					p.report(src, at(path, "draft"), "settle it and take draft out", "step %q is a draft, and %s is in %s", s.ID, a.client.ID, a.template.head.ID)
				}
			}
		}
	},
}
