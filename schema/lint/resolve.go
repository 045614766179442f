package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
)

// resolver walks every reference of a catalog once and keeps those that do not simply
// hold. Paths are put together only for these.
type resolver struct {
	cat       *schema.Catalog
	templates map[string]*template
	// broken are the invalid documents by kind of target and id.
	broken map[suggestKey]string
	loose  []reference
}

func resolve(p *pass) []reference {
	r := &resolver{cat: p.cat, templates: p.byTemplate, broken: map[suggestKey]string{}}
	for _, b := range p.cat.Broken {
		for _, to := range []target{toPerson, toTemplate} {
			if b.ID != "" && (b.Kind == "" || holds(b.Kind, to)) {
				k := suggestKey{to: to, id: b.ID}
				r.broken[k] = cmp.Or(r.broken[k], b.Source.File)
			}
		}
	}
	r.organization(p.cat.Organization)
	for _, d := range p.cat.People {
		r.person(d)
	}
	for _, t := range p.templates {
		r.template(t)
	}
	for _, c := range p.cat.Clients {
		r.client(c)
	}
	for i := range p.assignments {
		r.assignment(&p.assignments[i])
	}
	return r.loose
}

func (r *resolver) organization(o *schema.Organization) {
	if o == nil {
		return
	}
	for i, role := range o.Roles {
		if role.Deputy != "" {
			r.role(role.Deputy, o.Source, "roles", i, "deputy")
		}
		if role.Holder != "" {
			r.known(toPerson, role.Holder, o.Source, "roles", i, "holder")
		}
	}
	r.notices(o.Defaults.Notify, o.Source, "defaults")
	r.via(o.Defaults.Via, o.Source, "defaults")
}

func (r *resolver) person(d *schema.Person) {
	for i, role := range d.Roles {
		r.role(role, d.Source, "roles", i)
	}
	for i, a := range d.Away {
		if a.Deputy != "" {
			r.known(toPerson, a.Deputy, d.Source, "away", i, "deputy")
		}
	}
	if d.Notify != nil {
		r.via(d.Notify.Via, d.Source, "notify")
	}
}

func (r *resolver) client(c *schema.Client) {
	for role, person := range c.Team {
		r.marked(func() { r.role(role, c.Source, "team", role) }, inKey)
		r.known(toPerson, person, c.Source, "team", role)
	}
	for i, n := range c.Inactive {
		if n.ApprovedBy != "" {
			r.known(toPerson, n.ApprovedBy, c.Source, "inactive", i, "approved-by")
		}
	}
}

func (r *resolver) template(t *template) {
	src := t.head.Source
	if t.head.Owner != "" {
		r.known(toPerson, t.head.Owner, src, "owner")
	}
	for _, s := range t.steps {
		r.step(t, s, t.byStep)
	}
	if t.playbook != nil {
		r.playbook(t)
	}
	if t.plan == nil {
		return
	}
	if t.tracking != nil {
		r.who(t.tracking.Owner, src, "tracking", "owner")
	}
	for i, w := range t.plan.Weeks {
		if w.Milestone != "" && t.milestones[w.Milestone] == nil {
			r.missing(toMilestone, w.Milestone, t, stepIndex{}, src, at("weeks", i, "milestone"))
		}
	}
	for i, m := range t.plan.Milestones {
		if o, ok := milestoneOffset(m.Due); ok {
			r.anchor(o.Anchor, t, t.byStep, src, "milestones", i, "due")
		}
	}
}

func (r *resolver) assignment(a *assignment) {
	src, t := a.client.Source, a.template
	r.known(toTemplate, a.Template, src, a.path, "template")
	if t == nil {
		return
	}
	// An override or exception may name a removed step.
	byStep := t.byStep
	if len(a.extra) > 0 {
		byStep = newIndex(byStep.known, a.extra)
	}
	for _, id := range a.keys {
		if !t.tracks(id) {
			r.marked(func() { r.stepID(id, t, t.byStep, src, a.path, "overrides", id) }, inKey)
		}
		if o := a.Overrides[id]; o != nil && refers(o) {
			path := at(a.path, "overrides", id)
			s := schema.Step{Due: o.Due, Owner: o.Owner, With: o.With, Notify: o.Notify, Escalate: o.Escalate}
			r.step(t, step{Step: &s, src: src, path: path}, byStep)
		}
	}
	for _, s := range a.extra {
		r.step(t, s, byStep)
	}
	for i, e := range a.Exceptions {
		if !t.tracks(e.Step) && !(t.perRun() && e.Step == schema.WholeRun) {
			r.stepID(e.Step, t, byStep, src, a.path, "exceptions", i, "step")
		}
	}
	if t.plan != nil {
		for id := range a.Milestones {
			if t.milestones[id] == nil {
				r.marked(func() { r.missing(toMilestone, id, t, stepIndex{}, src, at(a.path, "milestones", id)) }, inKey)
			}
		}
	}
	r.run(a, byStep)
}

