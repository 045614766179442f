package lint

import (
	"reflect"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var noEffect = rule{
	Rule: Rule{ID: "lint/no-effect", Severity: diag.Warning, Summary: "an override or exception that changes nothing"},
	run: func(p *pass) {
		shared := sharedFields()
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil {
				continue
			}
			for _, id := range a.keys {
				p.idleOverride(a, id, shared)
			}
			p.idleExceptions(a)
		}
	},
}

// sharedFields pairs the fields that an override can change with those of a step.
func sharedFields() [][2]int {
	var l [][2]int
	override, step := reflect.TypeFor[schema.Override](), reflect.TypeFor[schema.Step]()
	for i := range override.NumField() {
		name := override.Field(i).Name
		if f, ok := step.FieldByName(name); ok && name != "Pos" {
			l = append(l, [2]int{i, f.Index[0]})
		}
	}
	return l
}

func (p *pass) idleOverride(a *assignment, id string, shared [][2]int) {
	o, s := a.Overrides[id], a.template.byStep.find(id)
	if a.template.tracks(id) && o != nil {
		p.idleTracking(a, o, at(a.path, "overrides", id))
	}
	if s == nil {
		return
	}
	says, differs := compare(o, s.Step, shared)
	path := at(a.path, "overrides", id)
	switch {
	case o == nil || !says && !o.Remove:
		p.report(a.client.Source, path, "say what is different, or take it out", "the override of %s says nothing", id)
	case o.Remove && says:
		p.report(a.client.Source, path, "keep remove only", "step %s is removed, so what else the override says does nothing", id)
	case !o.Remove && !differs:
		p.report(a.client.Source, path, "take it out: later changes of the template then reach this client too",
			"the override of %s says what the template says", id)
	}
}

// idleTracking reports what nobody can change of the issue of a whole run: its date is that
// of its steps, and its text the list of them.
func (p *pass) idleTracking(a *assignment, o *schema.Override, path string) {
	for _, f := range []struct {
		field string
		set   bool
	}{
		{"due", !o.Due.IsZero()}, {"week", o.Week != nil}, {"day", o.Day != 0}, {"every", !o.Every.IsZero()}, {"times", o.Times != 0},
		{"until", o.Until != 0}, {"roll", o.Roll != 0}, {"notify", o.Notify != nil}, {"open", o.Open.Set},
		{"checklist", o.Checklist != nil}, {"instructions", o.Instructions != ""}, {"duration", o.Duration != ""},
		{"invite", o.Invite != nil},
	} {
		if f.set {
			p.report(a.client.Source, at(path, f.field), "take it out; an exception with move-to moves the issue",
				"%s follows from the steps of the run, so %s does nothing", schema.WholeRun, f.field)
		}
	}
}

// compare reports whether an override sets any field besides remove, and whether any that
// it sets differs from the step's.
func compare(o *schema.Override, s *schema.Step, shared [][2]int) (says, differs bool) {
	if o == nil {
		return false, false
	}
	override, step := reflect.ValueOf(o).Elem(), reflect.ValueOf(s).Elem()
	for _, f := range shared {
		if v := override.Field(f[0]); !v.IsZero() {
			says = true
			of := step.Field(f[1])
			if v.Kind() == reflect.Pointer && of.Kind() != reflect.Pointer {
				v = v.Elem() // what an override leaves out, a step has all the same
			}
			differs = differs || !reflect.DeepEqual(v.Interface(), of.Interface())
		}
	}
	return says, differs
}

func (p *pass) idleExceptions(a *assignment) {
	for i, e := range a.Exceptions {
		path := at(a.path, "exceptions", i)
		switch s := a.stepByID(e.Step); {
		case s == nil && a.template.byStep.find(e.Step) != nil:
			p.report(a.client.Source, path, "take one of the two out", "step %s is removed by an override, so the exception does nothing", e.Step)
		case s != nil && e.Instance != "" && s.Every.IsZero():
			p.report(a.client.Source, at(path, "instance"), "take instance out", "step %s does not repeat, so there is no instance %q", e.Step, e.Instance)
		}
	}
}
