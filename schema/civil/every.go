package civil

import (
	"errors"
	"fmt"
)

// maxTurns is how many turns one expansion may give, and how many a rule of RFC 5545 may
// count from its first day: 27 years of days.
const maxTurns = 10_000

// Every says how a step repeats: on days of the week, at an interval, or by a rule of
// RFC 5545. At most one of the three is set; the zero Every does not repeat.
type Every struct {
	Weekdays []Weekday
	Interval Span
	RRule    string
}

// IsZero reports whether nothing repeats.
func (e Every) IsZero() bool { return len(e.Weekdays) == 0 && e.Interval.IsZero() && e.RRule == "" }

// UnmarshalYAML reads a list of weekdays, an interval, or a mapping with one key `rrule`.
func (e *Every) UnmarshalYAML(unmarshal func(any) error) error {
	*e = Every{}
	if unmarshal(&e.Weekdays) == nil {
		return nil
	}
	e.Weekdays = nil
	var rule struct {
		RRule string `yaml:"rrule"`
	}
	if unmarshal(&rule) == nil {
		e.RRule = rule.RRule
		return nil
	}
	return unmarshal(&e.Interval)
}

// Turn is one date of a repetition, before any roll.
type Turn struct {
	// N counts the turns from 1, from the first one on, whatever part of them is asked for.
	N    int
	Date Date
}

// Dates returns the turns of a repetition that lie from one date to another, both included,
// in ascending order.
//
// They are always counted from first, never from each other, so a monthly turn that begins
// on the 31st comes back to it. An interval has its first turn on first; days of the week
// and rules have theirs on the first date on or after it that they name; an Every that does
// not repeat has a single turn on first. There are at most times turns in all, and none
// after until; 0 and the zero Date set no limit. A zero from asks from the first turn on,
// and a zero to asks as far as times or until go, of which one must then be given.
//
// An interval of nothing or of business days, a rule that ParseRRule refuses, and more than
// 10,000 turns are errors. Business days need a calendar: see Calendar.Dates.
func (e Every) Dates(first, from, to Date, times int, until Date) ([]Turn, error) {
	if e.Interval.Set && e.Interval.Unit == BusinessDay {
		return nil, fmt.Errorf("every %s needs a calendar to count business days", e.Interval)
	}
	return new(Calendar).Dates(e, first, from, to, times, until)
}

// Dates is Every.Dates for an interval of any unit, business days being those of c. They
// are counted from first, which itself need not be one.
func (c *Calendar) Dates(e Every, first, from, to Date, times int, until Date) ([]Turn, error) {
	if first == 0 {
		return nil, errors.New("a repetition needs a first day")
	}
	end := earliest(to, until)
	if end == 0 {
		if times <= 0 && !e.IsZero() {
			return nil, errors.New("a repetition without an end needs times or until")
		}
		end = maxDate
	}
	w := &turns{from: max(from, first), to: end, times: times}
	switch {
	case e.IsZero():
		w.add(1, first)
	case len(e.Weekdays) > 0:
		e.onWeekdays(first, w)
	case e.RRule != "":
		r, err := readRRule(e.RRule)
		if err != nil {
			return nil, err
		}
		r.expand(first, w)
	case e.Interval.N == 0:
		return nil, fmt.Errorf("every %s never moves on: write 1 or more", e.Interval)
	case e.Interval.Unit == BusinessDay:
		c.byBusinessDays(e.Interval.N, first, w)
	default:
		c.byInterval(e.Interval, first, w)
	}
	if w.tooMany {
		return nil, fmt.Errorf("more than %d turns from %s to %s: give times or until", maxTurns, first, end)
	}
	return w.list, nil
}

// earliest returns the earlier of two dates, of which the zero Date is neither.
func earliest(a, b Date) Date {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// turns collects the turns that are asked for.
type turns struct {
	from, to Date
	times    int
	list     []Turn
	tooMany  bool
}

// add takes the next turn if it is asked for and reports whether later ones can be.
func (w *turns) add(n int, d Date) bool {
	if d == 0 || d > w.to || w.times > 0 && n > w.times {
		return false
	}
	if d < w.from {
		return true
	}
	if len(w.list) == maxTurns {
		w.tooMany = true
		return false
	}
	w.list = append(w.list, Turn{N: n, Date: d})
	return true
}

// onWeekdays gives the turns on days of the week. Whole weeks before the first date that is
// asked for are counted, not walked through.
func (e Every) onWeekdays(first Date, w *turns) {
	var set [7]bool
	perWeek := 0
	for _, day := range e.Weekdays {
		if !set[day.Go()] {
			set[day.Go()] = true
			perWeek++
		}
	}
	weeks := int(w.from-first) / 7
	n := weeks * perWeek
	for d := first.AddDays(7 * weeks); d != 0 && d <= w.to; d = d.AddDays(1) {
		if !set[d.Weekday()] {
			continue
		}
		if n++; !w.add(n, d) {
			return
		}
	}
}

// byInterval gives the turns at a fixed distance, beginning shortly before the first date
// that is asked for.
func (c *Calendar) byInterval(s Span, first Date, w *turns) {
	for k := int(w.from-first) / (s.N * s.Unit.longest()); ; k++ {
		at := c.Add(first, Span{N: k * s.N, Unit: s.Unit, Set: true}, 1)
		if !w.add(k+1, at) {
			return
		}
	}
}

// longest returns the most days that one unit can take.
func (u Unit) longest() int {
	switch u {
	case Week:
		return 7
	case Month:
		return 31
	case Year:
		return 366
	}
	return 1
}

// byBusinessDays gives the turns so many working days apart. Unlike months, working days
// may be counted from turn to turn: nothing is clamped, so nothing drifts.
func (c *Calendar) byBusinessDays(n int, first Date, w *turns) {
	for k, at := 1, first; w.add(k, at); k++ {
		next := c.AddBusinessDays(at, n)
		if next == at {
			return
		}
		at = next
	}
}
