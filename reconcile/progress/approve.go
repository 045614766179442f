package progress

import (
	"cmp"
	"slices"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Approvals are the sign-offs of a step.
type Approvals struct {
	// Of is the hash of what there is to sign off now; "" where the step asks for none.
	Of string
	// Round counts from 1; every rejection begins another one.
	Round int
	// Given stand, in the order of the roles. Void do not, in order of time, and say why.
	Given, Void []Given
	// Missing are the roles that still have to sign, in order.
	Missing []string
	// Lacks are the ids of the fields that the run has to have before, in their order, and of
	// the question that has to be answered.
	Lacks []string
	// Rejected is the last rejection, nil where there is none or somebody signed since.
	Rejected *Rejection
}

// Complete reports whether all sign-offs stand.
func (a *Approvals) Complete() bool { return a.Of != "" && len(a.Missing)+len(a.Lacks) == 0 }

// On returns the day of the last sign-off that stands, the zero Date where there is none.
func (a *Approvals) On() (d civil.Date) {
	for i := range a.Given {
		d = max(d, a.Given[i].On)
	}
	return d
}

// Given is one sign-off.
type Given struct {
	// Role is the role for which it was given, By who gave it, and Of the hash of what.
	Role, By, Of string
	On           civil.Date
	// File says that it is written in the client's file; else Comment is the comment.
	File    bool
	Comment string
	// Why says why it is void; "" while it stands.
	Why string

	at time.Time
}

// Rejection is a refusal to sign off.
type Rejection struct {
	By, Role, Reason string
	On               civil.Date
}

// before reports whether a sign-off came before another one; of a file only the day is known.
func (g *Given) before(o *Given) bool {
	if g.File || o.File {
		return g.On < o.On
	}
	return g.at.Before(o.at)
}

// Approvals returns the sign-offs of an occurrence; the zero value where its step asks for
// none.
func (p *Progress) Approvals(o *due.Occurrence) Approvals {
	switch {
	case len(o.Step.Approve) == 0:
		return Approvals{}
	case p == nil, p.in.Catalog == nil, p.in.Catalog.Organization == nil:
		return Approvals{Round: 1, Missing: slices.Clone(o.Step.Approve), Of: Hash(o.Template, o.Assignment, o.Step, "")}
	}
	return p.approvals(p.runOf(o), o.Step, o.Key)
}

// approvals works out which sign-offs of a step stand.
func (p *Progress) approvals(r *run, s *schema.Step, key string) Approvals {
	e := r.entries[key]
	a := Approvals{Of: Hash(r.template, r.assignment, s, r.option(s)), Round: 1, Lacks: r.lacks(s)}
	reject := last(e, wordReject)
	if reject.Verb != "" {
		for i := range e.Commands {
			if e.Commands[i].Command == wordReject {
				a.Round++
			}
		}
	}
	acts := p.acts(r, s, key)
	for i := range acts {
		acts[i].Why = p.refused(r, s, key, &acts[i], a.Of, reject)
	}
	used := map[int]bool{}
	for n, role := range s.Approve {
		i := p.next(acts, used, role, a.Given)
		if i < 0 {
			a.Missing = slices.Clone(s.Approve[n:])
			break
		}
		used[i] = true
		a.Given = append(a.Given, acts[i])
	}
	for i := range acts {
		if !used[i] {
			acts[i].Why = cmp.Or(acts[i].Why, "somebody has signed for this role, or another one comes first")
			a.Void = append(a.Void, acts[i])
		}
	}
	if reject.Verb != "" && len(a.Given) == 0 {
		a.Rejected = &Rejection{By: p.known(reject.By), Role: reject.Role, Reason: reject.Reason, On: p.day(reject.At)}
	}
	return a
}

// acts returns everything that was signed, in the order of time; the files before comments of
// one day.
func (p *Progress) acts(r *run, s *schema.Step, key string) (l []Given) {
	if schema.RunsOnce(r.template) && key == r.key+"/"+s.ID {
		for _, f := range r.assignment.Approvals {
			if f.Step == s.ID || slices.Contains(s.Previously, f.Step) && r.step(f.Step) == s {
				l = append(l, Given{Role: f.Role, By: p.known(f.By), Of: f.Of, On: f.On, File: true})
			}
		}
	}
	if e := r.entries[key]; e != nil {
		for _, c := range e.Commands {
			if c.Command == wordApprove {
				l = append(l, Given{Role: c.Role, By: p.known(c.By), Of: c.Of, On: p.day(c.At), Comment: c.Comment, at: c.At})
			}
		}
	}
	slices.SortStableFunc(l, func(a, b Given) int { return cmp.Compare(a.On, b.On) })
	return l
}

// next returns the first sign-off for a role that counts after those that were given, or -1.
func (p *Progress) next(acts []Given, used map[int]bool, role string, given []Given) int {
	policy := p.in.Catalog.Organization.Policies.Approvals
	for i := range acts {
		g := &acts[i]
		if used[i] || g.Why != "" || !p.sameRole(g.Role, role) {
			continue
		}
		same := func(o Given) bool { return o.By == g.By }
		switch {
		case len(given) > 0 && g.before(&given[len(given)-1]):
			g.Why = "it came before that of " + given[len(given)-1].Role
		case slices.ContainsFunc(given, same) && !policy.SamePerson:
			g.Why = "the same person has signed for another role"
		default:
			return i
		}
	}
	return -1
}

// sameRole reports whether two ids name one role.
func (p *Progress) sameRole(a, b string) bool {
	role := p.in.Catalog.Role(a)
	return a == b || role != nil && role == p.in.Catalog.Role(b)
}

// refused returns why a sign-off does not count, whatever else was signed.
func (p *Progress) refused(r *run, s *schema.Step, key string, g *Given, of string, reject record.Event) string {
	policy := p.in.Catalog.Organization.Policies.Approvals
	asked := func(role string) bool { return p.sameRole(role, g.Role) }
	rejected := Given{On: p.day(reject.At), at: reject.At}
	switch {
	case g.Of != of:
		return "what was signed off has changed"
	case !slices.ContainsFunc(s.Approve, asked):
		return "the role is not asked"
	case reject.Verb != "" && (g.File && g.On <= rejected.On || !g.File && p.earlier(r.entries[key], g.Comment, reject.Comment)):
		return "it was rejected since"
	case policy.Self:
		return ""
	case g.By == r.requester:
		return "whoever asked for the run does not sign it off"
	case p.owns(r, s, key, g.By):
		return "whoever does the step does not sign it off"
	}
	return ""
}

// earlier reports whether the command of one comment comes before that of another.
func (p *Progress) earlier(e *record.Entry, a, b string) bool {
	at := func(id string) int {
		return slices.IndexFunc(e.Commands, func(c record.Event) bool { return c.Comment == id })
	}
	return at(a) < at(b)
}

// owns reports whether a person owns a step through a role that is not asked to sign it off.
func (p *Progress) owns(r *run, s *schema.Step, key, who string) bool {
	if slices.ContainsFunc(s.Approve, func(role string) bool { return p.sameRole(role, s.Owner) }) {
		return false
	}
	owner, _ := p.holder(r.client, s.Owner)
	return owner == who || p.facts.Taken[key] == who
}

// lacks returns what the run has to have before the step can be signed off.
func (r *run) lacks(s *schema.Step) (l []string) {
	if b, ok := r.template.(*schema.Playbook); ok {
		for _, f := range b.Lacks(r.assignment, s) {
			l = append(l, f.ID)
		}
	}
	if s.Decide != nil && r.option(s) == "" {
		l = append(l, s.Decide.ID)
	}
	return l
}
