package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

var duplicateID = rule{
	Rule: Rule{ID: "lint/duplicate-id", Severity: diag.Error, Summary: "one id for two things, now or under an earlier name"},
	run: func(p *pass) {
		duplicateDocuments(p)
		duplicateSteps(p)
		duplicateConditions(p)
	},
}

// claim is one use of an id.
type claim struct {
	src  schema.Source
	path string
	// noun and name say what uses the id; with old, it did so earlier. A word of the
	// language has no name.
	noun, name string
	old        bool
}

// what says in words what uses the id.
func (c claim) what() string {
	switch {
	case c.name == "":
		return c.noun
	case c.old:
		return "an earlier id of " + c.noun + " " + c.name
	}
	return c.noun + " " + c.name
}

// claims are the ids in use within one name space, case ignored.
type claims map[string]claim

// take reports the id if something else has it; the first keeps it.
func (c claims) take(p *pass, noun, id string, now claim) {
	key := strings.ToLower(id)
	first, used := c[key]
	if !used {
		c[key] = now
		return
	}
	p.report(now.src, now.path, "give one of the two another id", "%s id %q is already taken by %s%s", noun, id, first.what(), p.where(first))
}

// where says at which line an id was taken; a word of the language was taken nowhere.
func (p *pass) where(c claim) string {
	if c.path == "" {
		return ""
	}
	line := c.src.Pos.Line
	if p.Locate != nil {
		line, _, _ = p.Locate(c.src, c.path)
	}
	return fmt.Sprintf(" (%s:%d)", c.src.File, line)
}

// document claims the present id of a document.
func (c claims) document(p *pass, noun string, m *schema.Meta) {
	c.take(p, noun, m.ID, claim{src: m.Source, path: "id", noun: noun, name: m.ID})
}

// previous claims the earlier ids of something; path leads to `previously`.
func (c claims) previous(p *pass, noun, id string, previously []string, src schema.Source, path string) {
	for i, old := range previously {
		c.take(p, noun, old, claim{src, at(path, i), noun, id, true})
	}
}

func duplicateDocuments(p *pass) {
	people, clients, templates := claims{}, make(claims, len(p.cat.Clients)), claims{}
	clients[schema.AllClients] = claim{noun: "the issues that several clients share"}
	spaces := []struct {
		c    claims
		noun string
		of   func(schema.Kind) bool
	}{
		{people, "person", func(k schema.Kind) bool { return k == schema.KindPerson }},
		{clients, "client", func(k schema.Kind) bool { return k == schema.KindClient }},
		{templates, "template", func(k schema.Kind) bool { return holds(k, toTemplate) }},
	}
	documents := p.cat.Documents()
	for _, s := range spaces {
		for _, d := range documents {
			if m := d.Head(); s.of(m.Kind) {
				s.c.document(p, s.noun, m)
			}
		}
		for _, d := range documents {
			if m := d.Head(); s.of(m.Kind) {
				s.c.previous(p, s.noun, m.ID, m.Previously, m.Source, "previously")
			}
		}
	}
	if o := p.cat.Organization; o != nil {
		duplicateRoles(p, o)
	}
	for _, c := range p.cat.Clients {
		contacts := claims{}
		for i, k := range c.Contacts {
			contacts.take(p, "contact", k.ID, claim{src: c.Source, path: at("contacts", i, "id"), noun: "contact", name: k.ID})
		}
	}
}

func duplicateRoles(p *pass, o *schema.Organization) {
	roles, channels := claims{}, claims{}
	for i, r := range o.Roles {
		roles.take(p, "role", r.ID, claim{src: o.Source, path: at("roles", i, "id"), noun: "role", name: r.ID})
	}
	for i, r := range o.Roles {
		roles.previous(p, "role", r.ID, r.Previously, o.Source, at("roles", i, "previously"))
	}
	for i, c := range o.Channels {
		channels.take(p, "channel", c.ID, claim{src: o.Source, path: at("channels", i, "id"), noun: "channel", name: c.ID})
	}
}

// duplicateSteps looks within templates. Milestones and steps share a name space, since a
// due date may be counted from either, and so do the word for the template's own anchor and
// the id that keys have for a whole run.
func duplicateSteps(p *pass) {
	taken := map[*template]claims{}
	for _, t := range p.templates {
		taken[t] = stepClaims(p, t)
		taken[t].steps(p, t.steps)
	}
	for i := range p.assignments {
		a := &p.assignments[i]
		if len(a.extra) > 0 && !taken[a.template].allow(a.extra) {
			maps.Clone(taken[a.template]).steps(p, a.extra)
		}
	}
}

// allow reports whether all ids of steps are free, as they mostly are.
func (c claims) allow(steps []step) bool {
	own := make([]string, 0, len(steps))
	free := func(id string) bool {
		id = strings.ToLower(id)
		_, used := c[id]
		used = used || len(own) > fewSteps || slices.Contains(own, id)
		own = append(own, id)
		return !used
	}
	for _, s := range steps {
		if !free(s.ID) || slices.ContainsFunc(s.Previously, func(old string) bool { return !free(old) }) {
			return false
		}
	}
	return true
}

// stepClaims begins the name space of a template's steps.
func stepClaims(p *pass, t *template) claims {
	c := claims{schema.WholeRun: {src: t.head.Source, noun: "the issue of a whole run"}}
	for _, word := range anchorWords(t) {
		c[word] = claim{src: t.head.Source, noun: "the word for the template's own anchor"}
	}
	if t.plan != nil {
		for i, m := range t.plan.Milestones {
			c.take(p, "milestone", m.ID, claim{src: t.head.Source, path: at("milestones", i, "id"), noun: "milestone", name: m.ID})
		}
	}
	return c
}

func (c claims) steps(p *pass, steps []step) {
	for _, s := range steps {
		c.take(p, "step", s.ID, claim{src: s.src, path: at(s.path, "id"), noun: "step", name: s.ID})
	}
	for _, s := range steps {
		c.previous(p, "step", s.ID, s.Previously, s.src, at(s.path, "previously"))
	}
}

// duplicateConditions looks at what conditions find by name: the questions, milestones and
// fields of a template share one name space.
func duplicateConditions(p *pass) {
	for _, t := range p.templates {
		c := claims{}
		for i := range t.steps {
			s := &t.steps[i]
			if q := s.Decide; q != nil {
				c.take(p, "question", q.ID, claim{src: s.src, path: at(s.path, "decide.id"), noun: "the question of step", name: s.ID})
			}
		}
		if t.plan != nil {
			for i, m := range t.plan.Milestones {
				if _, question := c[m.ID]; question {
					c.take(p, "milestone", m.ID, claim{src: t.head.Source, path: at("milestones", i, "id"), noun: "milestone", name: m.ID})
				}
			}
		}
		if t.playbook != nil {
			for i, f := range t.playbook.Fields {
				c.take(p, "field", f.ID, claim{src: t.head.Source, path: at("fields", i, "id"), noun: "field", name: f.ID})
			}
		}
	}
}
