package lint

import (
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// farMove is how far an exception may move a step before the year is taken for a slip: a
// step that moves further would fall into the next turn of its process.
const farMove = 366

var impossibleDate = rule{
	Rule: Rule{ID: "lint/impossible-date", Severity: diag.Error, Summary: "dates that contradict each other"},
	run: func(p *pass) {
		for _, d := range p.cat.People {
			for i, a := range d.Away {
				p.reversed(d.Source, "from", a.From, "to", a.To, "away", i, "to")
			}
		}
		for _, c := range p.cat.Clients {
			for i, x := range c.Inactive {
				p.reversed(c.Source, "from", x.From, "to", x.To, "inactive", i, "to")
			}
			for i, x := range c.Closed {
				p.reversed(c.Source, "from", x.From, "to", x.To, "closed", i, "to")
			}
		}
		for _, t := range p.templates {
			p.reversed(t.head.Source, "published", t.head.Published, "expires", t.head.Expires, "expires")
		}
		p.written(func(_ *template, own *assignment, s *step) {
			if own != nil {
				p.over(own, s)
			}
		})
		for i := range p.assignments {
			a := &p.assignments[i]
			p.reversed(a.client.Source, "start", a.Start, "ended", a.Ended, a.path, "ended")
			if a.template != nil && len(a.Exceptions) > 0 {
				p.moves(a)
			}
		}
	},
}

// reversed reports a second day, written at a path, that comes before the first. The zero
// Date is open.
func (p *pass) reversed(src schema.Source, first string, from civil.Date, second string, to civil.Date, path ...any) {
	if from != 0 && to != 0 && to < from {
		p.report(src, at(path...), "swap the two, or correct the year", "%s %s comes before %s %s", second, to, first, from)
	}
}

// over reports a client's step that ends before the assignment begins.
func (p *pass) over(a *assignment, s *step) {
	p.reversed(s.src, "since", a.Since, "until", s.Until, s.path, "until")
	p.reversed(s.src, "start", a.Start, "until", s.Until, s.path, "until")
}

// moves reports exceptions to days on which nothing would be opened, or that are too far
// off to be meant. A step before the alignment date is nothing strange in itself: most
// yearly processes begin with one.
func (p *pass) moves(a *assignment) {
	for i, e := range a.Exceptions {
		if e.MoveTo == 0 {
			continue
		}
		path := at(a.path, "exceptions", i, "move-to")
		if e.MoveTo < a.Since {
			p.report(a.client.Source, path, "move it to a later day, or set since to an earlier one",
				"%s is moved to %s, before since %s, so it would never be opened", e.Step, e.MoveTo, a.Since)
			continue
		}
		if d := p.occurrence(a, e); d != 0 && (e.MoveTo > d.AddDays(farMove) || e.MoveTo < d.AddDays(-farMove)) {
			p.report(a.client.Source, path, "correct the year or the cycle",
				"%s falls on %s; %s is more than a year away", e.Step, d, e.MoveTo)
		}
	}
}

// occurrence returns the nominal date of what an exception is about, or the zero Date
// where that is not known. The turns of a repeated step are not looked at.
func (p *pass) occurrence(a *assignment, e schema.Exception) civil.Date {
	anchor := a.anchor()
	if !a.template.once() {
		n, ok := turnOf(anchor, e.Cycle)
		if !ok {
			return 0
		}
		anchor = anchor.AddMonths(12 * n)
	}
	if anchor == 0 {
		return 0
	}
	s := a.stepByID(e.Step)
	if s == nil || !s.Every.IsZero() {
		return 0
	}
	return p.timetable(a.template, a, anchor).date(s)
}
