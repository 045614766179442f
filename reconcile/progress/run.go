package progress

import (
	"maps"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// run is one cycle of a template at a client, and what is known of it by current keys.
type run struct {
	key        string
	client     *schema.Client
	template   schema.Template
	assignment *schema.Assignment
	cycle      string
	steps      []*schema.Step
	requester  string

	entries map[string]*record.Entry
	issues  map[string]*issue.Issue
	// shared holds what the issue that several clients share says of a step.
	shared map[string]due.Ending

	decisions map[string]Decision
	over      *due.Over
	marks     []Mark
}

// runOf returns the run of an occurrence; of one of which nothing is known, what its file says.
func (p *Progress) runOf(o *due.Occurrence) *run {
	if r := p.runs[prefix(o.Key)]; r != nil {
		return r
	}
	return &run{key: prefix(o.Key), client: o.Client, template: o.Template, assignment: o.Assignment, cycle: o.Cycle, decisions: fileDecisions(o.Assignment)}
}

// prefix returns client/template/cycle of a key.
func prefix(key string) string {
	n := 0
	for i := range len(key) {
		if key[i] == '/' {
			if n++; n == 3 {
				return key[:i]
			}
		}
	}
	return key
}

// stepOf returns the part of a key that names the step, without the turn.
func stepOf(key string) string {
	parts := strings.SplitN(key, "/", 5)
	if len(parts) < 4 {
		return ""
	}
	return parts[3]
}

// sorted returns the runs by key.
func (p *Progress) sorted() []*run {
	l := make([]*run, 0, len(p.runs))
	for _, key := range slices.Sorted(maps.Keys(p.runs)) {
		l = append(l, p.runs[key])
	}
	return l
}

// keys returns every key of which anything is known, sorted.
func (r *run) keys() []string {
	known := map[string]bool{}
	for key := range r.entries {
		known[key] = true
	}
	for key := range r.issues {
		known[key] = true
	}
	for key := range r.shared {
		known[key] = true
	}
	for _, s := range r.steps {
		if len(s.Approve) > 0 && len(r.assignment.Approvals) > 0 {
			known[r.key+"/"+s.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(known))
}

// step returns the step with an id, else the one that once had it, or nil.
func (r *run) step(id string) *schema.Step {
	for _, s := range r.steps {
		if s.ID == id {
			return s
		}
	}
	for _, s := range r.steps {
		if slices.Contains(s.Previously, id) {
			return s
		}
	}
	return nil
}

// conditions are what the conditions of the run ask about.
func (r *run) conditions() due.Conditions {
	decided := make(map[string]string, len(r.decisions))
	for id, d := range r.decisions {
		decided[id] = d.Option
	}
	return due.Conditions{Template: r.template, Client: r.client, Assignment: r.assignment, Decided: decided}
}

// there reports whether a step is in the run: Holds, or not known yet, or not.
func (r *run) there(c due.Conditions, s *schema.Step) due.Truth {
	for i := range r.assignment.Exceptions {
		x := &r.assignment.Exceptions[i]
		if x.Cancel && r.step(x.Step) == s && (x.Cycle == r.cycle || x.Cycle == "" && r.cycle == r.assignment.RunID()) && x.Instance == "" {
			return due.Fails
		}
	}
	truth, _, _ := c.Check(s.When)
	return truth
}

// stepsOf returns the steps as a client has them: those of the template, each id once, and
// the client's own, with overrides in place and without those that were taken out.
func stepsOf(t schema.Template, a *schema.Assignment) []*schema.Step {
	var l []*schema.Step
	has := func(id string) bool { return slices.ContainsFunc(l, func(s *schema.Step) bool { return s.ID == id }) }
	add := func(s *schema.Step) {
		if !has(s.ID) {
			l = append(l, s)
		}
	}
	t.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool { add(s); return true })
	for i := range a.ExtraSteps {
		add(&a.ExtraSteps[i])
	}
	if len(a.Overrides) == 0 {
		return l
	}
	kept := make([]*schema.Step, 0, len(l))
	for _, s := range l {
		o := a.Overrides[s.ID]
		for _, old := range s.Previously {
			if o == nil && !has(old) {
				o = a.Overrides[old]
			}
		}
		if o == nil || !o.Remove {
			kept = append(kept, o.Apply(s))
		}
	}
	return kept
}
