package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var repetition = rule{
	Rule: Rule{ID: "lint/repetition", Severity: diag.Error, Summary: "times or until on a step that does not repeat"},
	run: func(p *pass) {
		p.written(func(_ *template, _ *assignment, s *step) {
			if !s.Every.IsZero() {
				return
			}
			if s.Times != 0 {
				p.report(s.src, at(s.path, "times"), "add every, such as 3 months", "step %q has times but does not repeat", s.ID)
			}
			if s.Until != 0 {
				p.report(s.src, at(s.path, "until"), "add every, such as 3 months", "step %q has until but does not repeat", s.ID)
			}
		})
	},
}
