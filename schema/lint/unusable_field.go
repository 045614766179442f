package lint

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var unusableField = rule{
	Rule: Rule{ID: "lint/unusable-field", Severity: diag.Error, Summary: "a field of a playbook that cannot be filled in, or not for what it is used"},
	run: func(p *pass) {
		for _, t := range p.templates {
			if t.playbook != nil {
				p.fieldForms(t)
				p.fieldUses(t)
			}
		}
	},
}

// fieldForms looks at each field by itself, and at names that people cannot tell apart.
func (p *pass) fieldForms(t *template) {
	src, names := t.head.Source, map[string]string{}
	for i := range t.playbook.Fields {
		f, path := &t.playbook.Fields[i], at("fields", i)
		choice := f.Type == schema.FieldChoice
		name := strings.ToLower(strings.Join(strings.Fields(f.Name()), " "))
		switch first, taken := names[name]; {
		case taken && first != f.ID:
			p.report(src, path, "give one of the two another title", "fields %q and %q have one name, so an issue form cannot tell them apart", first, f.ID)
		case choice && len(f.Options) == 0:
			p.report(src, path, "add options", "field %q is a choice without options", f.ID)
		case !choice && len(f.Options) > 0:
			p.advise(src, at(path, "options"), "write type: choice, or take the options out", "field %q is a %s, so its options do nothing", f.ID, f.Type)
		case !choice && f.Several:
			p.advise(src, at(path, "several"), "write type: choice, or take it out", "field %q is a %s, so several does nothing", f.ID, f.Type)
		case f.Required && f.RequiredFor != "":
			p.advise(src, at(path, "required-for"), "keep one of the two", "field %q is required from the start, so required-for does nothing", f.ID)
		}
		names[name] = f.ID
		for j, o := range f.Options {
			if slices.Contains(f.Options[:j], o) {
				p.report(src, at(path, "options", j), "take one of the two out", "field %q offers %q twice", f.ID, o)
			}
		}
	}
}

// fieldUses looks at the fields that the playbook itself reads.
func (p *pass) fieldUses(t *template) {
	b := t.playbook
	of := func(id, path, what string, types ...string) {
		if f := b.Field(id); f != nil && !slices.Contains(types, f.Type) {
			p.report(t.head.Source, path, "write type: "+types[0]+" at the field, or name another", "field %q is a %s, and %s", id, f.Type, what)
		}
	}
	of(b.RequestedBy, "requested-by", "who asked for a run is a person", schema.FieldPerson)
	if b.Marks != nil {
		of(b.Marks.InstructionsFrom, "marks.instructions-from", "instructions are a text or a list", schema.FieldText, schema.FieldList)
	}
	if b.OpensFrom != nil {
		of(b.OpensFrom.ClientField, "opens-from.client-field", "the name of a client is a text", schema.FieldText)
	}
}
