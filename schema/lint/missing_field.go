package lint

import "github.com/almanac-gitops/almanac/schema/diag"

// missingField is about what a file needs to be merged. What a step needs to be signed off
// is told where it is signed off, and is no fault of the file.
var missingField = rule{
	Rule: Rule{ID: "lint/missing-field", Severity: diag.Error, Summary: "a run that leaves out what its playbook requires from the start"},
	run: func(p *pass) {
		for i := range p.assignments {
			if a := &p.assignments[i]; a.template != nil && a.template.playbook != nil && a.Ended == 0 {
				p.incomplete(a)
			}
		}
	},
}

// incomplete passes over the field that names the client: a file needs none.
func (p *pass) incomplete(a *assignment) {
	b, path := a.template.playbook, a.path
	if len(a.Fields) > 0 {
		path = at(a.path, "fields")
	}
	misspelt := map[string]bool{}
	for id := range a.Fields {
		if s, ok := diag.Suggest(id, a.template.fieldIDs()); ok && a.template.field(id) == nil {
			misspelt[s] = true // told by unknown-field
		}
	}
	for i := range b.Fields {
		f := &b.Fields[i]
		if misspelt[f.ID] {
			continue
		}
		if !f.Required || !a.Fields[f.ID].IsZero() || b.OpensFrom != nil && b.OpensFrom.ClientField == f.ID {
			continue
		}
		p.report(a.client.Source, path, "add "+f.ID+" under fields", "the run of %q does not say %s, which it has to from the start", a.Template, f.ID)
	}
}
