package lint

import (
	"reflect"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var noEffect = rule{
	Rule: Rule{ID: "lint/no-effect", Severity: diag.Warning, Summary: "an override or exception that changes nothing"},
	run: func(p *pass) {
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil {
				continue
			}
			for _, id := range overrideKeys(a) {
				p.idleOverride(a, id)
			}
			p.idleExceptions(a)
		}
	},
}

func (p *pass) idleOverride(a *assignment, id string) {
	o, s := a.Overrides[id], a.template.byStep[id]
	path := at(a.path, "overrides", id)
	switch {
	case s == nil:
	case o == nil || same(*o, schema.Override{}):
		p.report(a.client.Source, path, "say what is different, or take it out", "the override of %s says nothing", id)
	case o.Remove && !same(*o, schema.Override{Remove: true}):
		p.report(a.client.Source, path, "keep remove only", "step %s is removed, so what else the override says does nothing", id)
	case !o.Remove && same(*o, asOverride(o, s.Step)):
		p.report(a.client.Source, path, "take it out: later changes of the template then reach this client too",
			"the override of %s says what the template says", id)
	}
}

// same compares what two overrides say, not where they are written.
func same(a, b schema.Override) bool {
	a.Pos, b.Pos = schema.Pos{}, schema.Pos{}
	return reflect.DeepEqual(a, b)
}

// asOverride returns the template's step in the form of an override, with the fields that an
// override sets and no others.
func asOverride(o *schema.Override, s *schema.Step) schema.Override {
	var w schema.Override
	from, to, mask := reflect.ValueOf(s).Elem(), reflect.ValueOf(&w).Elem(), reflect.ValueOf(o).Elem()
	for i := range to.NumField() {
		name := to.Type().Field(i).Name
		if f := from.FieldByName(name); f.IsValid() && f.Type() == to.Field(i).Type() && !mask.Field(i).IsZero() {
			to.Field(i).Set(f)
		}
	}
	return w
}

func (p *pass) idleExceptions(a *assignment) {
	for i, e := range a.Exceptions {
		path := at(a.path, "exceptions", i)
		switch s := a.stepByID(e.Step); {
		case s == nil && a.template.byStep[e.Step] != nil:
			p.report(a.client.Source, path, "take one of the two out", "step %s is removed by an override, so the exception does nothing", e.Step)
		case s != nil && e.Instance != "" && s.Every.IsZero():
			p.report(a.client.Source, at(path, "instance"), "take instance out", "step %s does not repeat, so there is no instance %q", e.Step, e.Instance)
		}
	}
}
