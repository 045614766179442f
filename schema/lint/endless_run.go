package lint

import (
	"slices"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// endlessRun tells of a playbook once, of what would go on for ever first.
var endlessRun = rule{
	Rule: Rule{ID: "lint/endless-run", Severity: diag.Warning, Summary: "a playbook whose runs have no way to an end"},
	run: func(p *pass) {
		for _, t := range p.templates {
			if t.playbook == nil || slices.ContainsFunc(t.steps, endsRun) {
				continue
			}
			const hint = "add ends: completed to the step with which it ends, or ends to an answer in decide; without, a run ends only by ended in the client's file"
			forever := slices.IndexFunc(t.steps, func(s step) bool { return !s.Every.IsZero() && s.Times == 0 && s.Until == 0 })
			switch m := t.playbook.Marks; {
			case t.perRun():
				p.report(t.head.Source, "issue", hint, "no step of %s ends the run, so its issue is never closed", t.head.ID)
			case forever >= 0:
				s := &t.steps[forever]
				p.report(s.src, at(s.path, "every"), hint, "no step of %s ends the run, so %q repeats for ever", t.head.ID, s.ID)
			case m != nil && m.Until == "":
				p.report(t.head.Source, "marks", hint, "no step of %s ends the run, so its clients carry the label %q for ever", t.head.ID, m.Label)
			}
		}
	},
}

// endsRun reports whether a run can end with a step.
func endsRun(s step) bool { return s.Ends != "" || s.Decide != nil && len(s.Decide.Ends) > 0 }
