package civil

import "testing"

func BenchmarkNewCalendar(b *testing.B) {
	for b.Loop() {
		newCalendar(b, Rules{Country: "us"})
	}
}

func BenchmarkWith(b *testing.B) {
	c := newCalendar(b, Rules{Country: "us"})
	closed := Days{From: MustParse("2026-12-24"), To: MustParse("2027-01-01"), Name: "Winter break"}
	b.ReportAllocs()
	for b.Loop() {
		c.With(closed)
	}
}

func BenchmarkIsWorkday(b *testing.B) {
	c, d := newCalendar(b, Rules{Country: "us"}), MustParse("2026-06-01")
	for b.Loop() {
		c.IsWorkday(d)
	}
}

// BenchmarkRoll rolls a Saturday at the end of a month, which goes both ways.
func BenchmarkRoll(b *testing.B) {
	c, d := newCalendar(b, Rules{Country: "us"}), MustParse("2026-05-30")
	c = c.With(Days{From: MustParse("2026-12-24"), To: MustParse("2027-01-01")})
	for b.Loop() {
		c.Roll(d, ModifiedFollowing)
	}
}

func BenchmarkAddBusinessDays(b *testing.B) {
	c, d := newCalendar(b, Rules{Country: "us"}), MustParse("2026-06-01")
	for b.Loop() {
		c.AddBusinessDays(d, -10)
	}
}

func BenchmarkAddMonths(b *testing.B) {
	d := MustParse("2026-01-31")
	for b.Loop() {
		d.AddMonths(-11)
	}
}

func BenchmarkDayOff(b *testing.B) {
	c, d := newCalendar(b, Rules{Country: "us"}), MustParse("2026-07-03")
	for b.Loop() {
		c.DayOff(d)
	}
}

func BenchmarkEveryDates(b *testing.B) {
	first := MustParse("2024-01-31")
	from, to := MustParse("2026-01-01"), MustParse("2028-12-31")
	for name, e := range map[string]Every{
		"interval": interval("3 months"),
		"weekdays": {Weekdays: []Weekday{1, 3, 5}},
		"rrule":    {RRule: "FREQ=MONTHLY;BYDAY=2TU"},
		"lost":     {RRule: "FREQ=DAILY;INTERVAL=7;BYDAY=MO"}, // never a Monday from a Wednesday
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Dates(first, from, to, 0, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
