package lint

import (
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var recurrenceRule = rule{
	Rule: Rule{ID: "lint/recurrence-rule", Severity: diag.Error, Summary: "a recurrence rule that RFC 5545 or the calendar cannot follow"},
	run: func(p *pass) {
		p.written(func(_ *template, _ *assignment, s *step) {
			if s.Every.RRule == "" {
				return
			}
			if _, err := civil.ParseRRule(s.Every.RRule); err != nil {
				p.report(s.src, at(s.path, "every.rrule"), "write a rule such as FREQ=MONTHLY;BYDAY=2TU, and times or until beside every", "%s", err)
			}
		})
	},
}
