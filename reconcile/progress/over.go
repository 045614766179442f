package progress

import (
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// end finds out which steps of a run have ended.
func (p *Progress) end(r *run) {
	for _, key := range r.keys() {
		s := r.step(stepOf(key))
		if s == nil {
			continue // the run as a whole
		}
		if e, ok := p.ending(r, s, key); ok {
			if p.facts.Ended == nil {
				p.facts.Ended = map[string]due.Ending{}
			}
			p.facts.Ended[key] = e
		}
	}
}

// ending returns how a step ended.
func (p *Progress) ending(r *run, s *schema.Step, key string) (due.Ending, bool) {
	e, ok := p.closing(r, key, len(s.Approve) > 0)
	if a, is := p.asked[key]; is {
		e, ok = due.Ending{On: a.On, Skipped: a.Skip}, true
	}
	if len(s.Approve) == 0 || ok && e.Skipped {
		return e, ok
	}
	if a := p.approvals(r, s, key); a.Complete() {
		return due.Ending{On: a.On()}, true
	}
	on, sealed := p.sealed(r, s, key)
	return due.Ending{On: on}, sealed
}

// sealed returns the day on which a step was done that the ledger has as done with all
// sign-offs, for what is decided now. It stays done, whatever was edited since: else one
// corrected word would take back what followed. Who opens its issue again, or sends it
// back, has it open.
func (p *Progress) sealed(r *run, s *schema.Step, key string) (civil.Date, bool) {
	e := r.entries[key]
	if e == nil || e.Sealed == nil || e.State != record.Ended || e.Outcome != record.Done || e.Sealed.Arg != r.option(s) {
		return 0, false
	}
	if is := r.issues[key]; is != nil && is.State != issue.Closed || last(e, wordReject).At.After(e.Sealed.At) {
		return 0, false
	}
	return p.day(e.Sealed.At), true
}

// finish finds out whether and how a run ended.
func (p *Progress) finish(r *run) {
	if a := r.assignment; a.Ended != 0 {
		r.over = &due.Over{On: a.Ended, Outcome: a.Outcome}
	} else {
		r.over = first(p.byDecision(r), p.byEnds(r), p.byIssue(r))
	}
	if r.over == nil {
		return
	}
	if p.facts.Over == nil {
		p.facts.Over = map[string]due.Over{}
	}
	p.facts.Over[r.key] = *r.over
}

// first returns the ending with the earliest day, the first of several; nil where none is.
func first(l ...*due.Over) (over *due.Over) {
	for _, o := range l {
		if o != nil && (over == nil || o.On < over.On) {
			over = o
		}
	}
	return over
}

// byDecision returns the ending that a decision brings.
func (p *Progress) byDecision(r *run) (over *due.Over) {
	c := r.conditions()
	for _, s := range r.steps {
		how := ""
		if s.Decide != nil {
			how = s.Decide.Ends[r.option(s)]
		}
		if how == "" || r.there(c, s) != due.Holds {
			continue
		}
		on, ok := r.decisions[s.Decide.ID].On, true
		if len(s.Approve) > 0 {
			on, ok = p.done(r, s)
		}
		if ok {
			over = first(over, &due.Over{On: on, Outcome: s.Decide.ID + " is " + r.option(s), NotPlanned: how == notPlanned})
		}
	}
	return over
}

// notPlanned is how an ending says that an issue is closed as not planned.
const notPlanned = "not-planned"

// byEnds returns the ending that the steps with `ends` bring, once all that are there are done.
func (p *Progress) byEnds(r *run) (over *due.Over) {
	c := r.conditions()
	for _, s := range r.steps {
		if s.Ends == "" {
			continue
		}
		switch r.there(c, s) {
		case due.Fails:
			continue
		case due.Undecided:
			return nil
		}
		on, ok := p.done(r, s)
		skipped := p.facts.Ended[r.key+"/"+s.ID].Skipped && len(s.Approve) == 0
		if !ok && !skipped {
			return nil
		}
		if ok && (over == nil || on >= over.On) {
			over = &due.Over{On: on, Outcome: s.Title, NotPlanned: s.Ends == notPlanned}
		}
	}
	return over
}

// done returns the day on which a step of a run was done.
func (p *Progress) done(r *run, s *schema.Step) (civil.Date, bool) {
	e, ok := p.facts.Ended[r.key+"/"+s.ID]
	return e.On, ok && !e.Skipped
}

// byIssue returns the ending that a person brought by closing the only issue of the run.
func (p *Progress) byIssue(r *run) *due.Over {
	b, ok := r.template.(*schema.Playbook)
	if !ok || !b.PerRun() {
		return nil
	}
	e, ok := p.closing(r, r.key+"/"+schema.WholeRun, true)
	if !ok {
		return nil
	}
	return &due.Over{On: e.On, Outcome: "its issue was closed", NotPlanned: e.Skipped}
}
