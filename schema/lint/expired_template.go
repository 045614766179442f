package lint

import "github.com/almanac-gitops/almanac/schema/diag"

// expiredTemplate holds a template for good through the day of `expires`.
var expiredTemplate = rule{
	Rule: Rule{ID: "lint/expired-template", Severity: diag.Warning, Summary: "a template past its date, and everybody who uses it"},
	run: func(p *pass) {
		if p.Today == 0 {
			return
		}
		for _, t := range p.templates {
			if p.expired(t) {
				p.report(t.head.Source, "expires", "review it and set a new date", "%s expired on %s", t.head.ID, t.head.Expires)
			}
		}
		for i := range p.assignments {
			if a := &p.assignments[i]; a.template != nil && p.expired(a.template) && !a.client.InactiveOn(p.Today) && !p.runEnded(a) {
				p.report(a.client.Source, at(a.path, "template"), "review "+a.template.head.Source.File,
					"%s is in %s, which expired on %s", a.client.ID, a.template.head.ID, a.template.head.Expires)
			}
		}
	},
}

func (p *pass) expired(t *template) bool { return t.head.Expires != 0 && p.Today > t.head.Expires }
