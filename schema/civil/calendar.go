package civil

import (
	"fmt"

	"github.com/rickar/cal/v2"
)

// Holiday is one day off and what it is called.
type Holiday struct {
	Date Date
	Name string
}

// Days are a span of days, both ends included; an open end is the zero Date.
type Days struct {
	From, To Date
	Name     string
}

// Holds reports whether d lies within the days.
func (r Days) Holds(d Date) bool { return d >= r.From && (r.To == 0 || d <= r.To) }

// Rules says which days are worked.
type Rules struct {
	// Workdays are the days of the week on which people work; Monday to Friday when empty.
	Workdays []Weekday
	// Country and Region choose public holidays; no country, no public holidays.
	Country, Region string
	// Add are further days off; they win over Remove.
	Add []Holiday
	// Remove are public holidays that are worked. They do not make a weekend worked.
	Remove []Date
}

// Calendar knows which days are worked. It never changes, so any number of goroutines may
// share one. The zero Calendar works Monday to Friday all year round.
type Calendar struct {
	// week has bit w set where the Go weekday w is worked; none means Monday to Friday.
	week uint8
	// off holds the days off of the years 2000 to 2100, so that asking costs one lookup.
	// Other years are worked out each time: nobody plans there.
	off *daySet
	// named holds the names of the holidays of those years, added ones as well.
	named  map[Date]string
	public []*cal.Holiday
	add    map[Date]string
	remove map[Date]bool
	closed []Days
}

// mondayToFriday is the week of a calendar that says nothing else.
const mondayToFriday uint8 = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5

// NewCalendar returns the calendar that the rules describe. A country or region without
// known holidays is an error that names the nearest ones.
func NewCalendar(r Rules) (*Calendar, error) {
	c := &Calendar{add: map[Date]string{}, remove: map[Date]bool{}}
	for _, w := range r.Workdays {
		if w < 1 || w > 7 {
			return nil, fmt.Errorf("working day %d is no day of the week: Monday is 1 and Sunday is 7", w)
		}
		c.week |= 1 << w.Go()
	}
	public, err := publicHolidays(r.Country, r.Region)
	if err != nil {
		return nil, err
	}
	c.public = public
	for _, h := range r.Add {
		c.add[h.Date] = orElse(h.Name, "day off")
	}
	for _, d := range r.Remove {
		c.remove[d] = true
	}
	c.keep()
	return c, nil
}

// keep writes down the days off and the holidays of the years that a daySet holds.
func (c *Calendar) keep() {
	c.off, c.named = &daySet{}, map[Date]string{}
	for year := firstKept.Year() - 1; year <= lastKept.Year()+1; year++ {
		for _, h := range holidaysOf(c.public, year) {
			if _, named := c.named[h.Date]; !named && !c.remove[h.Date] {
				c.named[h.Date] = h.Name
			}
		}
	}
	for d, name := range c.add {
		c.named[d] = name
	}
	for d := range c.named {
		c.off.put(d)
	}
	for d := firstKept; d <= lastKept; d++ {
		if !c.inWeek(d) {
			c.off.put(d)
		}
	}
}

// With returns a calendar that has further days off, such as a client's own, and leaves c
// as it is. It costs one or two small allocations, whatever c holds.
func (c *Calendar) With(closed ...Days) *Calendar {
	if len(closed) == 0 {
		return c
	}
	with := *c
	with.closed = append(c.closed[:len(c.closed):len(c.closed)], closed...)
	return &with
}

// IsWorkday reports whether d is worked. The zero Date is not.
func (c *Calendar) IsWorkday(d Date) bool {
	if c.off != nil && kept(d) {
		if c.off.has(d) {
			return false
		}
	} else if d < 1 || d > maxDate || !c.inWeek(d) || c.holiday(d) != "" {
		return false
	}
	for i := range c.closed {
		if c.closed[i].Holds(d) {
			return false
		}
	}
	return true
}

// DayOff returns what makes d a day off, and whether it is one. The most telling name wins:
// a day that was added, a public holiday, a day of With, and the name of the weekday last.
// The name of a public holiday is that of its own country's language; where it is kept on
// another day, that day is marked `(observed)`.
func (c *Calendar) DayOff(d Date) (name string, off bool) {
	if d < 1 || d > maxDate {
		return "", false
	}
	if name := c.holiday(d); name != "" {
		return name, true
	}
	for _, r := range c.closed {
		if r.Holds(d) {
			return orElse(r.Name, "closed"), true
		}
	}
	if !c.inWeek(d) {
		return d.Weekday().String(), true
	}
	return "", false
}

// holiday returns the name of the holiday on d, and the empty string where there is none.
func (c *Calendar) holiday(d Date) string {
	if c.named != nil && kept(d) {
		return c.named[d]
	}
	if name := c.add[d]; name != "" {
		return name
	}
	if c.remove[d] || len(c.public) == 0 {
		return ""
	}
	for year := d.Year() - 1; year <= d.Year()+1; year++ {
		for _, h := range holidaysOf(c.public, year) {
			if h.Date == d {
				return h.Name
			}
		}
	}
	return ""
}

// inWeek reports whether the weekday of d is worked.
func (c *Calendar) inWeek(d Date) bool {
	week := c.week
	if week == 0 {
		week = mondayToFriday
	}
	return week>>d.Weekday()&1 == 1
}

func orElse(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

// The days that a daySet holds: 2000-01-01 to 2100-12-31.
const (
	firstKept Date = 730120
	lastKept  Date = 767009
)

// daySet is a set of kept days, one bit each.
type daySet [(lastKept-firstKept)/64 + 1]uint64

// kept reports whether a daySet can hold d.
func kept(d Date) bool { return d >= firstKept && d <= lastKept }

func (s *daySet) has(d Date) bool {
	i := uint(d - firstKept)
	return s[i/64]>>(i%64)&1 == 1
}

// put adds d and leaves out what a daySet cannot hold.
func (s *daySet) put(d Date) {
	if kept(d) {
		i := uint(d - firstKept)
		s[i/64] |= 1 << (i % 64)
	}
}
