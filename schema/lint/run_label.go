package lint

import (
	"slices"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// ourLabels are those that every issue may get from its step or its state. Those with a colon
// cannot be written as an id.
var ourLabels = []string{"almanac", "blocked", "internal", "overdue", "touchpoint"}

var runLabel = rule{
	Rule: Rule{ID: "lint/run-label", Severity: diag.Error, Summary: "a label of a playbook that means something else already"},
	run: func(p *pass) {
		marks, opens := map[string]*template{}, map[string]*template{}
		for _, t := range p.templates {
			if t.playbook == nil {
				continue
			}
			if m := t.playbook.Marks; m != nil {
				p.ours(t, "marks.label", m.Label)
				marks[m.Label] = t
			}
		}
		for _, t := range p.templates {
			if t.playbook == nil || t.playbook.OpensFrom == nil {
				continue
			}
			label := t.playbook.OpensFrom.Label
			p.ours(t, "opens-from.label", label)
			if first := opens[label]; first != nil {
				p.report(t.head.Source, "opens-from.label", "give each its own label", "issues with the label %q start a run of %s already", label, first.head.ID)
			} else {
				opens[label] = t
			}
			if m := marks[label]; m != nil {
				p.report(t.head.Source, "opens-from.label", "give one of the two another label", "%q is the label that %s puts on every issue of its clients", label, m.head.ID)
			}
		}
	},
}

func (p *pass) ours(t *template, path, label string) {
	if slices.Contains(ourLabels, label) {
		p.report(t.head.Source, path, "choose another word, such as "+t.head.ID, "%q is a label that issues have for another reason", label)
	}
}
