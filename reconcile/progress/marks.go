package progress

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Mark is what a run shows on all issues of its client.
type Mark struct {
	Label string
	// Instructions are what the run's field says, one line for each entry.
	Instructions string
	// Template and Run are their ids.
	Template, Run string
	// Since is the day from which it is shown.
	Since civil.Date
}

// Marks returns the marks of a client that are active, sorted by label, template and run.
func (p *Progress) Marks(client string) []Mark {
	if p == nil {
		return nil
	}
	return p.marks[client]
}

// mark finds out whether the mark of a run is active.
func (p *Progress) mark(r *run) {
	b, ok := r.template.(*schema.Playbook)
	if !ok || b.Marks == nil || r.over != nil && r.over.On <= p.in.AsOf {
		return
	}
	m, since := b.Marks, r.assignment.Start
	if s := r.step(m.From); m.From != "" {
		e, ok := due.Ending{}, false
		if s != nil {
			e, ok = p.facts.Ended[r.key+"/"+s.ID]
		}
		if !ok || e.Skipped {
			return
		}
		since = max(since, e.On)
	}
	if s := r.step(m.Until); s != nil {
		if _, ended := p.facts.Ended[r.key+"/"+s.ID]; ended {
			return
		}
	}
	if truth, _, _ := r.conditions().Check(m.When); truth != due.Holds || since == 0 || since > p.in.AsOf {
		return
	}
	r.marks = []Mark{{Label: m.Label, Instructions: strings.Join(r.assignment.Fields[m.InstructionsFrom].Texts(), "\n"), Template: b.ID, Run: r.cycle, Since: since}}
	p.marks[r.client.ID] = append(p.marks[r.client.ID], r.marks...)
}

// sortMarks puts the marks of every client in order.
func (p *Progress) sortMarks() {
	for _, l := range p.marks {
		slices.SortFunc(l, func(a, b Mark) int {
			return cmp.Or(strings.Compare(a.Label, b.Label), strings.Compare(a.Template, b.Template), strings.Compare(a.Run, b.Run))
		})
	}
}
