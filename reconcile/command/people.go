package command

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
)

// works reports whether the author has to do with the step: owns it, takes part, or holds a
// role that does.
func (j *judging) works() bool {
	s := j.step.Step
	return j.answers() || slices.ContainsFunc(slices.Concat(s.With, s.Responsible), j.holds)
}

// answers reports whether the author answers for the step: owns it, could, or is the one
// who is accountable.
func (j *judging) answers() bool {
	s := j.step.Step
	return j.step.Owner.Person == j.person.ID || j.holds(s.Owner) || s.Accountable != "" && j.holds(s.Accountable)
}

// holds reports whether the author is meant by a role, or by `@` and a person, for the
// client of the step: as the client's team has it, as the deputy of somebody who is away, or
// as one of a pool.
func (j *judging) holds(who string) bool {
	if id, ok := strings.CutPrefix(who, "@"); ok {
		p := j.Catalog.Person(id)
		return p != nil && p.ID == j.person.ID
	}
	h := j.Engine.Holder(j.step, who)
	if h == (due.Holder{Person: j.person.ID}) {
		return true
	}
	role := j.Catalog.Role(who)
	if role == nil {
		return false
	}
	for id, person := range j.step.Client.Team {
		if p := j.Catalog.Person(person); p == j.person && j.Catalog.Role(id) == role {
			return true
		}
	}
	return role.Pool && slices.ContainsFunc(j.person.Roles, func(id string) bool { return j.Catalog.Role(id) == role })
}

// isPool reports whether the step's owner is a role that is a pool.
func (j *judging) isPool() bool {
	r := j.Catalog.Role(j.step.Step.Owner)
	return r != nil && r.Pool
}

// notYours says who could do what was asked for.
func (j *judging) notYours(what string) string {
	return "you do not have this step, so you cannot " + what + ": ask " + j.ownerName() + " to write " + j.write()
}

// ownerName is who has the step, in words.
func (j *judging) ownerName() string {
	if p := j.Catalog.Person(j.step.Owner.Person); p != nil {
		return p.Name
	}
	return "somebody from " + j.roles([]string{strings.TrimPrefix(j.step.Step.Owner, "@")})
}

// roles are the titles of roles, in their order.
func (j *judging) roles(ids []string) string {
	l := make([]string, len(ids))
	for i, id := range ids {
		l[i] = id
		if r := j.Catalog.Role(id); r != nil {
			l[i] = r.Title
		}
	}
	return strings.Join(l, ", then ")
}
