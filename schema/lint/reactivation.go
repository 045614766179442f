package lint

import (
	"cmp"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// reactivation counts the lock from the first day of a pause. The day after the last one
// is the return; a return exactly one lock later needs nobody's approval.
var reactivation = rule{
	Rule: Rule{ID: "lint/reactivation", Severity: diag.Error, Summary: "a client that comes back within the lock without an approval"},
	run: func(p *pass) {
		lock := (&schema.Organization{}).ReactivationLock()
		if o := p.cat.Organization; o != nil {
			lock = o.ReactivationLock()
		}
		for _, c := range p.cat.Clients {
			if len(c.Inactive) > 0 {
				p.returns(c, lock)
			}
		}
	},
}

// pause is an inactive time and its place in the client's list.
type pause struct {
	schema.Inactive
	i int
}

// returns takes pauses that follow each other without a day between for one.
func (p *pass) returns(c *schema.Client, lock civil.Span) {
	pauses := make([]pause, len(c.Inactive))
	for i, x := range c.Inactive {
		pauses[i] = pause{x, i}
	}
	slices.SortStableFunc(pauses, func(a, b pause) int { return cmp.Compare(a.From, b.From) })
	first := pauses[0].From
	for k, x := range pauses {
		if k > 0 && !touches(pauses[k-1].Inactive, x.Inactive) {
			first = x.From
		}
		if x.To == 0 || x.ApprovedBy != "" || k+1 < len(pauses) && touches(x.Inactive, pauses[k+1].Inactive) {
			continue
		}
		if back, free := x.To.AddDays(1), p.workdays.Add(first, lock, 1); back < free && x.To >= first {
			p.report(c.Source, at("inactive", x.i), "add approved-by with the person who agreed, or let it rest until "+free.AddDays(-1).String(),
				"%s went inactive on %s and is back on %s, within the lock of %s", c.ID, first, back, lock)
		}
	}
}

// touches reports whether b begins at the latest on the day after the end of a.
func touches(a, b schema.Inactive) bool { return a.To == 0 || b.From <= a.To.AddDays(1) }
