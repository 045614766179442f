package lint

import (
	"strconv"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var unknownCycle = rule{
	Rule: Rule{ID: "lint/unknown-cycle", Severity: diag.Error, Summary: "an exception for a year or run that does not exist"},
	run: func(p *pass) {
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil {
				continue
			}
			for j, e := range a.Exceptions {
				if a.template.once() {
					p.unknownRun(a, e, at(a.path, "exceptions", j))
				} else {
					p.unknownYear(a, e, at(a.path, "exceptions", j))
				}
			}
		}
	},
}

func (p *pass) unknownRun(a *assignment, e schema.Exception, path string) {
	if e.Cycle != "" && e.Cycle != a.RunID() {
		p.report(a.client.Source, at(path, "cycle"), "write "+a.RunID()+", or leave cycle out", "this is run %q of %s, not %q", a.RunID(), a.Template, e.Cycle)
	}
}

func (p *pass) unknownYear(a *assignment, e schema.Exception, path string) {
	first := a.anchor()
	switch _, ok := turnOf(first, e.Cycle); {
	case ok:
	case e.Cycle == "":
		p.report(a.client.Source, path, "add cycle, the year of the alignment date that is meant", "the exception for %s does not say which year it is about", e.Step)
	case !isYear(e.Cycle):
		p.report(a.client.Source, at(path, "cycle"), "write a year, such as 2026", "cycle %q is not a year, which %s is counted in", e.Cycle, a.Template)
	case first != 0:
		p.report(a.client.Source, at(path, "cycle"), "write "+strconv.Itoa(first.Year())+" or a later year",
			"there is no cycle %s: the first one of %s is that of the alignment date %s", e.Cycle, a.client.ID, first)
	}
}

// turnOf returns how many years after the first a cycle of a process is; false for what is
// no year, for a year before the first, and where there is no first.
func turnOf(first civil.Date, cycle string) (n int, ok bool) {
	year, _ := strconv.Atoi(cycle)
	return year - first.Year(), first != 0 && isYear(cycle) && year >= first.Year()
}

// isYear reports whether a cycle is written as a year, in four digits.
func isYear(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil && len(s) == 4
}
