package lint

import (
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// namedPerson is about playbooks, which nobody knows beforehand for whom they run. A client's
// departure from one may well be a person, and so may an owner in a plan.
var namedPerson = rule{
	Rule: Rule{ID: "lint/named-person", Severity: diag.Warning, Summary: "a playbook that names a person where a role belongs"},
	run: func(p *pass) {
		for _, t := range p.templates {
			if t.playbook == nil {
				continue
			}
			for i := range t.steps {
				p.named(&t.steps[i])
			}
		}
	},
}

func (p *pass) named(s *step) {
	p.byName(s, s.Owner, "owner")
	p.byName(s, s.Accountable, "accountable")
	for i, n := range s.Notify {
		for j, w := range n.To {
			p.byName(s, w, "notify", i, "to", j)
		}
	}
	escalate := s.Escalate
	if escalate == nil {
		escalate = &schema.Escalate{}
	}
	for _, l := range []struct {
		field string
		who   []string
	}{
		{"with", s.With}, {"responsible", s.Responsible}, {"consulted", s.Consulted}, {"informed", s.Informed}, {"escalate.to", escalate.To},
	} {
		for i, w := range l.who {
			p.byName(s, w, l.field, i)
		}
	}
}

func (p *pass) byName(s *step, who string, path ...any) {
	if id, ok := strings.CutPrefix(who, "@"); ok {
		p.report(s.src, at(s.path, at(path...)), "name a role, and let "+id+" hold it", "step %q names %s, for whichever client it runs", s.ID, id)
	}
}
