package lint

import "github.com/almanac-gitops/almanac/schema"

// Missing is a field that a run still lacks before a step of it can be signed off.
type Missing struct {
	// Step is the present id of the step.
	Step string
	// Field is the id of the field.
	Field string
}

// Readiness returns what a run of a playbook still has to say before its steps can be signed
// off, in the order of the steps and then of the fields. It is no fault of the file, which
// may well be merged: see the rule lint/missing-field for what may not be left out at all.
// Nothing is missing for steps that the client has removed, and for other templates.
func Readiness(cat *schema.Catalog, a *schema.Assignment) []Missing {
	b, ok := cat.Template(a.Template).(*schema.Playbook)
	if !ok {
		return nil
	}
	var l []Missing
	for i := range b.Steps {
		s := &b.Steps[i]
		if o, _ := overrideOf(&assignment{Assignment: a}, s); o != nil && o.Remove {
			continue
		}
		for k := range b.Fields {
			if f := &b.Fields[k]; f.RequiredFor != "" && named(s, f.RequiredFor) && a.Fields[f.ID].IsZero() {
				l = append(l, Missing{Step: s.ID, Field: f.ID})
			}
		}
	}
	return l
}

// named reports whether a step has an id or had it before.
func named(s *schema.Step, id string) bool {
	for _, old := range s.Previously {
		if old == id {
			return true
		}
	}
	return s.ID == id
}
