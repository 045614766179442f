package lint

import (
	"cmp"

	"github.com/almanac-gitops/almanac/schema/diag"
)

var exceptionKind = rule{
	Rule: Rule{ID: "lint/exception-kind", Severity: diag.Error, Summary: "an exception that neither moves nor cancels, does both, or stands twice"},
	run: func(p *pass) {
		for i := range p.assignments {
			if a := &p.assignments[i]; len(a.Exceptions) > 0 {
				p.exceptions(a)
			}
		}
	},
}

func (p *pass) exceptions(a *assignment) {
	first := map[[3]string]int{}
	for i, e := range a.Exceptions {
		path := at(a.path, "exceptions", i)
		switch {
		case e.Cancel && e.MoveTo != 0:
			p.report(a.client.Source, path, "keep move-to or cancel", "the exception for %s both moves and cancels it", e.Step)
		case !e.Cancel && e.MoveTo == 0:
			p.report(a.client.Source, path, "add move-to with a date, or cancel: true", "the exception for %s neither moves nor cancels it", e.Step)
		}
		key := [3]string{e.Step, e.Cycle, e.Instance}
		if a.template != nil && a.template.once() {
			key[1] = cmp.Or(e.Cycle, a.RunID())
		}
		if j, again := first[key]; again {
			p.report(a.client.Source, path, "keep one of the two", "there is an exception for this occurrence of %s already (%s)", e.Step, at(a.path, "exceptions", j))
		} else {
			first[key] = i
		}
	}
}
