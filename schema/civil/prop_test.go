package civil

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/proptest"
)

// Dates around and beyond those that a calendar writes down.
var anyDate = rapid.Custom(func(t *rapid.T) Date {
	if rapid.Bool().Draw(t, "near") {
		return Date(rapid.IntRange(int(MustParse("2024-01-01")), int(MustParse("2030-12-31"))).Draw(t, "date"))
	}
	return Date(rapid.IntRange(int(MustParse("1995-01-01")), int(MustParse("2105-12-31"))).Draw(t, "date"))
})

// Calendars of an organization, and of a client with closures of its own.
var anyCalendar = rapid.Custom(func(t *rapid.T) *Calendar {
	week := rapid.SliceOfNDistinct(rapid.IntRange(1, 7), 0, 7, rapid.ID).Draw(t, "workdays")
	r := Rules{Country: rapid.SampledFrom([]string{"", "us", "gb", "jp"}).Draw(t, "country")}
	for _, day := range week {
		r.Workdays = append(r.Workdays, Weekday(day))
	}
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		r.Add = append(r.Add, Holiday{Date: anyDate.Draw(t, "add"), Name: "added"})
		r.Remove = append(r.Remove, anyDate.Draw(t, "remove"))
	}
	c, err := NewCalendar(r)
	if err != nil {
		t.Fatal(err)
	}
	for range rapid.IntRange(0, 2).Draw(t, "closures") {
		from := anyDate.Draw(t, "from")
		c = c.With(Days{From: from, To: from.AddDays(rapid.IntRange(0, 60).Draw(t, "days"))})
	}
	return c
})

var anySpan = rapid.Custom(func(t *rapid.T) Span {
	return Span{N: rapid.IntRange(0, MaxSpan).Draw(t, "n"), Unit: Unit(rapid.IntRange(0, int(Year)).Draw(t, "unit")), Set: true}
})

func TestDateProperties(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		d := Date(rapid.IntRange(1, int(maxDate)).Draw(t, "date"))
		if back, err := Parse(d.String()); err != nil || back != d {
			t.Fatalf("%s parses as %s, %v", d, back, err)
		}
		y, m, day := d.YMD()
		if New(y, m, day) != d || Of(d.Time()) != d || d.Time().Weekday() != d.Weekday() || d.Time().Format("2006-01-02") != d.String() {
			t.Fatalf("%s is not the day that package time makes of it", d)
		}
		n := rapid.IntRange(-int(maxDate), int(maxDate)).Draw(t, "days")
		if to := d.AddDays(n); to != 0 && (to.AddDays(-n) != d || int(to-d) != n) {
			t.Fatalf("%s and %d days is %s, which does not come back", d, n, to)
		}
		if monday := d.StartOfWeek(); monday.Weekday() != 1 || monday > d || d-monday > 6 {
			t.Fatalf("the week of %s starts on %s", d, monday)
		}
	})
}

func TestAddMonthsProperties(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		d, n := anyDate.Draw(t, "date"), rapid.IntRange(-1500, 1500).Draw(t, "months")
		to := d.AddMonths(n)
		y, m, day := d.YMD()
		toY, toM, toDay := to.YMD()
		if (toY*12+int(toM))-(y*12+int(m)) != n {
			t.Fatalf("%s and %d months is %s, in another month", d, n, to)
		}
		if toDay != min(day, DaysIn(toY, toM)) {
			t.Fatalf("%s and %d months is %s, neither the day nor the end of the month", d, n, to)
		}
		// Counted from the anchor it returns, however short the months between.
		if d.AddMonths(12*400) != d+cycle {
			t.Fatalf("%s drifts over 400 years", d)
		}
		if next := d.AddMonths(n + 1); next <= to {
			t.Fatalf("month %d of %s is %s, not after %s", n+1, d, next, to)
		}
	})
}

// TestKeptDays compares the days that are written down with working each of them out.
func TestKeptDays(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		c, d := anyCalendar.Draw(t, "calendar"), anyDate.Draw(t, "date")
		slow := *c
		slow.off, slow.named = nil, nil
		if c.IsWorkday(d) != slow.IsWorkday(d) {
			t.Fatalf("%s: worked is %v, but %v when worked out", d, c.IsWorkday(d), slow.IsWorkday(d))
		}
		name, off := c.DayOff(d)
		slowName, slowOff := slow.DayOff(d)
		if name != slowName || off != slowOff || off == c.IsWorkday(d) || off != (name != "") {
			t.Fatalf("%s: %q, %v, but %q, %v when worked out", d, name, off, slowName, slowOff)
		}
	})
}

func TestRollProperties(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		c, d := anyCalendar.Draw(t, "calendar"), anyDate.Draw(t, "date")
		r := Roll(rapid.IntRange(0, int(Preceding)).Draw(t, "roll"))
		to := c.Roll(d, r)
		if r <= Unadjusted {
			if to != d {
				t.Fatalf("%s moved to %s without a convention", d, to)
			}
			return
		}
		if !c.IsWorkday(to) || c.Roll(to, r) != to {
			t.Fatalf("%s %s is %s, worked %v, then %s", d, r, to, c.IsWorkday(to), c.Roll(to, r))
		}
		if r == Following && to < d || r == Preceding && to > d {
			t.Fatalf("%s %s is %s", d, r, to)
		}
		if r == ModifiedFollowing && sameMonth(d, to) != monthHasWorkday(c, d) {
			t.Fatalf("%s %s is %s: only a month without a working day may be left", d, r, to)
		}
		for between := min(d, to) + 1; between < max(d, to); between++ {
			if c.IsWorkday(between) {
				t.Fatalf("%s %s is %s and passes the working day %s", d, r, to, between)
			}
		}
		if later := c.Roll(d+1, r); later < to {
			t.Fatalf("%s %s is %s, but the day after it goes to %s", d, r, to, later)
		}
	})
}

