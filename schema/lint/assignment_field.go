package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var assignmentField = rule{
	Rule: Rule{ID: "lint/assignment-field", Severity: diag.Error, Summary: "an assignment that lacks what its template needs, or has what it cannot use"},
	run: func(p *pass) {
		for i := range p.assignments {
			a := &p.assignments[i]
			switch {
			case a.template == nil:
			case a.template.once():
				p.runOnly(a)
			default:
				p.processOnly(a)
			}
		}
	},
}

// runOnly looks at what the run of a plan or playbook needs, and refuses what it cannot use.
func (p *pass) runOnly(a *assignment) {
	src, noun := a.client.Source, a.template.noun()
	if a.Start == 0 {
		p.report(src, a.path, "add start, the first day of the "+noun, "%s %q has no start", noun, a.Template)
	}
	if a.template.plan == nil && len(a.Milestones) > 0 {
		p.report(src, at(a.path, "milestones"), "take them out", "%q is a %s and has no milestones", a.Template, noun)
	}
	if a.template.playbook == nil && len(a.Fields) > 0 {
		p.report(src, at(a.path, "fields"), "take them out", "%q is a %s and has no fields", a.Template, noun)
	}
	switch {
	case a.Ended != 0 && a.Outcome == "":
		p.advise(src, at(a.path, "ended"), "add outcome, in a few words", "the run of %q ended on %s, and nothing says how", a.Template, a.Ended)
	case a.Ended == 0 && a.Outcome != "":
		p.advise(src, at(a.path, "outcome"), "add ended with the day, or take outcome out", "the run of %q has an outcome and goes on: outcome alone ends nothing", a.Template)
	}
}

// processOnly refuses the fields of a run on a process.
func (p *pass) processOnly(a *assignment) {
	src := a.client.Source
	if a.Start != 0 {
		p.report(src, at(a.path, "start"), "take it out: a process turns around alignment-date, and since says from when on", "%q is a process and has no start", a.Template)
	}
	if a.Run != "" {
		p.report(src, at(a.path, "run"), "take it out: the year of the alignment date tells the turns apart", "%q is a process and has no runs", a.Template)
	}
	if len(a.Milestones) > 0 {
		p.report(src, at(a.path, "milestones"), "take them out", "%q is a process and has no milestones", a.Template)
	}
	for _, f := range []struct {
		field string
		set   bool
	}{{"fields", len(a.Fields) > 0}, {"outcome", a.Outcome != ""}, {"ended", a.Ended != 0}} {
		if f.set {
			p.report(src, at(a.path, f.field), "take it out", "%q is a process, which turns every year, so %s does nothing", a.Template, f.field)
		}
	}
}
