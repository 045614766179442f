package lint

import "github.com/almanac-gitops/almanac/schema/diag"

// unguardedLoop is about runs with one issue. Back in its pool it looks as it did the first
// time, unless something was decided, signed off or asked in between.
var unguardedLoop = rule{
	Rule: Rule{ID: "lint/unguarded-loop", Severity: diag.Warning, Summary: "a run that comes back to the same pool with nothing to show for it"},
	run: func(p *pass) {
		for _, t := range p.templates {
			if !t.perRun() {
				continue
			}
			for i := range t.steps {
				if s := &t.steps[i]; p.pooled(s) != "" && !gated(s) {
					p.comesBack(t, s)
				}
			}
		}
	},
}

// pooled returns the pool that does a step, or nothing.
func (p *pass) pooled(s *step) string {
	if p.cat.Organization == nil {
		return ""
	}
	if r := p.cat.Role(s.Owner); r != nil && r.Pool {
		return r.ID
	}
	return ""
}

// gated reports whether a step is not simply the next one.
func gated(s *step) bool { return len(s.When) > 0 || len(s.Approve) > 0 }

// comesBack looks back along `after` for an earlier step of the same pool, with another
// owner's in between and nothing on the way that tells the two apart.
func (p *pass) comesBack(t *template, last *step) {
	type place struct {
		*step
		left bool
	}
	pool, seen := p.pooled(last), map[place]bool{}
	var back func(s *step, left bool) *step
	back = func(s *step, left bool) *step {
		for _, id := range s.After {
			first := t.byStep.find(id)
			if first == nil || first.Decide != nil || first == last {
				continue
			}
			same := p.pooled(first) == pool
			if same && left {
				return first
			}
			now := place{first, left || !same}
			if gated(first) || seen[now] {
				continue
			}
			seen[now] = true
			if found := back(first, now.left); found != nil {
				return found
			}
		}
		return nil
	}
	if first := back(last, false); first != nil {
		p.report(last.src, at(last.path, "owner"), "add decide or approve to a step in between, or when to "+last.ID,
			"step %q gives the run back to the pool %q, which had it in %q, and nothing was decided or signed off since", last.ID, pool, first.ID)
	}
}
