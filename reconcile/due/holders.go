package due

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// crew is everybody who has to do with one step of one client. The same crew serves all
// occurrences of the step, unless somebody in it is away.
type crew struct {
	ready bool
	owner Holder
	with  []Holder
	// heads are those who are told in advance, for each heads-up.
	heads               [][]Holder
	reminded, escalated []Holder
	// count is the number of notices.
	count int
	// watched are the people whose leave would change the crew.
	watched []*schema.Person
}

// known is a role that was looked up before for the client at hand.
type known struct {
	who    string
	holder Holder
	person *schema.Person
}

// seat makes room for the crews of a track.
func (j *job) seat(t *track) {
	t.crews = len(j.crews)
	for range t.lines {
		j.crews = append(j.crews, crew{})
	}
}

// crew returns the people of a step for an occurrence. What is overdue belongs to whoever
// is there today.
func (j *job) crew(t *track, l *line, due civil.Date, key string) *crew {
	on := max(due, j.e.opt.AsOf)
	if who := j.e.taken(key); who != "" {
		other := j.assemble(t, l, who, on)
		return &other
	}
	c := &j.crews[t.crews+l.at]
	if !c.ready {
		*c = j.assemble(t, l, l.step.Owner, 0)
	}
	for _, p := range c.watched {
		if p.Leave(on) >= 0 {
			other := j.assemble(t, l, l.step.Owner, on)
			return &other
		}
	}
	return c
}

// taken returns who has taken the step with a key, as steps name a person; empty where
// nobody has, or nobody who still works there.
func (e *Engine) taken(key string) string {
	if len(e.facts.Taken) == 0 {
		return ""
	}
	if p := e.cat.Person(e.facts.Taken[key]); p != nil {
		return "@" + p.ID
	}
	return ""
}

// assemble looks up the people of a step with an owner as they are on a day; on the zero
// Date nobody is away.
func (j *job) assemble(t *track, l *line, owner string, on civil.Date) crew {
	c := crew{ready: true}
	s, heads := l.step, j.e.heads(l.step)
	c.owner = j.holder(t, &c, owner, on)
	c.with = j.list(t, &c, on, s.With)
	for i := range heads {
		if i == 0 {
			c.heads = make([][]Holder, len(heads))
		}
		if heads[i].To != nil {
			c.heads[i] = j.list(t, &c, on, heads[i].To)
		} else {
			c.heads[i] = j.list(t, &c, on, s.With, owner)
		}
	}
	c.count = len(heads)
	if s.Remind != nil {
		c.reminded = j.list(t, &c, on, nil, owner)
		c.count += reminders(s.Remind)
	}
	if s.Escalate != nil {
		c.escalated = j.list(t, &c, on, s.Escalate.To)
		c.count++
	}
	return c
}

// list looks up several roles and returns who holds them, sorted and each once. Roles that
// nobody holds give nothing.
func (j *job) list(t *track, c *crew, on civil.Date, whos []string, more ...string) []Holder {
	if len(whos)+len(more) == 0 {
		return nil
	}
	l := j.holders.take(len(whos) + len(more))[:0]
	for i := range len(whos) + len(more) {
		who := ""
		if i < len(whos) {
			who = whos[i]
		} else {
			who = more[i-len(whos)]
		}
		if h := j.holder(t, c, who, on); h != (Holder{}) {
			l = append(l, h)
		}
	}
	slices.SortFunc(l, compareHolders)
	return slices.Compact(l)
}

// compareHolders orders as the texts of String do.
func compareHolders(a, b Holder) int {
	if a.Role == "" && b.Role == "" {
		return strings.Compare(a.Person, b.Person)
	}
	return strings.Compare(a.String(), b.String())
}

// holder looks up one role for a crew and notes whose leave matters.
func (j *job) holder(t *track, c *crew, who string, on civil.Date) Holder {
	if on != 0 {
		return j.e.holder(t.client, who, on, nil)
	}
	k := j.lookup(t.client, who)
	if k.person != nil && j.e.everAway(k.person) && !slices.Contains(c.watched, k.person) {
		c.watched = append(c.watched, k.person)
	}
	return k.holder
}

