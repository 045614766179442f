package progress

import (
	"slices"

	"github.com/almanac-gitops/almanac/schema"
)

// decide finds out what was decided in a run.
func (p *Progress) decide(r *run) {
	r.decisions = fileDecisions(r.assignment)
	for _, s := range r.steps {
		if s.Decide == nil || r.decisions[s.Decide.ID].Option != "" {
			continue
		}
		e := r.entries[r.key+"/"+s.ID]
		if e == nil {
			continue
		}
		for _, c := range slices.Backward(e.Commands) {
			if c.Command == wordDecide && slices.Contains(s.Decide.Options, c.Arg) {
				r.decisions[s.Decide.ID] = Decision{Option: c.Arg, By: p.known(c.By), On: p.day(c.At)}
				p.decided(r.key, s.Decide.ID, c.Arg)
				break
			}
		}
	}
}

// fileDecisions returns what the client's file decides.
func fileDecisions(a *schema.Assignment) map[string]Decision {
	l := make(map[string]Decision, len(a.Decisions))
	for id, option := range a.Decisions {
		l[id] = Decision{Option: option, File: true}
	}
	return l
}

// decided tells the facts what a command decided.
func (p *Progress) decided(run, id, option string) {
	f := p.facts
	if f.Decisions == nil {
		f.Decisions = map[string]map[string]string{}
	}
	if f.Decisions[run] == nil {
		f.Decisions[run] = map[string]string{}
	}
	f.Decisions[run][id] = option
}

// option returns what was decided in a step, "" where nothing is.
func (r *run) option(s *schema.Step) string {
	if s.Decide == nil {
		return ""
	}
	return r.decisions[s.Decide.ID].Option
}
