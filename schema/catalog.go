package schema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// Catalog is everything that a repository says, read at one moment. Lists are sorted by
// id, so that nothing depends on the names or the order of files. A Catalog is not changed
// after Index; any number of goroutines may read it.
type Catalog struct {
	// Organization is nil where the repository has no valid one.
	Organization *Organization
	People       []*Person
	Clients      []*Client
	Processes    []*ProcessTemplate
	Plans        []*OnboardingPlan
	Playbooks    []*Playbook
	// Broken are the documents that could not be used, by file and position.
	Broken []Broken

	people    map[string]*Person
	clients   map[string]*Client
	templates map[string]Template
	roles     map[string]*Role
	channels  map[string]*Channel
}

// Broken is a document that is invalid or unreadable. What could be told of it is told;
// Kind and ID may be empty.
type Broken struct {
	Source Source
	Kind   Kind
	ID     string
}

// Template is what a client can be in.
type Template interface {
	Document
	// Describe returns title, owner, version and dates.
	Describe() *TemplateHead
	// Walk calls yield for every step of the template, in the order of the file. For a
	// process the week is nil. It stops when yield returns false.
	Walk(yield func(week *PlanWeek, step *Step) bool)
}

// Describe returns the head itself.
func (h *TemplateHead) Describe() *TemplateHead { return h }

// Walk yields every step; the week is nil.
func (t *ProcessTemplate) Walk(yield func(*PlanWeek, *Step) bool) {
	for i := range t.Steps {
		if !yield(nil, &t.Steps[i]) {
			return
		}
	}
}

// Walk yields every step with its week.
func (p *OnboardingPlan) Walk(yield func(*PlanWeek, *Step) bool) {
	for i := range p.Weeks {
		for j := range p.Weeks[i].Steps {
			if !yield(&p.Weeks[i], &p.Weeks[i].Steps[j]) {
				return
			}
		}
	}
}

// Index sorts the lists and makes the look-ups work. It must be called once, after the
// last document is in. Of two documents with one id the first by file and position is
// found; lint reports the other. A previous id finds its document unless the id is in use.
func (c *Catalog) Index() {
	sortDocuments(c.People)
	sortDocuments(c.Clients)
	sortDocuments(c.Processes)
	sortDocuments(c.Plans)
	sortDocuments(c.Playbooks)
	slices.SortFunc(c.Broken, func(a, b Broken) int { return compareSource(a.Source, b.Source) })
	c.people = index(c.People)
	c.clients = index(c.Clients)
	templates := make([]Template, 0, len(c.Processes)+len(c.Plans)+len(c.Playbooks))
	for _, p := range c.Processes {
		templates = append(templates, p)
	}
	for _, p := range c.Plans {
		templates = append(templates, p)
	}
	for _, p := range c.Playbooks {
		templates = append(templates, p)
	}
	c.templates = index(templates)
	c.roles, c.channels = map[string]*Role{}, map[string]*Channel{}
	if o := c.Organization; o != nil {
		for i := range o.Roles {
			c.roles[o.Roles[i].ID] = cmp.Or(c.roles[o.Roles[i].ID], &o.Roles[i])
		}
		for i := range o.Roles {
			for _, old := range o.Roles[i].Previously {
				c.roles[old] = cmp.Or(c.roles[old], &o.Roles[i])
			}
		}
		for i := range o.Channels {
			c.channels[o.Channels[i].ID] = cmp.Or(c.channels[o.Channels[i].ID], &o.Channels[i])
		}
	}
}

func sortDocuments[D Document](l []D) {
	slices.SortFunc(l, func(a, b D) int {
		x, y := a.Head(), b.Head()
		return cmp.Or(cmp.Compare(x.ID, y.ID), compareSource(x.Source, y.Source))
	})
}

func compareSource(a, b Source) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Document, b.Document),
		cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
}

func index[D Document](l []D) map[string]D {
	m := make(map[string]D, len(l))
	for _, d := range l {
		if _, ok := m[d.Head().ID]; !ok {
			m[d.Head().ID] = d
		}
	}
	for _, d := range l {
		for _, old := range d.Head().Previously {
			if _, ok := m[old]; !ok {
				m[old] = d
			}
		}
	}
	return m
}

// Person returns the person with an id or a previous id, or nil.
func (c *Catalog) Person(id string) *Person { return c.people[id] }

// Login returns the one person who has a login of the forge, without regard to case, or nil.
// trusting says that whoever can write the forge is believed whatever name stands there,
// which may then be the id or the name of a person. Elsewhere a login that happens to be
// somebody's id is a stranger's.
func (c *Catalog) Login(login string, trusting bool) (found *Person) {
	for _, p := range c.People {
		if p.GitHub != "" && strings.EqualFold(p.GitHub, login) || trusting && (p.ID == login || p.Name == login) {
			if found != nil {
				return nil
			}
			found = p
		}
	}
	return found
}

