package preview

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// headline says in one line what was compared.
func (p *Preview) headline() string {
	return fmt.Sprintf("as of %s, steps due from %s to %s", issue.Day(p.AsOf), p.From, p.To)
}

// Line says in one line what changes, and over which time.
func (p *Preview) Line() string { return p.counts() + " (" + p.headline() + ")" }

// counts says in one line what changes.
func (p *Preview) counts() string {
	if p.Empty() {
		if len(p.NotCompared) > 0 {
			return "no occurrence changes, as far as could be compared"
		}
		return "no occurrence changes"
	}
	var l []string
	for _, n := range []struct {
		count int
		verb  string
	}{{p.Summary.Add, "added"}, {p.Summary.Drop, "dropped"}, {p.Summary.Move, "moved"}, {p.Summary.Change, "changed otherwise"}} {
		if n.count > 0 {
			l = append(l, strconv.Itoa(n.count)+" "+n.verb)
		}
	}
	return strings.Join(l, ", ") + " for " + plural(p.Summary.Clients, "client")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// when writes the days of an item: before, after, or both.
func (i *Item) when() string {
	switch {
	case i.Before == nil:
		return dueOf(i.After)
	case i.After == nil, i.Before.Due == i.After.Due:
		return dueOf(i.Before)
	}
	return dueOf(i.Before) + " → " + dueOf(i.After)
}

func dueOf(s *State) string { return cmp.Or(issue.Day(s.Due), "no date") }

// rolled says from which day off an item was rolled at the head, or nothing.
func (i *Item) rolled() string {
	s := i.After
	switch {
	case s == nil || s.DayOff == "":
		return ""
	case s.DayOff == s.Nominal.Weekday().String():
		return "rolled from " + issue.Day(s.Nominal)
	}
	return "rolled from " + issue.Day(s.Nominal) + ", " + s.DayOff
}

// owner writes the owners of an item: before, after, or both.
func (i *Item) owner() string {
	switch {
	case i.Before == nil:
		return i.value("owner", i.After)
	case i.After == nil, i.Before.Owner == i.After.Owner:
		return i.value("owner", i.Before)
	}
	return i.value("owner", i.Before) + " → " + i.value("owner", i.After)
}

// label names a period.
func (l *Load) label(by string) string {
	if by == "week" {
		return "week of " + l.From.String()
	}
	return l.From.String()[:len("2026-01")]
}

// weekends counts the steps that only a day without work in the week moved.
func weekends(l []Holiday) (steps int, named []Holiday) {
	for _, h := range l {
		if h.Weekend {
			steps += len(h.Keys)
		} else {
			named = append(named, h)
		}
	}
	return steps, named
}

// place writes a file and its line.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// rank orders actions by how much they matter.
func rank(a Action) int {
	for i, b := range [...]Action{Drop, Move, Add, Change} {
		if a == b {
			return i
		}
	}
	return len("unknown")
}

// compareDates puts what has no date last.
func compareDates(a, b civil.Date) int {
	if (a == 0) != (b == 0) {
		return cmp.Compare(b, a)
	}
	return cmp.Compare(a, b)
}
