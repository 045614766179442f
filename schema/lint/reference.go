package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// target is what a reference leads to.
type target uint8

const (
	toRole target = iota
	toPerson
	toTemplate
	toStep
	toAnchor
	toMilestone
	toChannel
	toField
	toQuestion
)

var targetNames = [...]string{"role", "person", "template", "step", "step or milestone", "milestone", "channel", "field", "question"}

// String returns the singular noun.
func (t target) String() string { return targetNames[t] }

// condition is what is wrong with a reference.
type condition uint8

const (
	unknown condition = iota
	// old is a reference through a previous id.
	old
	// broken is a reference to a document that is there but invalid.
	broken
)

// reference is a reference that does not simply hold.
type reference struct {
	to   target
	is   condition
	id   string
	src  schema.Source
	path string
	// now is the present id of what an old reference leads to.
	now string
	// file is the invalid file that a broken reference leads to.
	file string
	// template is where steps, anchors and milestones are looked for, and byStep its steps
	// with those of a client.
	template *template
	byStep   stepIndex
	// key says that the name is written before a colon, not behind it.
	key bool
	// who says that a person may be named as well, behind an `@`.
	who bool
}

// maxListed is how many names a message lists before it would be a page of text.
const maxListed = 10

// maxCompared is how many names one run compares to find what was meant, about a fifth of
// a second: a file full of mistakes is told without.
const maxCompared = 200_000

// suggestKey tells apart lists of names: those of one target, for steps within a template.
type suggestKey struct {
	to       target
	template *template
	id       string
}

// unknowns reports the references to a target that lead nowhere.
func (p *pass) unknowns(to target) {
	for _, r := range p.loose {
		if r.to != to && (to != toStep || r.to != toAnchor) || r.is != unknown {
			continue
		}
		hint := p.meant(r)
		if r.who && p.cat.Person(r.id) != nil {
			hint = join("write \"@"+r.id+"\" if the person is meant", hint)
		}
		if r.template != nil {
			p.report(r.src, r.path, hint, "template %q has no %s %q", r.template.head.ID, r.to, r.id)
		} else {
			p.report(r.src, r.path, hint, "there is no %s %q", r.to, r.id)
		}
		if r.key {
			f := &p.faults[len(p.faults)-1]
			f.Line, f.Column, f.EndColumn = p.place(r.src, r.path, true)
		}
	}
}

// meant returns the hint for a reference that leads nowhere: the name that was probably
// meant, and all names where they are few. Many references may share one mistake, so the
// answer is kept.
func (p *pass) meant(r reference) string {
	key := suggestKey{r.to, r.template, r.id}
	if s, ok := p.suggestions[key]; ok || p.compared > maxCompared {
		return s
	}
	names := p.names(r)
	p.compared += len(names)
	s := join(meant(r.id, r.to.String(), names), p.unread(r.to))
	p.suggestions[key] = s
	return s
}

// meant says which of the names was probably meant, and lists them where they are few.
func meant(id, noun string, names []string) string {
	hint := ""
	if s, ok := diag.Suggest(id, names); ok {
		hint = "did you mean \"" + s + "\"?"
	}
	switch {
	case len(names) == 0:
		return "there is no " + noun + " yet"
	case len(names) <= maxListed && (hint == "" || len(names) > 1):
		return join(hint, "choose from "+strings.Join(names, ", "))
	}
	return hint
}

// join puts two parts of a hint together; either may be empty.
func join(a, b string) string {
	switch {
	case a == "" || b == "":
		return a + b
	case strings.HasSuffix(a, "?"):
		return a + " " + b
	}
	return a + "; " + b
}

// unread names the first file that could not be understood well enough to know its id:
// the target may be in it.
func (p *pass) unread(to target) string {
	if to != toPerson && to != toTemplate {
		return ""
	}
	for _, b := range p.cat.Broken {
		if b.ID == "" && (b.Kind == "" || holds(b.Kind, to)) {
			return "it may be in " + b.Source.File + ", which is invalid"
		}
	}
	return ""
}

// holds reports whether documents of a kind are what a target names.
func holds(k schema.Kind, to target) bool {
	if to == toPerson {
		return k == schema.KindPerson
	}
	return to == toTemplate && (k == schema.KindProcessTemplate || k == schema.KindOnboardingPlan || k == schema.KindPlaybook)
}

// names returns the ids that a reference may have, sorted.
func (p *pass) names(r reference) []string {
	m := map[string]bool{}
	switch r.to {
	case toStep, toAnchor, toMilestone:
		return r.inTemplate()
	case toField:
		return r.template.fieldIDs()
	case toQuestion:
		return slices.Sorted(maps.Keys(r.template.questions))
	case toPerson:
		for _, d := range p.cat.People {
			m[d.ID] = true
		}
	case toTemplate:
		for id := range p.byTemplate {
			m[id] = true
		}
	case toRole:
		for _, r := range p.cat.Organization.Roles {
			m[r.ID] = true
		}
	case toChannel:
		for _, c := range p.cat.Organization.Channels {
			m[c.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(m))
}

// inTemplate returns the ids of the steps and milestones that a reference may name, sorted.
func (r reference) inTemplate() []string {
	m := map[string]bool{}
	if r.to != toMilestone {
		r.byStep.ids(m)
	}
	if r.to != toStep {
		for id := range r.template.milestones {
			m[id] = true
		}
	}
	if r.to == toAnchor {
		for _, word := range anchorWords(r.template) {
			m[word] = true
		}
	}
	return slices.Sorted(maps.Keys(m))
}

// fieldIDs returns the ids of a playbook's fields, in the order of the file.
func (t *template) fieldIDs() []string {
	if t.playbook == nil {
		return nil
	}
	var l []string
	for _, f := range t.playbook.Fields {
		l = append(l, f.ID)
	}
	return l
}