// Client returns the client with an id or a previous id, or nil.
func (c *Catalog) Client(id string) *Client { return c.clients[id] }

// Template returns the process, plan or playbook with an id or a previous id, or nil.
func (c *Catalog) Template(id string) Template { return c.templates[id] }

// Role returns the role with an id or a previous id, or nil.
func (c *Catalog) Role(id string) *Role { return c.roles[id] }

// Channel returns the channel with an id, or nil.
func (c *Catalog) Channel(id string) *Channel { return c.channels[id] }

// Documents returns every valid document, by kind as Kinds orders them and then by id.
func (c *Catalog) Documents() []Document {
	var l []Document
	if c.Organization != nil {
		l = append(l, c.Organization)
	}
	for _, d := range c.People {
		l = append(l, d)
	}
	for _, d := range c.Clients {
		l = append(l, d)
	}
	for _, d := range c.Processes {
		l = append(l, d)
	}
	for _, d := range c.Plans {
		l = append(l, d)
	}
	for _, d := range c.Playbooks {
		l = append(l, d)
	}
	return l
}

// Calendar returns the working days of the organization.
func (o *Organization) Calendar() civil.Rules {
	r := civil.Rules{Workdays: o.WorkingDays, Country: o.Holidays.Country, Region: o.Holidays.Region, Remove: o.Holidays.Remove}
	for _, h := range o.Holidays.Add {
		r.Add = append(r.Add, civil.Holiday{Date: h.Date, Name: h.Name})
	}
	return r
}

// CatchUpWindow returns how far back a step is still opened; 30 days when left out.
func (o *Organization) CatchUpWindow() civil.Span {
	return cmp.Or(o.Policies.CatchUp.Window, civil.Span{N: 30, Unit: civil.Day, Set: true})
}

// CatchUpRecurring returns which missed turns of a repeated step are opened: latest, all
// or none; latest when left out.
func (o *Organization) CatchUpRecurring() string {
	return cmp.Or(o.Policies.CatchUp.Recurring, "latest")
}

// ReactivationLock returns how long a client that went inactive needs an approval to come
// back; 12 months when left out.
func (o *Organization) ReactivationLock() civil.Span {
	return cmp.Or(o.Policies.ReactivationLock, civil.Span{N: 12, Unit: civil.Month, Set: true})
}

// CreateLimits returns how many issues one run may open, in all and for one client; 50 and
// 15 when left out.
func (o *Organization) CreateLimits() (run, client int) {
	return cmp.Or(o.Policies.Limits.CreatesPerRun, 50), cmp.Or(o.Policies.Limits.CreatesPerClient, 15)
}

// CloseRatio returns the part of the open issues that one run may close; 0.25 when left out.
func (o *Organization) CloseRatio() float64 {
	if r := o.Policies.Limits.CloseRatio; r != nil {
		return *r
	}
	return 0.25
}

// HeartbeatAfter returns how old the last success may get; 1 day when left out.
func (o *Organization) HeartbeatAfter() civil.Span {
	return cmp.Or(o.Policies.Heartbeat.After, civil.Span{N: 1, Unit: civil.Day, Set: true})
}

// AlonePerDay returns how many messages of its own one person gets on one day; 5 when left
// out.
func (o *Organization) AlonePerDay() int { return cmp.Or(o.Policies.Notify.AlonePerDay, 5) }

// DefaultRoll returns what happens to a date on a day off; modified-following when left
// out.
func (o *Organization) DefaultRoll() civil.Roll {
	return cmp.Or(o.Defaults.Roll, civil.ModifiedFollowing)
}

// RunID returns the cycle of a plan's keys; `1` when left out.
func (a *Assignment) RunID() string { return cmp.Or(a.Run, "1") }

// Override returns what the client changes of a step, written under its id or a former one, and
// the id under which it is written; nil where it is nothing.
func (a *Assignment) Override(s *Step) (o *Override, id string) {
	if o = a.Overrides[s.ID]; o != nil {
		return o, s.ID
	}
	for _, old := range s.Previously {
		if o = a.Overrides[old]; o != nil {
			return o, old
		}
	}
	return nil, ""
}

// InactiveOn reports whether the client is inactive on a day.
func (c *Client) InactiveOn(d civil.Date) bool { return c.Pause(d) >= 0 }

// Pause returns which of the client's times of inactivity holds a day, or -1.
func (c *Client) Pause(d civil.Date) int {
	return slices.IndexFunc(c.Inactive, func(i Inactive) bool { return d >= i.From && (i.To == 0 || d <= i.To) })
}

// Leave returns which of a person's times away holds a day, or -1.
func (p *Person) Leave(d civil.Date) int {
	return slices.IndexFunc(p.Away, func(a Away) bool { return d >= a.From && d <= a.To })
}
