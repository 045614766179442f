package civil

import "fmt"

// Holiday is one day off and what it is called.
type Holiday struct {
	Date Date
	Name string
}

// Span of days, both ends included; an open end is the zero Date.
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
	// Remove are public holidays that are worked.
	Remove []Date
}

var _ = fmt.Sprint
