package lint

import (
	"maps"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// unknownCondition takes an attribute for known as soon as any client has it. Where nobody
// is in the template yet, the clients that will have it may still come.
var unknownCondition = rule{
	Rule: Rule{ID: "lint/unknown-condition", Severity: diag.Error, Summary: "a condition on something that neither the template nor any client has"},
	run: func(p *pass) {
		var attributes map[string]bool
		used := map[*template]bool{}
		for i := range p.assignments {
			used[p.assignments[i].template] = true
		}
		p.conditions(func(t *template, src schema.Source, path string, w schema.When) {
			for _, id := range slices.Sorted(maps.Keys(w)) {
				if t.asked(id) {
					continue
				}
				if attributes == nil {
					attributes = p.attributes()
				}
				if attributes[id] {
					continue
				}
				tell := p.report
				if !used[t] {
					tell = p.advise
				}
				tell(src, at(path, id), meant(id, "condition", append(t.askable(), slices.Sorted(maps.Keys(attributes))...)),
					"nothing is called %q: it is no question, milestone or field of %q, and no client has such an attribute", id, t.head.ID)
			}
		})
	},
}

// conditions calls yield for everything that hangs on conditions, wherever it is written.
func (p *pass) conditions(yield func(t *template, src schema.Source, path string, w schema.When)) {
	steps := func(t *template, l []step) {
		for i := range l {
			if len(l[i].When) > 0 {
				yield(t, l[i].src, at(l[i].path, "when"), l[i].When)
			}
		}
	}
	for _, t := range p.templates {
		steps(t, t.steps)
		if t.playbook != nil && t.playbook.Marks != nil {
			yield(t, t.head.Source, "marks.when", t.playbook.Marks.When)
		}
		if t.plan != nil {
			for i, m := range t.plan.Milestones {
				yield(t, t.head.Source, at("milestones", i, "when"), m.When)
			}
		}
	}
	for i := range p.assignments {
		steps(p.assignments[i].template, p.assignments[i].extra)
	}
}

// asked reports whether a condition finds its name in the template.
func (t *template) asked(id string) bool {
	return t.questions[id] != nil || t.milestones[id] != nil || t.field(id) != nil
}

// askable returns the names that conditions find in the template, by what they are and then
// by name.
func (t *template) askable() []string {
	return slices.Concat(slices.Sorted(maps.Keys(t.questions)), slices.Sorted(maps.Keys(t.milestones)), t.fieldIDs())
}

// attributes returns the names of all attributes that any client has.
func (p *pass) attributes() map[string]bool {
	m := map[string]bool{}
	for _, c := range p.cat.Clients {
		for name := range c.Attributes {
			m[name] = true
		}
	}
	return m
}
