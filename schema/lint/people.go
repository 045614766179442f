package lint

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
)

// need is one role or `@person` that a step asks for.
type need struct {
	who  string
	step *step
}

// needs calls yield for everybody that a step does its work with: owner, the others who
// take part, who is told before and after, who signs it off, and who answers for it or is
// asked. One name may come several times.
func (p *pass) needs(s *step, yield func(who string)) {
	yield(s.Owner)
	for _, w := range s.With {
		yield(w)
	}
	notices := s.Notify
	if notices == nil && p.cat.Organization != nil {
		notices = p.cat.Organization.Defaults.Notify
	}
	for _, n := range notices {
		for _, w := range n.To {
			if _, outside := schema.ContactID(w); !outside {
				yield(w)
			}
		}
	}
	if s.Escalate != nil {
		for _, w := range s.Escalate.To {
			yield(w)
		}
	}
	if s.Accountable != "" {
		yield(s.Accountable)
	}
	for _, l := range [][]string{s.Approve, s.Responsible, s.Consulted, s.Informed} {
		for _, w := range l {
			yield(w)
		}
	}
}

// distinct returns the first need of each name, in the order of the steps.
func (p *pass) distinct(steps []step) []need {
	l := make([]need, 0, 4)
	for i := range steps {
		p.needs(&steps[i], func(who string) {
			if who != "" && !slices.ContainsFunc(l, func(n need) bool { return n.who == who }) {
				l = append(l, need{who, &steps[i]})
			}
		})
	}
	return l
}

// staffed is an assignment with what its steps need.
type staffed struct {
	*assignment
	needs []need
}

// staffing calls yield for every assignment that can still produce something, with what
// its steps need.
func (p *pass) staffing(yield func(a *assignment, needs []need)) {
	if p.staff == nil {
		p.staff = p.findStaff()
	}
	for _, s := range p.staff {
		yield(s.assignment, s.needs)
	}
}

// findStaff works out for all rules what staffing yields. Templates that a client does not
// change are worked out once.
func (p *pass) findStaff() []staffed {
	l := make([]staffed, 0, len(p.assignments))
	plain := map[*template][]need{}
	for i := range p.assignments {
		a := &p.assignments[i]
		if a.template == nil || p.finished(a) {
			continue
		}
		if a.changed() {
			l = append(l, staffed{a, p.distinct(a.withWhole(a.steps))})
			continue
		}
		needs, ok := plain[a.template]
		if !ok {
			needs = p.distinct(a.withWhole(a.template.steps))
			plain[a.template] = needs
		}
		l = append(l, staffed{a, needs})
	}
	return l
}

// withWhole adds the issue of the whole run, if there is one, to steps.
func (a *assignment) withWhole(steps []step) []step {
	t, o := a.template.tracking, a.Overrides[schema.WholeRun]
	switch {
	case t == nil, o != nil && o.Remove:
		return steps
	case o != nil:
		t = &step{Step: o.Apply(t.Step), src: a.client.Source, path: at(a.path, "overrides", schema.WholeRun), own: true}
	}
	return append(steps[:len(steps):len(steps)], *t)
}

// finished reports whether nothing more comes of an assignment: its run or its client has ended.
func (p *pass) finished(a *assignment) bool { return ended(a.client) || p.runEnded(a) }

// runEnded reports whether a run has ended. Without a day, any end counts.
func (p *pass) runEnded(a *assignment) bool {
	return a.Ended != 0 && (p.Today == 0 || a.Ended < p.Today)
}

// ended reports whether a client is inactive without an end: nothing is done for it.
func ended(c *schema.Client) bool {
	for _, i := range c.Inactive {
		if i.To == 0 {
			return true
		}
	}
	return false
}

// holder returns who does the work of a role for a client: the person's id, or pool true,
// or neither. A role that the team leaves out falls to its deputies, each once.
func (p *pass) holder(c *schema.Client, role *schema.Role) (person string, pool bool) {
	for range p.cat.Organization.Roles {
		if id := member(c, role); id != "" {
			return id, false
		}
		if role.Pool {
			return "", true
		}
		if role = p.cat.Role(role.Deputy); role == nil {
			break
		}
	}
	return "", false
}

// member returns the person that a team names for a role, also under an earlier id of it,
// else the one who holds it for everybody.
func member(c *schema.Client, role *schema.Role) string {
	if id := c.Team[role.ID]; id != "" {
		return id
	}
	for _, old := range role.Previously {
		if id := c.Team[old]; id != "" {
			return id
		}
	}
	return role.Holder
}

// isPerson splits `@` off a person's id.
func isPerson(who string) (id string, ok bool) { return strings.CutPrefix(who, "@") }
