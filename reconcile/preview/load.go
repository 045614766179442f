package preview

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// longest is the longest window, in days, whose load is told by the week.
const longest = 62

// period returns the length of the periods that suit a window.
func period(w due.Window) string {
	if w.To-w.From >= longest {
		return "month"
	}
	return "week"
}

// start returns the first day of the period that a day lies in.
func start(by string, d civil.Date) civil.Date {
	if by == "week" {
		return d.StartOfWeek()
	}
	y, m, _ := d.YMD()
	return civil.New(y, m, 1)
}

// load counts the steps that everybody owns on both sides, and returns where that differs,
// sorted by person and day.
func load(by string, before, after []due.Occurrence) []Load {
	type slot struct {
		who  due.Holder
		from civil.Date
	}
	counts := map[slot][2]int{}
	for i, list := range [2][]due.Occurrence{before, after} {
		for k := range list {
			if o := &list[k]; o.Due != 0 && !o.Cancelled() {
				s := slot{o.Owner, start(by, o.Due)}
				n := counts[s]
				n[i]++
				counts[s] = n
			}
		}
	}
	var l []Load
	for s, n := range counts {
		if n[0] != n[1] {
			l = append(l, Load{Person: s.who.String(), From: s.from, Before: n[0], After: n[1]})
		}
	}
	slices.SortFunc(l, func(a, b Load) int { return cmp.Or(strings.Compare(a.Person, b.Person), cmp.Compare(a.From, b.From)) })
	return l
}

// holidays collects the days off that what is added or moved was rolled from.
func holidays(items []Item) []Holiday {
	type dayOff struct {
		date civil.Date
		name string
	}
	keys := map[dayOff][]string{}
	for i := range items {
		it := &items[i]
		if it.After == nil || it.After.DayOff == "" || it.Action != Add && it.Action != Move {
			continue
		}
		d := dayOff{it.After.Nominal, it.After.DayOff}
		keys[d] = append(keys[d], it.Key)
	}
	var l []Holiday
	for d, k := range keys {
		slices.Sort(k)
		l = append(l, Holiday{Date: d.date, Name: d.name, Weekend: d.name == d.date.Weekday().String(), Keys: k})
	}
	slices.SortFunc(l, func(a, b Holiday) int { return cmp.Or(cmp.Compare(a.Date, b.Date), strings.Compare(a.Name, b.Name)) })
	return l
}
