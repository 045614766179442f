package civil

// maxGap is how many days without a working day end a search. A client that is closed for
// three years on end is not coming back to work; without a limit an open-ended closure
// would be searched to the end of time.
const maxGap = 3 * 366

// next returns the first working day after d, or before it where step is -1. It returns
// the zero Date where none comes within maxGap days.
func (c *Calendar) next(d Date, step int) Date {
	for range maxGap {
		d = d.AddDays(step)
		if d == 0 || c.IsWorkday(d) {
			return d
		}
	}
	return 0
}

// Roll returns the day to which a convention moves d. A working day, an unadjusted date and
// a roll that is not given stay. Modified following goes back only where going on would
// leave the month (ISDA 2006 section 4.12(a)(ii)); in a month without any working day the
// working day before is thus one of an earlier month. A date that has no working day within
// three years in the direction of the roll stays too.
func (c *Calendar) Roll(d Date, r Roll) Date {
	if r <= Unadjusted || r > Preceding || d == 0 || c.IsWorkday(d) {
		return d
	}
	to := Date(0)
	switch r {
	case Following:
		to = c.next(d, 1)
	case Preceding:
		to = c.next(d, -1)
	case ModifiedFollowing:
		if to = c.next(d, 1); to == 0 || !sameMonth(d, to) {
			to = c.next(d, -1)
		}
	}
	if to == 0 {
		return d
	}
	return to
}

func sameMonth(a, b Date) bool {
	ya, ma, _ := a.YMD()
	yb, mb, _ := b.YMD()
	return ya == yb && ma == mb
}

// AddBusinessDays returns the n-th working day after d, or before it where n is negative.
// The day d itself does not count, worked or not, and with n 0 it is returned as it is.
// Where three years pass without a working day the count ends at the last one reached, or
// at d: the result is never later than asked for and never zero for a date.
func (c *Calendar) AddBusinessDays(d Date, n int) Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for range min(n, int(maxDate)) {
		to := c.next(d, step)
		if to == 0 {
			break
		}
		d = to
	}
	return d
}

// Add returns the date a span after d, or before it where sign is negative; sign 0 and a
// span that is left out return d. Months and years keep the day of the month and are
// clamped to its end; see Date.AddMonths. A result outside the valid dates is the zero
// Date, apart from business days, which stop where they can go no further.
func (c *Calendar) Add(d Date, s Span, sign int) Date {
	if !s.Set || sign == 0 {
		return d
	}
	n := s.N
	if sign < 0 {
		n = -n
	}
	switch s.Unit {
	case BusinessDay:
		return c.AddBusinessDays(d, n)
	case Week:
		return d.AddDays(7 * n)
	case Month:
		return d.AddMonths(n)
	case Year:
		return d.AddMonths(12 * n)
	}
	return d.AddDays(n)
}

// Apply returns the date that an offset gives from its anchor. An offset `on` the anchor,
// and one that is left out, give the anchor itself. An offset to the next day of the week
// gives a day from one to seven days after the anchor. Nothing is rolled.
func (c *Calendar) Apply(anchor Date, o Offset) Date {
	if o.Next != 0 && anchor != 0 {
		day := anchor.StartOfWeek().AddDays(int(o.Next) - 1)
		if day <= anchor {
			day = day.AddDays(7)
		}
		return day
	}
	return c.Add(anchor, o.Span, o.Sign)
}

// LastWorkdayOfWeek returns the last working day of the week, Monday to Sunday, that holds
// d. In a week that is off from end to end it is the last day on which people would work
// in any other week, mostly its Friday, so that a plan keeps its weeks.
func (c *Calendar) LastWorkdayOfWeek(d Date) Date {
	if d == 0 {
		return 0
	}
	monday, last := d.StartOfWeek(), Date(0)
	for day := min(monday+6, maxDate); day >= monday; day-- {
		if c.IsWorkday(day) {
			return day
		}
		if last == 0 && c.inWeek(day) {
			last = day
		}
	}
	return last
}
