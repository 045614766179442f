package progress

import (
	"slices"

	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// decide finds out what was decided in a run.
func (p *Progress) decide(r *run) {
	r.decisions = fileDecisions(r.assignment)
	for _, s := range r.steps {
		if s.Decide == nil {
			continue
		}
		if d, ok := r.decisions[s.Decide.ID]; ok {
			d.Step, d.On, d.Fresh = s.ID, p.in.AsOf, true
			if e := r.entries[r.key+"/"+s.ID]; e != nil && e.Decided != nil && e.Decided.Arg == d.Option {
				d.On, d.Fresh = p.day(e.Decided.At), false
			}
			r.decisions[s.Decide.ID] = d
			continue
		}
		if c := r.answer(s); c.Verb != "" {
			r.decisions[s.Decide.ID] = Decision{Option: c.Arg, By: p.known(c.By), On: p.day(c.At), Step: s.ID}
			p.decided(r.key, s.Decide.ID, c.Arg)
		}
	}
}

// answer returns the command that gave the present answer to the question of a step, in
// whichever of its turns: of commands that say the same one after the other the first, since
// it counts from then on. It is the zero Event where nobody answered.
func (r *run) answer(s *schema.Step) (first record.Event) {
	var l []record.Event
	for key, e := range r.entries {
		if r.step(stepOf(key)) != s {
			continue
		}
		for _, c := range e.Commands {
			if c.Command == wordDecide && slices.Contains(s.Decide.Options, c.Arg) {
				l = append(l, c)
			}
		}
	}
	slices.SortFunc(l, record.CompareCommands)
	for _, c := range l {
		if c.Arg != first.Arg {
			first = c
		}
	}
	return first
}

// fileDecisions returns what the client's file decides.
func fileDecisions(a *schema.Assignment) map[string]Decision {
	l := make(map[string]Decision, len(a.Decisions))
	for id, option := range a.Decisions {
		l[id] = Decision{Option: option}
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

// since tells the facts since when each answer counts: since it was given, or since its step
// was signed off where that is asked.
func (p *Progress) since(r *run) {
	for _, s := range r.steps {
		if s.Decide == nil || r.decisions[s.Decide.ID].Option == "" {
			continue
		}
		on := r.decisions[s.Decide.ID].On
		if e, ok := p.facts.Ended[r.key+"/"+s.ID]; ok && len(s.Approve) > 0 {
			on = e.On
		}
		f := p.facts
		if f.DecidedOn == nil {
			f.DecidedOn = map[string]map[string]civil.Date{}
		}
		if f.DecidedOn[r.key] == nil {
			f.DecidedOn[r.key] = map[string]civil.Date{}
		}
		f.DecidedOn[r.key][s.Decide.ID] = on
	}
}
