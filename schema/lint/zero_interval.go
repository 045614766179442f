package lint

import "github.com/almanac-gitops/almanac/schema/diag"

// zeroInterval is about lengths that something is repeated by. A lead of 0 days, or a reminder
// 0 days after the due date, is meant.
var zeroInterval = rule{
	Rule: Rule{ID: "lint/zero-interval", Severity: diag.Error, Summary: "something that repeats after no time at all"},
	run: func(p *pass) {
		p.written(func(_ *template, _ *assignment, s *step) {
			if s.Every.Interval.Set && s.Every.Interval.N == 0 {
				p.report(s.src, at(s.path, "every"), "write at least 1 day", "step %q repeats every %s, which never ends", s.ID, s.Every.Interval)
			}
			if r := s.Remind; r != nil && r.Every.Set && r.Every.N == 0 {
				p.report(s.src, at(s.path, "remind.every"), "write at least 1 day", "reminders of step %q come every %s, all at once", s.ID, r.Every)
			}
		})
	},
}
