package lint

import (
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var overlap = rule{
	Rule: Rule{ID: "lint/overlap", Severity: diag.Warning, Summary: "two entries of one list that hold the same days"},
	run: func(p *pass) {
		for _, d := range p.cat.People {
			p.overlaps(d.Source, "away", len(d.Away), func(i int) civil.Days { return civil.Days{From: d.Away[i].From, To: d.Away[i].To} })
		}
		for _, c := range p.cat.Clients {
			p.overlaps(c.Source, "inactive", len(c.Inactive), func(i int) civil.Days { return civil.Days{From: c.Inactive[i].From, To: c.Inactive[i].To} })
			p.overlaps(c.Source, "closed", len(c.Closed), func(i int) civil.Days { return civil.Days{From: c.Closed[i].From, To: c.Closed[i].To} })
		}
	},
}

// overlaps reports every entry of a list that begins before an earlier one has ended.
func (p *pass) overlaps(src schema.Source, field string, n int, days func(i int) civil.Days) {
	if n < 2 {
		return
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(days(a).From - days(b).From) })
	last := days(order[0])
	for _, i := range order[1:] {
		d := days(i)
		if last.Holds(d.From) {
			p.report(src, at(field, i), "put the two together, or correct a date", "%s lies in two entries: %s, and %s", d.From, until(last), until(d))
		}
		if last.To != 0 && (d.To == 0 || d.To > last.To) {
			last = d
		}
	}
}

// until writes a span of days; without an end it goes on.
func until(d civil.Days) string {
	if d.To == 0 {
		return "from " + d.From.String() + " on"
	}
	return d.From.String() + " to " + d.To.String()
}
