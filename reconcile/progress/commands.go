package progress

import (
	"cmp"
	"slices"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// The commands that have a say here.
const (
	wordDone       = "done"
	wordSkip       = "skip"
	wordApprove    = "approve"
	wordReject     = "reject"
	wordDecide     = "decide"
	wordReschedule = "reschedule"
	wordTake       = "take"
	wordRelease    = "release"
	wordNote       = "note"
)

// Asked is a command to end a step that is not carried out yet.
type Asked struct {
	Skip       bool
	By, Reason string
	On         civil.Date
}

// Asked returns the command that ends the step with a key, if there is one that is not
// carried out. A step that asks for sign-offs can be skipped so, but not done.
func (p *Progress) Asked(key string) (Asked, bool) {
	if p == nil {
		return Asked{}, false
	}
	a, ok := p.asked[key]
	return a, ok
}

// Released reports whether somebody gave the step with a key back to its pool, and nobody has
// taken it since: then nobody is assigned but by taking it.
func (p *Progress) Released(key string) bool { return p != nil && p.released[key] }

// last returns the newest command with one of the words; the zero Event where there is none.
func last(e *record.Entry, words ...string) record.Event {
	if e == nil {
		return record.Event{}
	}
	for _, c := range slices.Backward(e.Commands) {
		if slices.Contains(words, c.Command) {
			return c
		}
	}
	return record.Event{}
}

// commands takes up what commands of a run ask for, but for sign-offs and decisions.
func (p *Progress) commands(r *run) {
	for _, key := range r.keys() {
		e := r.entries[key]
		if e == nil {
			continue
		}
		step := r.step(stepOf(key))
		if c := last(e, wordDone, wordSkip); c.Verb != "" && !spent(e, c) && step != nil && (c.Command == wordSkip || len(step.Approve) == 0) {
			p.asked[key] = Asked{Skip: c.Command == wordSkip, By: p.person(c.By), Reason: c.Reason, On: p.day(c.At)}
		}
		if c := last(e, wordReschedule); c.Verb != "" {
			p.move(key, c)
		}
		if step != nil {
			p.take(r, step, key, e)
		}
	}
}

// spent reports whether a command is carried out: the step has ended since.
func spent(e *record.Entry, c record.Event) bool {
	return e.State == record.Ended && !e.EndedAt.Before(c.At)
}

// move notes where a command moved a step.
func (p *Progress) move(key string, c record.Event) {
	to, err := civil.Parse(c.Arg)
	if err != nil {
		return
	}
	why := "moved by " + p.name(c.By)
	if c.Reason != "" {
		why += ": " + c.Reason
	}
	if p.facts.Moved == nil {
		p.facts.Moved = map[string]due.Move{}
	}
	p.facts.Moved[key] = due.Move{To: to, Why: why}
}

// take notes who has a step that belongs to a pool: who took it last, unless it was given
// back, else who was given it and may still do it.
func (p *Progress) take(r *run, s *schema.Step, key string, e *record.Entry) {
	who := ""
	switch c := last(e, wordTake, wordRelease); c.Command {
	case wordRelease:
		p.released[key] = true
	case wordTake:
		who = p.person(c.By)
	default:
		if s.Assign == "next-available" && e.State != record.Ended && p.mayDo(r, s, e.Owner) {
			who = p.person(e.Owner)
		}
	}
	if who == "" {
		return
	}
	if p.facts.Taken == nil {
		p.facts.Taken = map[string]string{}
	}
	p.facts.Taken[key] = who
}

// mayDo reports whether a person holds the pool that a step belongs to, and is there today.
func (p *Progress) mayDo(r *run, s *schema.Step, id string) bool {
	who := p.in.Catalog.Person(id)
	_, pool := p.holder(r.client, s.Owner)
	if who == nil || pool == nil {
		return false
	}
	holds := func(id string) bool { return p.in.Catalog.Role(id) == pool }
	return slices.ContainsFunc(who.Roles, holds) && who.Leave(p.in.AsOf) < 0
}

// MayDo reports whether a person holds the pool that the step of an occurrence belongs to,
// and is there today: who is given such a step keeps it for as long.
func (p *Progress) MayDo(o *due.Occurrence, id string) bool {
	if p == nil || p.in.Catalog == nil || p.in.Catalog.Organization == nil {
		return false
	}
	return p.mayDo(&run{client: o.Client}, o.Step, id)
}

// holder returns the person who holds what a step names for a client, or else the pool.
func (p *Progress) holder(c *schema.Client, who string) (id string, pool *schema.Role) {
	if len(who) > 0 && who[0] == '@' {
		return p.person(who[1:]), nil
	}
	role := p.in.Catalog.Role(who)
	for range p.in.Catalog.Organization.Roles {
		if role == nil {
			break
		}
		for _, name := range append([]string{role.ID}, role.Previously...) {
			if person := p.person(c.Team[name]); person != "" && p.in.Catalog.Role(name) == role {
				return person, nil
			}
		}
		if person := p.person(role.Holder); person != "" {
			return person, nil
		}
		if role.Pool {
			return "", role
		}
		role = p.in.Catalog.Role(role.Deputy)
	}
	return "", nil
}

// person returns the current id of a person, "" for one whom the files do not know.
func (p *Progress) person(id string) string {
	if who := p.in.Catalog.Person(id); who != nil {
		return who.ID
	}
	return ""
}

// known returns the current id of a person, or the id itself of one who has left.
func (p *Progress) known(id string) string { return cmp.Or(p.person(id), id) }

// name returns what people call a person.
func (p *Progress) name(id string) string {
	if who := p.in.Catalog.Person(id); who != nil {
		return cmp.Or(who.Name, who.ID)
	}
	return id
}
