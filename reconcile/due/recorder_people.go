package due

import (
	"slices"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// opens notes the day from which the issue is open, and why that one.
func (r *recorder) opens(t *track, l *line, o *Occurrence) {
	if o.Opens == 0 {
		return
	}
	s, path := t.written(l, "open")
	why := "the step says " + l.step.Open.String()
	switch {
	case l.whole:
		why = "the first step of the run opens then"
	case l.step.Open.Set:
	case len(t.e.heads(l.step)) == 0:
		s, path, why = schema.Source{}, "", "nobody is told in advance"
	case l.step.Notify != nil:
		s, path = t.written(l, "notify")
		why = "the first heads-up of " + leads(l.step.Notify)
	default:
		s, path = t.e.cat.Organization.Source, "defaults.notify"
		why = "the organization's heads-up of " + leads(t.e.cat.Organization.Defaults.Notify)
	}
	r.note(RuleOpens, s, path, "the issue opens on %s: %s", long(o.Opens), why)
}

// owner notes whom the step asks for and goes the way to the person once more, so that
// every turn of it is written down.
func (r *recorder) owner(t *track, l *line, o *Occurrence) {
	s, path := t.written(l, "owner")
	r.note(RuleOwner, s, path, "%s is for %s", l.step.ID, l.step.Owner)
	who := l.step.Owner
	if taken := t.e.taken(o.Key); taken != "" {
		r.note(RuleTaken, schema.Source{}, "", "it was taken by, or given to, %s", taken[1:])
		who = taken
	}
	t.e.holder(t.client, who, max(o.Due, t.e.opt.AsOf), r)
}

func (r *recorder) person(p *schema.Person) {
	if r != nil {
		r.note(RuleOwner, p.Source, "id", "that is %s", p.Name)
	}
}

func (r *recorder) nobody(c *schema.Client, who string) {
	id, person := strings.CutPrefix(who, "@")
	switch {
	case r == nil:
	case person:
		r.note(RuleOwner, schema.Source{}, "", "there is no person %s", id)
	default:
		r.note(RuleOwner, c.Source, "team", "nobody holds %s for client %s", who, c.ID)
	}
}

func (r *recorder) member(e *Engine, c *schema.Client, role *schema.Role, p *schema.Person) {
	switch {
	case r == nil:
	case p.ID == role.Holder && !named(c, role):
		r.note(RuleOwner, e.cat.Organization.Source, e.rolePath(role, "holder"), "%s is %s wherever a client's team names nobody", role.Title, p.Name)
	default:
		r.note(RuleOwner, c.Source, "team."+role.ID, "%s of client %s is %s", role.Title, c.ID, p.Name)
	}
}

func (r *recorder) pool(e *Engine, role *schema.Role) {
	if r != nil {
		r.note(RuleOwner, e.cat.Organization.Source, e.rolePath(role, "pool"), "%s is a pool: anybody in it may take the step", role.Title)
	}
}

func (r *recorder) vacant(e *Engine, c *schema.Client, role *schema.Role) {
	if r == nil {
		return
	}
	next := "and it has no deputy"
	if role.Deputy != "" {
		next = "so its deputy " + role.Deputy + " is asked"
	}
	r.note(RuleDeputy, e.cat.Organization.Source, e.rolePath(role, "deputy"), "client %s has nobody as %s, %s", c.ID, role.ID, next)
}

func (r *recorder) away(p *schema.Person, i int) {
	if r != nil {
		r.note(RuleAway, p.Source, "away."+strconv.Itoa(i), "%s is away from %s to %s", p.Name, p.Away[i].From, p.Away[i].To)
	}
}

func (r *recorder) named(p *schema.Person, i int, q *schema.Person) {
	if r != nil {
		r.note(RuleDeputy, p.Source, "away."+strconv.Itoa(i)+".deputy", "%s stands in for %s", q.Name, p.Name)
	}
}

func (r *recorder) deputyRole(e *Engine, c *schema.Client, role *schema.Role, q *schema.Person) {
	if r != nil {
		r.note(RuleDeputy, e.cat.Organization.Source, e.rolePath(role, "id"), "the deputy role is %s, which %s holds for client %s", role.ID, q.Name, c.ID)
	}
}

func (r *recorder) stays(p *schema.Person, on civil.Date) {
	if r != nil {
		r.note(RuleDeputy, p.Source, "away", "nobody else is there on %s, so it stays with %s", on, p.Name)
	}
}

// rolePath returns where a field of a role is written in the organization's file.
func (e *Engine) rolePath(role *schema.Role, field string) string {
	for i := range e.cat.Organization.Roles {
		if e.cat.Organization.Roles[i].ID == role.ID {
			return "roles." + strconv.Itoa(i) + "." + field
		}
	}
	return "roles"
}

// named reports whether a client's team names somebody for a role.
func named(c *schema.Client, role *schema.Role) bool {
	return slices.ContainsFunc(append([]string{role.ID}, role.Previously...), func(id string) bool { return c.Team[id] != "" })
}
