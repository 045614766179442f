package lint

import "github.com/almanac-gitops/almanac/schema/diag"

// reviewDays is how many days before it expires a template has to be looked at.
const reviewDays = 30

var expiringTemplate = rule{
	Rule: Rule{ID: "lint/expiring-template", Severity: diag.Warning, Summary: "a template that expires within 30 days"},
	run: func(p *pass) {
		for _, t := range p.templates {
			if end := t.head.Expires; p.Today != 0 && end != 0 && p.Today <= end && int(end-p.Today) <= reviewDays {
				p.report(t.head.Source, "expires", "review it and set a new date", "%s expires on %s, %s", t.head.ID, end, inDays(int(end-p.Today)))
			}
		}
	},
}

func inDays(n int) string {
	switch n {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	}
	return "in " + at(n) + " days"
}
