package lint

import (
	"maps"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var fieldValue = rule{
	Rule: Rule{ID: "lint/field-value", Severity: diag.Error, Summary: "a field of a run whose value is of the wrong form"},
	run: func(p *pass) {
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil || len(a.Fields) == 0 {
				continue
			}
			for _, id := range slices.Sorted(maps.Keys(a.Fields)) {
				if f := a.template.field(id); f != nil {
					p.value(a.client.Source, at(a.path, "fields", id), f, a.Fields[id])
				}
			}
		}
	},
}

// value looks at the form of one value. Whether a person or an option is known, other rules
// say.
func (p *pass) value(src schema.Source, path string, f *schema.Field, v schema.Value) {
	several := f.Type == schema.FieldList || f.Type == schema.FieldChoice && f.Several
	if len(v.Entries) > 0 && !several {
		p.report(src, path, "write one value", "%s is a %s, not a list", f.ID, f.Type)
		return
	}
	switch f.Type {
	case schema.FieldDate:
		if _, err := civil.Parse(v.Text); v.Text != "" && err != nil {
			p.report(src, path, "write a day such as 2026-05-22", "%s is a date, and %q is none", f.ID, v.Text)
		}
	case schema.FieldList:
		if v.Text != "" {
			p.report(src, path, "write it in brackets, or one entry a line", "%s is a list, not a single text", f.ID)
		}
	case schema.FieldChoice:
		for i, e := range v.Entries {
			if e.Owner != "" || e.Due != 0 {
				p.report(src, at(path, i), "write the option alone", "%s is a choice, and options have neither owner nor due", f.ID)
			}
		}
	}
}
