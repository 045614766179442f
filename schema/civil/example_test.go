package civil_test

import (
	"fmt"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// Months are counted from the anchor and clamped to the end of a short month, so they come
// back to the day on which they began.
func ExampleDate_AddMonths() {
	anchor := civil.MustParse("2026-01-31")
	for n := 1; n <= 4; n++ {
		fmt.Println(anchor.AddMonths(n))
	}
	// Output:
	// 2026-02-28
	// 2026-03-31
	// 2026-04-30
	// 2026-05-31
}

// A meeting of the last days of a month stays in its month.
func ExampleCalendar_Roll() {
	c, err := civil.NewCalendar(civil.Rules{Country: "us"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, day := range []string{"2026-08-01", "2026-05-30"} {
		d := civil.MustParse(day)
		fmt.Println(d.Weekday(), d, "→", c.Roll(d, civil.ModifiedFollowing))
	}
	// Output:
	// Saturday 2026-08-01 → 2026-08-03
	// Saturday 2026-05-30 → 2026-05-29
}

// A client's own days off are laid over the organization's calendar.
func ExampleCalendar_With() {
	c, err := civil.NewCalendar(civil.Rules{Country: "us"})
	if err != nil {
		fmt.Println(err)
		return
	}
	client := c.With(civil.Days{
		From: civil.MustParse("2026-12-24"), To: civil.MustParse("2027-01-01"), Name: "Winter break",
	})
	d := civil.MustParse("2026-12-28")
	name, _ := client.DayOff(d)
	fmt.Println(name, client.AddBusinessDays(d, 1), c.IsWorkday(d))
	// Output: Winter break 2027-01-04 true
}

// Offsets are written as people say them.
func ExampleCalendar_Apply() {
	c, err := civil.NewCalendar(civil.Rules{})
	if err != nil {
		fmt.Println(err)
		return
	}
	alignment := civil.MustParse("2026-06-01")
	for _, due := range []string{"2 months before", "1 month before", "2 months after", "2 business days before"} {
		o, err := civil.ParseOffset(due)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(o, "=", c.Apply(alignment, o))
	}
	// Output:
	// 2 months before = 2026-04-01
	// 1 month before = 2026-05-01
	// 2 months after = 2026-08-01
	// 2 business days before = 2026-05-28
}

// Turns keep their number whatever part of them is asked for.
func ExampleEvery_Dates() {
	quarterly := civil.Every{Interval: civil.Span{N: 3, Unit: civil.Month, Set: true}}
	turns, err := quarterly.Dates(
		civil.MustParse("2026-05-01"), civil.MustParse("2026-10-01"), civil.MustParse("2027-12-31"), 4, 0)
	for _, turn := range turns {
		fmt.Println(turn.N, turn.Date)
	}
	fmt.Println(err)
	// Output:
	// 3 2026-11-01
	// 4 2027-02-01
	// <nil>
}
