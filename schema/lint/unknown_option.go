package lint

import (
	"maps"
	"slices"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// unknownOption lets the values of attributes be: no list says what they may be.
var unknownOption = rule{
	Rule: Rule{ID: "lint/unknown-option", Severity: diag.Error, Summary: "an answer or a condition that is not among what can be chosen"},
	run: func(p *pass) {
		for _, t := range p.templates {
			for i := range t.steps {
				p.endings(&t.steps[i])
			}
		}
		p.conditions(p.possible)
		for i := range p.assignments {
			a := &p.assignments[i]
			if a.template == nil {
				continue
			}
			for j := range a.extra {
				p.endings(&a.extra[j])
			}
			if len(a.Decisions)+len(a.Fields) > 0 {
				p.chosen(a)
			}
		}
	},
}

// option reports a value that is not among those to choose from.
func (p *pass) option(src schema.Source, path, value, of string, options []string) {
	if !slices.Contains(options, value) {
		p.report(src, path, meant(value, "option", options), "%q is not among the options of %s", value, of)
	}
}

// endings looks at the answers that end a run, and at a question that offers one twice.
func (p *pass) endings(s *step) {
	q := s.Decide
	if q == nil {
		return
	}
	for i, o := range q.Options {
		if slices.Contains(q.Options[:i], o) {
			p.report(s.src, at(s.path, "decide.options", i), "take one of the two out", "question %q offers %q twice", q.ID, o)
		}
	}
	for _, o := range slices.Sorted(maps.Keys(q.Ends)) {
		p.option(s.src, at(s.path, "decide.ends", o), o, "question "+q.ID, q.Options)
	}
}

// possible reports values with which a condition can never hold.
func (p *pass) possible(t *template, src schema.Source, path string, w schema.When) {
	for _, id := range slices.Sorted(maps.Keys(w)) {
		if len(w[id]) == 0 {
			p.report(src, at(path, id), "write the values with which it holds", "the condition on %q names no value, so it never holds", id)
		}
		of, options := t.optionsOf(id)
		for i, value := range w[id] {
			if of != "" {
				p.option(src, at(path, id, i), value, of, options)
			}
		}
	}
}

// optionsOf returns what a condition can be compared with, and what it asks about; "" where
// anything may stand.
func (t *template) optionsOf(id string) (of string, options []string) {
	if s := t.questions[id]; s != nil {
		return "question " + id, s.Decide.Options
	}
	if t.milestones[id] != nil {
		return "milestone " + id, []string{"scheduled", "unscheduled"}
	}
	if f := t.field(id); f != nil && f.Type == schema.FieldChoice && len(f.Options) > 0 {
		return "field " + id, f.Options
	}
	return "", nil
}

// chosen looks at what a run decided, and at what it chose in its fields.
func (p *pass) chosen(a *assignment) {
	for _, id := range slices.Sorted(maps.Keys(a.Decisions)) {
		if s := a.template.questions[id]; s != nil {
			p.option(a.client.Source, at(a.path, "decisions", id), a.Decisions[id], "question "+id, s.Decide.Options)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.Fields)) {
		f := a.template.field(id)
		if f == nil || f.Type != schema.FieldChoice || len(f.Options) == 0 {
			continue
		}
		for i, text := range a.Fields[id].Texts() {
			path := at(a.path, "fields", id)
			if a.Fields[id].Text == "" {
				path = at(path, i)
			}
			p.option(a.client.Source, path, text, "field "+id, f.Options)
		}
	}
}
