package preview

import (
	"fmt"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// side is one of the two catalogs with what falls due by it.
type side struct {
	cat    *schema.Catalog
	engine *due.Engine
	list   []due.Occurrence
	// days is the organization's calendar; nil without an organization.
	days *civil.Calendar
	// clients are calendars of clients with days off of their own, made as they are needed.
	clients map[*schema.Client]*civil.Calendar
}

func newSide(cat *schema.Catalog, in *Inputs, serves func(id string) bool) (*side, error) {
	s := &side{cat: cat, clients: map[*schema.Client]*civil.Calendar{}}
	var err error
	if s.engine, err = due.New(cat, due.Options{AsOf: in.AsOf, Client: serves}); err != nil {
		return nil, err
	}
	s.list = s.engine.Occurrences(in.Window)
	if cat.Organization != nil {
		s.days, err = civil.NewCalendar(cat.Organization.Calendar())
	}
	return s, err
}

// calendar returns the working days that count for a client.
func (s *side) calendar(c *schema.Client) *civil.Calendar {
	if len(c.Closed) == 0 {
		return s.days
	}
	cal := s.clients[c]
	if cal == nil {
		days := make([]civil.Days, len(c.Closed))
		for i, d := range c.Closed {
			days[i] = civil.Days{From: d.From, To: d.To, Name: d.Name}
		}
		cal = s.days.With(days...)
		s.clients[c] = cal
	}
	return cal
}

// rolledFrom returns the name of the day off from which an occurrence was rolled.
func (s *side) rolledFrom(o *due.Occurrence) string {
	if o.Nominal == 0 || o.Nominal == o.Due || o.Exception != nil && o.Exception.MoveTo != 0 {
		return ""
	}
	name, _ := s.calendar(o.Client).DayOff(o.Nominal)
	return name
}

// comparison is one run of Compare.
type comparison struct {
	in         *Inputs
	base, head *side
	// frozen are ids of clients who are left alone, of either side; all stands for everybody.
	frozen map[string]bool
	all    bool
}

// reckon works out both sides.
func (c *comparison) reckon() (err error) {
	if c.base, err = newSide(c.in.Base, c.in, c.servesBase); err != nil {
		return fmt.Errorf("the base: %w", err)
	}
	if c.head, err = newSide(c.in.Head, c.in, c.servesHead); err != nil {
		return fmt.Errorf("the head: %w", err)
	}
	return nil
}

// servesBase reports whether a client of the base is compared.
func (c *comparison) servesBase(id string) bool {
	now := id
	if h := c.in.Head.Client(id); h != nil {
		now = h.ID
	}
	return c.serves(id, now)
}

// servesHead reports whether a client of the head is compared.
func (c *comparison) servesHead(id string) bool {
	h := c.in.Head.Client(id)
	if h == nil || c.in.Base.Client(id) != nil {
		return c.serves(id, id)
	}
	for _, old := range h.Previously {
		if b := c.in.Base.Client(old); b != nil && c.in.Head.Client(b.ID) == h {
			return c.serves(b.ID, id)
		}
	}
	return c.serves(id, id)
}

// serves reports whether a client that had one id and has another is compared.
func (c *comparison) serves(before, after string) bool {
	return !c.frozen[before] && !c.frozen[after] && (c.wanted(before) || c.wanted(after))
}

func (c *comparison) wanted(id string) bool { return c.in.Client == nil || c.in.Client(id) }