// run follows what a client's file says of a run.
func (r *resolver) run(a *assignment, byStep stepIndex) {
	src, t := a.client.Source, a.template
	for id := range a.Decisions {
		if t.questions[id] == nil {
			r.marked(func() { r.missing(toQuestion, id, t, stepIndex{}, src, at(a.path, "decisions", id)) }, inKey)
		}
	}
	for i, x := range a.Approvals {
		path := at(a.path, "approvals", i)
		r.stepID(x.Step, t, byStep, src, path, "step")
		r.role(x.Role, src, path, "role")
		r.known(toPerson, x.By, src, path, "by")
	}
	if t.playbook == nil {
		return
	}
	for id, v := range a.Fields {
		path := at(a.path, "fields", id)
		f := t.field(id)
		if f == nil {
			r.marked(func() { r.missing(toField, id, t, stepIndex{}, src, path) }, inKey)
			continue
		}
		if f.Type == schema.FieldPerson && v.Text != "" {
			r.known(toPerson, v.Text, src, path)
		}
		for i, e := range v.Entries {
			if e.Owner != "" {
				r.known(toPerson, e.Owner, src, path, i, "owner")
			}
		}
	}
}

// playbook follows what a playbook names of its own fields and steps.
func (r *resolver) playbook(t *template) {
	p, src := t.playbook, t.head.Source
	field := func(id string, path ...any) {
		if id != "" && p.Field(id) == nil {
			r.missing(toField, id, t, stepIndex{}, src, at(path...))
		}
	}
	stepID := func(id string, path ...any) {
		if id != "" {
			r.stepID(id, t, t.byStep, src, path...)
		}
	}
	for i, f := range p.Fields {
		stepID(f.RequiredFor, "fields", i, "required-for")
	}
	field(p.RequestedBy, "requested-by")
	if m := p.Marks; m != nil {
		field(m.InstructionsFrom, "marks", "instructions-from")
		stepID(m.From, "marks", "from")
		stepID(m.Until, "marks", "until")
	}
	if o := p.OpensFrom; o != nil {
		field(o.ClientField, "opens-from", "client-field")
	}
}

// refers reports whether an override has any reference in it.
func refers(o *schema.Override) bool {
	return o.Due.Anchor != "" || o.Owner != "" || len(o.With)+len(o.Notify) > 0 || o.Escalate != nil
}

// tracks reports whether an id is that of the issue of a whole run. A client can depart
// from it as from a step, but no step can hang on it.
func (t *template) tracks(id string) bool { return t.tracking != nil && id == schema.WholeRun }

// step follows the references of one step; byStep are the steps that it may name.
func (r *resolver) step(t *template, s step, byStep stepIndex) {
	r.who(s.Owner, s.src, s.path, "owner")
	for i, w := range s.With {
		r.who(w, s.src, s.path, "with", i)
	}
	r.people(s)
	r.notices(s.Notify, s.src, s.path)
	if s.Escalate != nil {
		for i, w := range s.Escalate.To {
			r.who(w, s.src, s.path, "escalate", "to", i)
		}
	}
	if s.Prepares != "" {
		r.stepID(s.Prepares, t, byStep, s.src, s.path, "prepares")
	}
	for i, id := range s.After {
		r.stepID(id, t, byStep, s.src, s.path, "after", i)
	}
	r.anchor(s.Due.Anchor, t, byStep, s.src, s.path, "due")
}