// lookup returns who holds a role while nobody is away, remembered for the client at hand.
func (j *job) lookup(c *schema.Client, who string) known {
	for i := range j.known {
		if j.known[i].who == who {
			return j.known[i]
		}
	}
	k := known{who: who}
	k.person, _, k.holder = j.e.first(c, who, nil)
	j.known = append(j.known, k)
	return k
}

// everAway reports whether a person is away on any day from today on.
func (e *Engine) everAway(p *schema.Person) bool {
	return slices.ContainsFunc(p.Away, func(a schema.Away) bool { return a.To >= e.opt.AsOf })
}

// holder returns who holds a role for a client on a day: the person of the client's team,
// the pool where the role is one and nobody is named, else the holder of the role's deputy
// role. Whoever is away is replaced; where nobody can, the person stays.
func (e *Engine) holder(c *schema.Client, who string, on civil.Date, r *recorder) Holder {
	p, role, h := e.first(c, who, r)
	if p == nil || p.Leave(on) < 0 {
		return h
	}
	return e.deputy(c, p, role, on, r)
}

// first returns who holds a role while nobody is away, and under which role the person
// was found. person is nil where it is a pool or nobody.
func (e *Engine) first(c *schema.Client, who string, r *recorder) (person *schema.Person, role *schema.Role, h Holder) {
	if id, direct := strings.CutPrefix(who, "@"); direct {
		if p := e.cat.Person(id); p != nil {
			r.person(p)
			return p, nil, Holder{Person: p.ID}
		}
		r.nobody(c, who)
		return nil, nil, Holder{}
	}
	role = e.cat.Role(who)
	for range len(e.cat.Organization.Roles) + 1 {
		if role == nil {
			break
		}
		if p := e.member(c, role); p != nil {
			r.member(e, c, role, p)
			return p, role, Holder{Person: p.ID}
		}
		if role.Pool {
			r.pool(e, role)
			return nil, nil, Holder{Role: role.ID}
		}
		r.vacant(e, c, role)
		role = e.cat.Role(role.Deputy)
	}
	r.nobody(c, who)
	return nil, nil, Holder{}
}

// member returns the person whom a client's team names for a role, else the one who holds it
// for everybody, or nil.
func (e *Engine) member(c *schema.Client, role *schema.Role) *schema.Person {
	if id := c.Team[role.ID]; id != "" {
		return e.cat.Person(id)
	}
	for _, old := range role.Previously {
		if id := c.Team[old]; id != "" && e.cat.Role(old) == role {
			return e.cat.Person(id)
		}
	}
	return e.cat.Person(role.Holder)
}

// deputy returns who stands in for a person who is away on a day: whoever the leave names,
// then the holder of the role's deputy role, each followed as far as it leads. Nobody is
// asked twice, so that a ring of deputies ends.
func (e *Engine) deputy(c *schema.Client, p *schema.Person, role *schema.Role, on civil.Date, r *recorder) Holder {
	stays := p
	asked := []*schema.Person{p}
	for range len(e.cat.Organization.Roles) + 1 {
		if p != nil {
			if q := e.standIn(p, &asked, on, r); q != nil {
				return Holder{Person: q.ID}
			}
		}
		if role == nil || e.cat.Role(role.Deputy) == nil {
			break
		}
		role = e.cat.Role(role.Deputy)
		if p = e.member(c, role); p == nil && role.Pool {
			r.pool(e, role)
			return Holder{Role: role.ID}
		}
		if p != nil && slices.Contains(asked, p) {
			p = nil
		}
		if p != nil {
			r.deputyRole(e, c, role, p)
			asked = append(asked, p)
		}
	}
	r.stays(stays, on)
	return Holder{Person: stays.ID}
}

// standIn returns p, or the first of those whom p's leave names in turn who is there; nil
// where all are away.
func (e *Engine) standIn(p *schema.Person, asked *[]*schema.Person, on civil.Date, r *recorder) *schema.Person {
	for {
		i := p.Leave(on)
		if i < 0 {
			return p
		}
		r.away(p, i)
		q := e.cat.Person(p.Away[i].Deputy)
		if q == nil || slices.Contains(*asked, q) {
			return nil
		}
		r.named(p, i, q)
		p, *asked = q, append(*asked, q)
	}
}
