// Package preview says what a change of files would do: it works out the occurrences of two
// catalogs on the same day and tells how they differ. It asks no forge and no ledger, so it
// needs no token and can be shown on pull requests of strangers.
//
// What it tells is what the files say. Whether a step is done already, or closed by hand,
// only the ledger knows: a change to such a step is shown here and touches no issue.
//
// The package is pure, and a Preview does not depend on the order of anything that goes in.
package preview

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// FormatVersion is the version of the JSON form of a Preview. Fields are added to it, never
// renamed.
const FormatVersion = 1

// Everybody is the entry of a map of frozen clients that stands for all of them.
const Everybody = "*"

// Inputs are everything that a preview depends on. Nothing in them is changed.
type Inputs struct {
	// Base and Head are the catalogs before and after the change. They must be indexed, and
	// hold at least the clients of Client and whatever these refer to.
	Base, Head *schema.Catalog
	// AsOf is today, the same for both sides.
	AsOf civil.Date
	// Window are the due dates that are compared. A step that moves into the window or out
	// of it is a move all the same.
	Window due.Window
	// Client says which clients are compared; nil means all. A renamed client is compared
	// where either id is wanted.
	Client func(id string) bool
	// BaseFrozen and HeadFrozen are the clients whose files are invalid on a side, by id,
	// with the reason; Everybody stands for all.
	BaseFrozen, HeadFrozen map[string]string
}

// Action says what happens to an occurrence.
type Action string

// The actions, the gravest first.
const (
	// Drop: it is no longer wanted, or called off.
	Drop Action = "drop"
	// Move: it falls due on another day, gets a date, or loses it.
	Move Action = "move"
	// Add: it was not wanted before.
	Add Action = "add"
	// Change: something else about it differs.
	Change Action = "change"
)

// Preview is how two catalogs differ. No list in it is nil.
type Preview struct {
	FormatVersion int        `json:"format_version"`
	AsOf          civil.Date `json:"as_of"`
	// From and To bound the due dates that were compared, both included.
	From civil.Date `json:"from"`
	To   civil.Date `json:"to"`
	// Base and Head are commits; Head is empty for the files of a folder. They are set by
	// whoever read them.
	Base    string  `json:"base"`
	Head    string  `json:"head"`
	Summary Summary `json:"summary"`
	// Items are sorted by key.
	Items []Item `json:"items"`
	// Holidays are the days off onto which added and moved steps fell and from which they
	// were rolled, sorted by date and name.
	Holidays []Holiday `json:"holidays"`
	// LoadBy is the length of the periods of Load: week or month.
	LoadBy string `json:"load_by"`
	// Load are the periods in which somebody owns more or fewer steps than before, counted
	// over the clients that were compared, sorted by person and day.
	Load []Load `json:"load"`
	// NotCompared are sorted by client and side.
	NotCompared []NotCompared `json:"not_compared"`
}

// Empty reports whether nothing changes, as far as could be compared.
func (p *Preview) Empty() bool { return len(p.Items) == 0 }

// Invalid reports whether files at the head kept clients from being compared.
func (p *Preview) Invalid() bool {
	return slices.ContainsFunc(p.NotCompared, func(n NotCompared) bool { return n.Side == "head" })
}

// Summary counts the items by action, and the clients that have any.
type Summary struct {
	Add         int `json:"add"`
	Drop        int `json:"drop"`
	Move        int `json:"move"`
	Change      int `json:"change"`
	Clients     int `json:"clients"`
	NotCompared int `json:"not_compared"`
}

// Item is one occurrence that differs.
type Item struct {
	Action Action `json:"action"`
	// Key is the one at the head, or that of the base where there is none at the head.
	Key string `json:"key"`
	// Client is the id that the client has at the head, or had in the base where it is gone.
	Client   string `json:"client"`
	Template string `json:"template"`
	Title    string `json:"title"`
	// Fields are the names of what differs, sorted; empty for what is added or dropped.
	Fields []string `json:"fields"`
	// Before and After are null where the occurrence is not there.
	Before *State `json:"before"`
	After  *State `json:"after"`
	// Reason says why, in plain words. It holds text out of files as it was written.
	Reason string `json:"reason"`
	// Source is where the cause is written: at the head, or where the step stood in the base
	// for what is gone.
	Source Place `json:"source"`
}

