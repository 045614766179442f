package lint

import "github.com/almanac-gitops/almanac/schema/diag"

var stepIssue = rule{
	Rule: Rule{ID: "lint/step-issue", Severity: diag.Error, Summary: "an issue that the step cannot have, or that cannot be given to anybody"},
	run: func(p *pass) {
		p.written(func(t *template, own *assignment, s *step) {
			owner := true
			if own != nil {
				if o, _ := own.Override(s.Step); o != nil {
					owner = o.Owner != ""
				} else {
					p.inRun(t, s)
				}
			} else {
				p.inRun(t, s)
			}
			if owner && s.Assign == "next-available" {
				p.nextAvailable(s)
			}
		})
	},
}

// inRun looks at steps of a run that has one issue for all of them.
func (p *pass) inRun(t *template, s *step) {
	switch {
	case !t.perRun() || s.Issue == "":
	case s.Issue == "shared":
		p.report(s.src, at(s.path, "issue"), "take it out, or issue: per-run", "step %q cannot share an issue with other clients: the run has one issue for all its steps", s.ID)
	default:
		p.advise(s.src, at(s.path, "issue"), "take it out", "the run has one issue for all its steps, so issue does nothing at step %q", s.ID)
	}
}

// nextAvailable needs a pool to choose from.
func (p *pass) nextAvailable(s *step) {
	if p.cat.Organization == nil {
		return
	}
	if r := p.cat.Role(s.Owner); r != nil && !r.Pool || r == nil && len(s.Owner) > 0 && s.Owner[0] == '@' {
		p.report(s.src, at(s.path, "assign"), "name a role with pool: true as owner, or take assign out",
			"step %q goes to whoever of %s is free next, which is no pool", s.ID, s.Owner)
	}
}