// people follows those who sign a step off, answer for it, are asked, and are told.
func (r *resolver) people(s step) {
	for i, role := range s.Approve {
		r.role(role, s.src, s.path, "approve", i)
	}
	r.who(s.Accountable, s.src, s.path, "accountable")
	for _, l := range []struct {
		field string
		who   []string
	}{{"responsible", s.Responsible}, {"consulted", s.Consulted}, {"informed", s.Informed}} {
		for i, w := range l.who {
			r.who(w, s.src, s.path, l.field, i)
		}
	}
}

func (r *resolver) notices(l []schema.Notice, src schema.Source, path string) {
	for i, n := range l {
		for j, w := range n.To {
			if _, outside := schema.ContactID(w); !outside {
				r.who(w, src, path, "notify", i, "to", j)
			}
		}
		if len(n.Via) > 0 {
			r.via(n.Via, src, at(path, "notify", i))
		}
	}
}

func (r *resolver) via(l []string, src schema.Source, path string) {
	for i, id := range l {
		if r.cat.Organization != nil && r.cat.Channel(id) == nil {
			r.loose = append(r.loose, reference{to: toChannel, id: id, src: src, path: at(path, "via", i)})
		}
	}
}

// who follows a role, or `@` and a person.
func (r *resolver) who(w string, src schema.Source, path ...any) {
	if id, ok := strings.CutPrefix(w, "@"); ok {
		r.known(toPerson, id, src, path...)
	} else if w != "" {
		r.marked(func() { r.role(w, src, path...) }, orPerson)
	}
}

// marked says more of the references that follow finds.
func (r *resolver) marked(follow func(), mark func(*reference)) {
	n := len(r.loose)
	follow()
	for i := n; i < len(r.loose); i++ {
		mark(&r.loose[i])
	}
}

func inKey(r *reference) { r.key = true }

func orPerson(r *reference) { r.who = true }

// role follows a role. Without a valid organization nothing is known of roles.
func (r *resolver) role(id string, src schema.Source, path ...any) {
	if r.cat.Organization == nil {
		return
	}
	if role := r.cat.Role(id); role == nil {
		r.loose = append(r.loose, reference{to: toRole, id: id, src: src, path: at(path...)})
	} else if role.ID != id {
		r.loose = append(r.loose, reference{to: toRole, is: old, id: id, now: role.ID, src: src, path: at(path...)})
	}
}

// known follows a reference to a person or a template.
func (r *resolver) known(to target, id string, src schema.Source, path ...any) {
	now := ""
	if to == toPerson {
		if d := r.cat.Person(id); d != nil {
			now = d.ID
		}
	} else if t := r.cat.Template(id); t != nil {
		now = t.Head().ID
	}
	file := r.broken[suggestKey{to: to, id: id}]
	switch {
	case now == id:
	case file != "":
		r.loose = append(r.loose, reference{to: to, is: broken, id: id, file: file, src: src, path: at(path...)})
	case now != "":
		r.loose = append(r.loose, reference{to: to, is: old, id: id, now: now, src: src, path: at(path...)})
	default:
		r.loose = append(r.loose, reference{to: to, id: id, src: src, path: at(path...)})
	}
}

// stepID follows a reference to a step.
func (r *resolver) stepID(id string, t *template, byStep stepIndex, src schema.Source, path ...any) {
	if s := byStep.find(id); s == nil {
		r.missing(toStep, id, t, byStep, src, at(path...))
	} else if s.ID != id {
		r.loose = append(r.loose, reference{to: toStep, is: old, id: id, now: s.ID, src: src, path: at(path...)})
	}
}

// anchor follows what a due date is counted from.
func (r *resolver) anchor(id string, t *template, byStep stepIndex, src schema.Source, path ...any) {
	switch {
	case id == "" || slices.Contains(anchorWords(t), id) || t.milestones[id] != nil:
	case byStep.find(id) == nil:
		r.missing(toAnchor, id, t, byStep, src, at(path...))
	default:
		r.stepID(id, t, byStep, src, path...)
	}
}

// missing keeps a reference into a template that leads nowhere.
func (r *resolver) missing(to target, id string, t *template, byStep stepIndex, src schema.Source, path string) {
	r.loose = append(r.loose, reference{to: to, id: id, src: src, path: path, template: t, byStep: byStep})
}
