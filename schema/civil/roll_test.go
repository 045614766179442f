package civil

import "testing"

func TestRoll(t *testing.T) {
	c := newCalendar(t, Rules{Country: "us"})
	for _, tt := range []struct{ day, following, modified, preceding, why string }{
		{"2026-06-03", "2026-06-03", "2026-06-03", "2026-06-03", "a working day stays"},
		{"2026-08-01", "2026-08-03", "2026-08-03", "2026-07-31", "a Saturday early in the month"},
		{"2026-05-30", "2026-06-01", "2026-05-29", "2026-05-29", "a Saturday at its end"},
		{"2026-05-31", "2026-06-01", "2026-05-29", "2026-05-29", "a Sunday at its end"},
		{"2026-05-23", "2026-05-26", "2026-05-26", "2026-05-22", "a weekend and a Monday off"},
		{"2026-12-31", "2026-12-31", "2026-12-31", "2026-12-31", "the last day of a year"},
		{"2027-12-31", "2028-01-03", "2027-12-30", "2027-12-30", "New Year's Day kept the year before"},
		{"1999-01-02", "1999-01-04", "1999-01-04", "1998-12-31", "before the days that are written down"},
		{"2101-01-01", "2101-01-03", "2101-01-03", "2100-12-30", "after them: 31 December is kept for a Saturday"},
	} {
		d := MustParse(tt.day)
		for r, want := range map[Roll]string{
			0: tt.day, Unadjusted: tt.day, Following: tt.following, ModifiedFollowing: tt.modified, Preceding: tt.preceding, 99: tt.day,
		} {
			if got := c.Roll(d, r).String(); got != want {
				t.Errorf("%s %s = %s, want %s: %s", tt.day, r, got, want, tt.why)
			}
		}
	}
	if c.Roll(0, Following) != 0 {
		t.Error("no date rolls to one")
	}
}

func TestAddBusinessDays(t *testing.T) {
	c := newCalendar(t, Rules{Country: "us"})
	plain := newCalendar(t, Rules{})
	for _, tt := range []struct {
		c    *Calendar
		day  string
		n    int
		want string
	}{
		{c, "2026-06-01", 0, "2026-06-01"},
		{c, "2026-06-06", 0, "2026-06-06"},  // a Saturday is not rolled
		{c, "2026-06-05", 1, "2026-06-08"},  // Friday to Monday
		{c, "2026-06-06", 1, "2026-06-08"},  // the anchor does not count
		{c, "2026-06-07", -1, "2026-06-05"}, // nor backwards
		{c, "2026-06-01", -2, "2026-05-28"},
		{c, "2026-05-22", 1, "2026-05-26"},       // Memorial Day
		{plain, "2026-06-01", 250, "2027-05-17"}, // fifty whole weeks
		{c, "9999-12-30", 5, "9999-12-31"},       // the end of the calendar
		{c, "0001-01-02", -5, "0001-01-01"},
	} {
		if got := tt.c.AddBusinessDays(MustParse(tt.day), tt.n).String(); got != tt.want {
			t.Errorf("%s and %d = %s, want %s", tt.day, tt.n, got, tt.want)
		}
	}
}

// TestNeverWorked: a client that is closed for good must not be searched for ever.
func TestNeverWorked(t *testing.T) {
	c := newCalendar(t, Rules{}).With(Days{From: MustParse("2026-06-04")})
	d := MustParse("2026-07-01")
	for r, want := range map[Roll]string{Following: "2026-07-01", ModifiedFollowing: "2026-06-03", Preceding: "2026-06-03"} {
		if got := c.Roll(d, r).String(); got != want {
			t.Errorf("%s = %s, want %s", r, got, want)
		}
	}
	if got := c.AddBusinessDays(MustParse("2026-06-01"), 9).String(); got != "2026-06-03" {
		t.Errorf("nine working days on is %s, want the last that is worked", got)
	}
	never := newCalendar(t, Rules{}).With(Days{})
	if never.AddBusinessDays(d, -9999) != d || never.Roll(d, ModifiedFollowing) != d {
		t.Error("a calendar without a working day moves dates")
	}
	if got := never.LastWorkdayOfWeek(d).String(); got != "2026-07-03" {
		t.Errorf("the week ends on %s, want its Friday", got)
	}
	if got, err := never.Dates(Every{Interval: Span{2, BusinessDay, true}}, d, 0, d+100, 0, 0); len(got) != 1 || err != nil {
		t.Errorf("business days that never come: %v, %v", got, err)
	}
}

func TestAdd(t *testing.T) {
	c := newCalendar(t, Rules{})
	anchor := MustParse("2024-02-29")
	for _, tt := range []struct {
		offset, want string
	}{
		{"3 days after", "2024-03-03"}, {"3 days before", "2024-02-26"},
		{"2 business days after", "2024-03-04"}, {"2 business days before", "2024-02-27"},
		{"2 weeks after", "2024-03-14"}, {"1 week before x", "2024-02-22"},
		{"1 month after", "2024-03-29"}, {"1 month before", "2024-01-29"},
		{"1 year after", "2025-02-28"}, {"4 years after", "2028-02-29"}, {"1 year before", "2023-02-28"},
		{"0 days after", "2024-02-29"}, {"0 months before", "2024-02-29"},
		{"on x", "2024-02-29"}, {"", "2024-02-29"},
		{"9999 years after", ""}, {"9999 weeks before", "1832-07-12"},
	} {
		var o Offset
		if err := o.UnmarshalText([]byte(tt.offset)); err != nil {
			t.Fatal(err)
		}
		if got := c.Apply(anchor, o).String(); got != tt.want {
			t.Errorf("%s %s = %s, want %s", tt.offset, anchor, got, tt.want)
		}
	}
	if c.Add(anchor, Span{N: 3}, 1) != anchor || c.Add(0, Span{3, Month, true}, 1) != 0 || c.Add(anchor, Span{3, Day, true}, 0) != anchor {
		t.Error("a span that is left out, an anchor without a date or no direction moves something")
	}
}

func TestLastWorkdayOfWeek(t *testing.T) {
	us := newCalendar(t, Rules{Country: "us"})
	shifts := newCalendar(t, Rules{Workdays: []Weekday{7, 1, 2, 3}})
	for _, tt := range []struct {
		c         *Calendar
		day, want string
	}{
		{us, "2026-06-01", "2026-06-05"},
		{us, "2026-06-07", "2026-06-05"}, // Sunday ends its week
		{us, "2026-06-29", "2026-07-02"}, // Friday the 3rd is off
		{us, "2027-12-27", "2027-12-30"},
		{shifts, "2026-06-01", "2026-06-07"}, // a week of Sunday to Wednesday
		{us.With(Days{From: MustParse("2026-12-21"), To: MustParse("2027-01-03")}), "2026-12-24", "2026-12-25"}, // all off
		{us, "9999-12-31", "9999-12-31"}, // a week that the calendar cuts off
	} {
		if got := tt.c.LastWorkdayOfWeek(MustParse(tt.day)).String(); got != tt.want {
			t.Errorf("the week of %s ends on %s, want %s", tt.day, got, tt.want)
		}
	}
	if us.LastWorkdayOfWeek(0) != 0 {
		t.Error("no date has a week")
	}
}