// monthHasWorkday reports whether any day of the month of d is worked.
func monthHasWorkday(c *Calendar, d Date) bool {
	y, m, _ := d.YMD()
	for day := New(y, m, 1); sameMonth(d, day); day++ {
		if c.IsWorkday(day) {
			return true
		}
	}
	return false
}

func TestBusinessDayProperties(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		c, d, n := anyCalendar.Draw(t, "calendar"), anyDate.Draw(t, "date"), rapid.IntRange(-300, 300).Draw(t, "n")
		to := c.AddBusinessDays(d, n)
		count := 0
		for day := min(d, to); day <= max(d, to); day++ {
			if day != d && c.IsWorkday(day) {
				count++
			}
		}
		if count != max(n, -n) || n != 0 && !c.IsWorkday(to) || n == 0 && to != d || n > 0 && to < d || n < 0 && to > d {
			t.Fatalf("%s and %d business days is %s, with %d between", d, n, to, count)
		}
		m := rapid.IntRange(0, 100).Draw(t, "m")
		if n > 0 && c.AddBusinessDays(to, m) != c.AddBusinessDays(d, n+m) {
			t.Fatalf("%d and %d business days after %s are not %d", n, m, d, n+m)
		}
		if c.IsWorkday(d) && c.AddBusinessDays(to, -n) != d {
			t.Fatalf("%d business days after %s do not lead back", n, d)
		}
	})
}

func TestLastWorkdayProperties(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		c, d := anyCalendar.Draw(t, "calendar"), anyDate.Draw(t, "date")
		last := c.LastWorkdayOfWeek(d)
		if last.StartOfWeek() != d.StartOfWeek() {
			t.Fatalf("the week of %s ends on %s, in another week", d, last)
		}
		for day := last + 1; day.StartOfWeek() == last.StartOfWeek(); day++ {
			if c.IsWorkday(day) {
				t.Fatalf("the week of %s ends on %s, before the working day %s", d, last, day)
			}
		}
		if !c.IsWorkday(last) && c.next(d.StartOfWeek()-1, 1) < d.StartOfWeek()+7 {
			t.Fatalf("the week of %s ends on %s, a day off", d, last)
		}
	})
}

// anyEvery repeats in each of the ways.
var anyEvery = rapid.Custom(func(t *rapid.T) Every {
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		days := rapid.SliceOfN(rapid.IntRange(1, 7), 1, 8).Draw(t, "weekdays")
		var e Every
		for _, day := range days {
			e.Weekdays = append(e.Weekdays, Weekday(day))
		}
		return e
	case 1:
		return Every{RRule: rapid.SampledFrom([]string{
			"FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=WEEKLY;INTERVAL=3", "FREQ=YEARLY", "FREQ=DAILY;INTERVAL=5",
			"FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=WEEKLY;BYDAY=MO;WKST=SU;INTERVAL=2",
		}).Draw(t, "rule")}
	case 2:
		return Every{}
	}
	s := Span{N: rapid.IntRange(1, 40).Draw(t, "n"), Unit: Unit(rapid.IntRange(0, int(Year)).Draw(t, "unit")), Set: true}
	return Every{Interval: s}
})

// TestWindows checks that two windows beside each other give what one over both gives, in
// order, with the same numbers.
func TestWindows(t *testing.T) {
	c := &Calendar{}
	proptest.Check(t, func(t *rapid.T) {
		e, first := anyEvery.Draw(t, "every"), anyDate.Draw(t, "first")
		from := first + Date(rapid.IntRange(-100, 2000).Draw(t, "from"))
		mid := from + Date(rapid.IntRange(0, 400).Draw(t, "mid"))
		to := mid + Date(rapid.IntRange(1, 400).Draw(t, "to"))
		times := rapid.IntRange(0, 50).Draw(t, "times")
		until := rapid.SampledFrom([]Date{0, mid, to, first + 500}).Draw(t, "until")
		dates := func(from, to Date) []Turn {
			list, err := c.Dates(e, first, from, to, times, until)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		both := dates(from, to)
		if got := slices.Concat(dates(from, mid), dates(mid+1, to)); !slices.Equal(got, both) {
			t.Fatalf("apart: %s\ntogether: %s", show(got), show(both))
		}
		all := dates(0, to)
		for i, turn := range all {
			if turn.N != i+1 || turn.Date < first || turn.Date > to || i > 0 && turn.Date <= all[i-1].Date {
				t.Fatalf("turn %d of %s", i, show(all))
			}
		}
		if i := slices.IndexFunc(all, func(turn Turn) bool { return turn.Date >= from }); i < 0 && len(both) > 0 || i >= 0 && !slices.Equal(all[i:], both) {
			t.Fatalf("from %s: %s\nin all: %s", from, show(both), show(all))
		}
		if times > 0 && len(all) > times {
			t.Fatalf("%d turns, want at most %d", len(all), times)
		}
	})
}

func TestTextProperties(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		s := anySpan.Draw(t, "span")
		if back, err := ParseSpan(s.String()); err != nil || back != s {
			t.Fatalf("%#v is written %q and read %#v, %v", s, s, back, err)
		}
		o := Offset{Span: s, Sign: rapid.SampledFrom([]int{-1, 1}).Draw(t, "sign"), Anchor: rapid.SampledFrom([]string{"", "week-a", "on", "after"}).Draw(t, "anchor")}
		if back, err := ParseOffset(o.String()); err != nil || back != o {
			t.Fatalf("%#v is written %q and read %#v, %v", o, o, back, err)
		}
	})
}
