package lint

import "github.com/almanac-gitops/almanac/schema/diag"

// noIssue is about steps that are only told of. There is nothing that anybody could close,
// so what needs that never happens.
var noIssue = rule{
	Rule: Rule{ID: "lint/no-issue", Severity: diag.Warning, Summary: "a step without an issue that asks for what only an issue can do"},
	run: func(p *pass) {
		p.written(func(_ *template, _ *assignment, s *step) {
			if s.Issue == "none" {
				p.withoutIssue(s)
			}
		})
		for _, t := range p.templates {
			for _, s := range t.steps {
				p.waits(t.byStep, s)
			}
		}
		for i := range p.assignments {
			a := &p.assignments[i]
			for _, s := range a.extra {
				p.waits(a.byStep, s)
			}
		}
	},
}

func (p *pass) withoutIssue(s *step) {
	for _, f := range []struct {
		field string
		set   bool
	}{
		{"open", s.Open.Set && !s.Invite}, {"remind", s.Remind != nil}, {"escalate", s.Escalate != nil}, {"checklist", len(s.Checklist) > 0},
		{"decide", s.Decide != nil}, {"approve", len(s.Approve) > 0}, {"ends", s.Ends != ""},
	} {
		if f.set {
			p.report(s.src, at(s.path, f.field), "take it out, or give the step an issue", "step %q has no issue, so %s does nothing", s.ID, f.field)
		}
	}
	if o := p.cat.Organization; !s.Invite && len(s.Notify) == 0 && o != nil && len(o.Defaults.Notify) == 0 {
		p.report(s.src, s.path, "add notify, or give the step an issue", "nobody ever hears of step %q: it has neither an issue nor a notice", s.ID)
	}
}

// waits reports a step that comes after one that cannot be closed.
func (p *pass) waits(byStep stepIndex, s step) {
	for i, id := range s.After {
		if first := byStep.find(id); first != nil && first.Issue == "none" {
			p.report(s.src, at(s.path, "after", i), "wait for another step, or give "+first.ID+" an issue",
				"step %q waits for %q, which has no issue that anybody could close", s.ID, first.ID)
		}
	}
}