// due returns the day that an item is sorted by, or zero.
func (i *Item) due() civil.Date {
	if i.After != nil {
		return i.After.Due
	}
	return i.Before.Due
}

// State is an occurrence on one side.
type State struct {
	Key   string `json:"key"`
	Type  string `json:"type"`
	Title string `json:"title"`
	// Nominal, Due and Opens are empty for a step without a date.
	Nominal civil.Date `json:"nominal"`
	Due     civil.Date `json:"due"`
	Opens   civil.Date `json:"opens"`
	// Owner and With are person ids, or `role:` and an id for a pool; empty for nobody.
	Owner string   `json:"owner"`
	With  []string `json:"with"`
	// DayOff is the name of the day off from which it was rolled, or empty.
	DayOff string `json:"day_off"`
	// Unscheduled names what it waits for to get a date, or is empty.
	Unscheduled string `json:"unscheduled"`
	// Undecided is the id of the question on which it hangs whether the step is there at all,
	// or is empty.
	Undecided string `json:"undecided"`
}

// Place is a line of a file. File counts from the root of the repository, Line from 1; it
// is 0 where it is not known.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// Holiday is a day off that steps were rolled from.
type Holiday struct {
	Date civil.Date `json:"date"`
	Name string     `json:"name"`
	// Weekend says that it is only a day of the week that is not worked.
	Weekend bool `json:"weekend"`
	// Keys are sorted.
	Keys []string `json:"keys"`
}

// Load is how many steps somebody owns in one period.
type Load struct {
	// Person is a person id, or `role:` and an id for a pool; empty for nobody.
	Person string `json:"person"`
	// From is the first day of the period: a Monday, or the first of a month.
	From   civil.Date `json:"from"`
	Before int        `json:"before"`
	After  int        `json:"after"`
}

// NotCompared is a client about whom nothing can be said.
type NotCompared struct {
	// Client is an id, or Everybody; it is empty for a file of which that cannot be told.
	Client string `json:"client"`
	// Side is where the fault is: base or head.
	Side   string `json:"side"`
	Reason string `json:"reason"`
}

// Compare returns how the occurrences of two catalogs differ. The error is that of a
// country or region without known holidays.
func Compare(in Inputs) (*Preview, error) {
	p := &Preview{
		FormatVersion: FormatVersion, AsOf: in.AsOf, From: in.Window.From, To: in.Window.To, LoadBy: period(in.Window),
		Items: []Item{}, Holidays: []Holiday{}, Load: []Load{}, NotCompared: []NotCompared{},
	}
	c := &comparison{in: &in}
	p.NotCompared = append(p.NotCompared, c.freeze()...)
	p.Summary.NotCompared = len(p.NotCompared)
	if c.all {
		return p, nil
	}
	if err := c.reckon(); err != nil {
		return nil, err
	}
	for _, pair := range c.pairs() {
		if i, ok := c.item(pair); ok {
			p.Items = append(p.Items, i)
		}
	}
	slices.SortFunc(p.Items, func(a, b Item) int { return strings.Compare(a.Key, b.Key) })
	p.Holidays = append(p.Holidays, holidays(p.Items)...)
	p.Load = append(p.Load, load(p.LoadBy, c.base.list, c.head.list)...)
	p.count()
	return p, nil
}

// count fills the summary.
func (p *Preview) count() {
	clients := map[string]bool{}
	for i := range p.Items {
		clients[p.Items[i].Client] = true
		switch p.Items[i].Action {
		case Add:
			p.Summary.Add++
		case Drop:
			p.Summary.Drop++
		case Move:
			p.Summary.Move++
		case Change:
			p.Summary.Change++
		}
	}
	p.Summary.Clients = len(clients)
}
