package civil

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of TestOf, whatever the machine has
)

// lines returns the lines of a file of test data without its comments, and fails where
// there are none.
func lines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := s.Text(); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s holds nothing", name)
	}
	return out
}

func TestAddMonths(t *testing.T) {
	for _, line := range lines(t, "testdata/months.txt") {
		var anchor, want string
		var n int
		if _, err := fmt.Sscan(line, &anchor, &n, &want); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got := MustParse(anchor).AddMonths(n).String()
		if got != strings.TrimPrefix(want, "-") {
			t.Errorf("%s and %d months = %s, want %s", anchor, n, got, want)
		}
	}
}

// TestCalendarTable checks every day of 2000 to 2100 against a calendar that was written by
// another program.
func TestCalendarTable(t *testing.T) {
	d := New(2000, time.January, 1)
	for _, line := range lines(t, "testdata/calendar.txt") {
		var year, month, weekday, days int
		if _, err := fmt.Sscanf(line, "%d-%d %d %d", &year, &month, &weekday, &days); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if month == 1 {
			checkISOWeek(t, d, strings.Fields(line)[3:])
		}
		if got := DaysIn(year, time.Month(month)); got != days {
			t.Fatalf("%d-%02d has %d days, want %d", year, month, got, days)
		}
		for day := 1; day <= days; day++ {
			checkDay(t, d, fmt.Sprintf("%04d-%02d-%02d", year, month, day), (weekday-1+day-1)%7)
			if New(year, time.Month(month), day) != d {
				t.Fatalf("%d-%d-%d is not the day after the one before", year, month, day)
			}
			d = d.AddDays(1)
		}
	}
	if d.String() != "2101-01-01" {
		t.Errorf("the table ends before %s", d)
	}
}

// checkDay checks d against its text and the days since Monday.
func checkDay(t *testing.T, d Date, text string, sinceMonday int) {
	t.Helper()
	parsed, err := Parse(text)
	if err != nil || parsed != d || d.String() != text {
		t.Fatalf("%s is %s, and parsed %d instead of %d, %v", text, d, parsed, d, err)
	}
	if got := time.Weekday((sinceMonday + 1) % 7); d.Weekday() != got {
		t.Fatalf("%s is a %s, want %s", d, d.Weekday(), got)
	}
	if got := int(d - d.StartOfWeek()); got != sinceMonday {
		t.Fatalf("%s is %d days after %s, want %d", d, got, d.StartOfWeek(), sinceMonday)
	}
}

// checkISOWeek checks the start of the week of 1 January: the year and number of a week
// are those of its Thursday.
func checkISOWeek(t *testing.T, first Date, want []string) {
	t.Helper()
	thursday := first.StartOfWeek().AddDays(3)
	year := thursday.Year()
	week := int(thursday-New(year, time.January, 1))/7 + 1
	if got := fmt.Sprint(year, week); got != strings.Join(want, " ") {
		t.Fatalf("%s is in week %s, want %s", first, got, want)
	}
}

// TestOf goes through the days on which clocks change in an awkward way, in steps of half
// an hour: the day is the one that the clock on the wall shows.
func TestOf(t *testing.T) {
	for _, tt := range []struct {
		zone, noon string // noon UTC of the change
		days       []string
	}{
		{"Europe/Berlin", "2026-03-29", []string{"2026-03-28", "2026-03-29", "2026-03-30"}},
		{"Europe/Berlin", "2026-10-25", []string{"2026-10-24", "2026-10-25", "2026-10-26"}},
		{"America/New_York", "2026-03-08", []string{"2026-03-07", "2026-03-08", "2026-03-09"}},
		{"America/New_York", "2026-11-01", []string{"2026-10-31", "2026-11-01", "2026-11-02"}},
		{"Africa/Cairo", "2026-04-24", []string{"2026-04-23", "2026-04-24", "2026-04-25"}},
		{"America/Havana", "2026-03-08", []string{"2026-03-07", "2026-03-08", "2026-03-09"}},
		{"Asia/Beirut", "2026-03-29", []string{"2026-03-28", "2026-03-29", "2026-03-30"}},
		{"America/Santiago", "2026-09-06", []string{"2026-09-05", "2026-09-06", "2026-09-07"}},
		{"Australia/Lord_Howe", "2026-10-04", []string{"2026-10-03", "2026-10-04", "2026-10-05"}},
		{"Pacific/Apia", "2011-12-30", []string{"2011-12-29", "2011-12-31"}}, // no 30th there
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		var days []string
		noon := MustParse(tt.noon).Time().Add(12 * time.Hour)
		for at := noon.Add(-36 * time.Hour); at.Before(noon.Add(36 * time.Hour)); at = at.Add(30 * time.Minute) {
			d := Of(at.In(zone)).String()
			if wall := at.In(zone).Format(time.DateOnly); d != wall {
				t.Fatalf("%s in %s is %s, want %s", at, tt.zone, d, wall)
			}
			if len(days) == 0 || days[len(days)-1] != d {
				days = append(days, d)
			}
		}
		if got, want := strings.Join(days, " "), strings.Join(tt.days, " "); !strings.Contains(got, want) {
			t.Errorf("%s around %s: %s, want %s among them", tt.zone, tt.noon, got, want)
		}
	}
}

func TestParseFaults(t *testing.T) {
	for in, want := range map[string]string{
		"":            `"" is not a date: write year-month-day, such as 2026-06-01`,
		"2026-6-1":    `"2026-6-1" is not a date: write year-month-day, such as 2026-06-01`,
		"01.06.2026":  `"01.06.2026" is not a date: write year-month-day, such as 2026-06-01`,
		"2026-06-0x":  `"2026-06-0x" is not a date: write year-month-day, such as 2026-06-01`,
		"+026-06-01":  `"+026-06-01" is not a date: write year-month-day, such as 2026-06-01`,
		"2026-06-01 ": `"2026-06-01 " is not a date: write year-month-day, such as 2026-06-01`,
		"0000-01-01":  `"0000-01-01" is not a date: there is no year 0`,
		"2026-13-01":  `"2026-13-01" is not a date: there is no month 13`,
		"2026-00-01":  `"2026-00-01" is not a date: there is no month 00`,
		"2026-02-29":  `"2026-02-29" is not a date: February 2026 has 28 days`,
		"2100-02-29":  `"2100-02-29" is not a date: February 2100 has 28 days`,
		"2026-04-31":  `"2026-04-31" is not a date: April 2026 has 30 days`,
		"2026-04-00":  `"2026-04-00" is not a date: April 2026 has 30 days`,
	} {
		d, err := Parse(in)
		if err == nil || err.Error() != want || d != 0 {
			t.Errorf("Parse(%q) = %v, %v, want error %s", in, d, err, want)
		}
	}
}

func TestDateEnds(t *testing.T) {
	first, last := MustParse("0001-01-01"), MustParse("9999-12-31")
	if first != 1 || last != maxDate || firstKept.String() != "2000-01-01" || lastKept.String() != "2100-12-31" {
		t.Errorf("the calendar runs from %d to %d, kept from %s to %s", first, last, firstKept, lastKept)
	}
	if first.Weekday() != time.Monday || last.Weekday() != time.Friday {
		t.Errorf("it runs from a %s to a %s", first.Weekday(), last.Weekday())
	}
	for what, d := range map[string]Date{
		"before the first": first.AddDays(-1), "after the last": last.AddDays(1),
		"far after": first.AddDays(math.MaxInt), "far before": last.AddDays(math.MinInt),
		"far months": first.AddMonths(math.MaxInt), "far months back": last.AddMonths(math.MinInt),
		"days of none": Date(0).AddDays(5), "months of none": Date(0).AddMonths(5), "week of none": Date(0).StartOfWeek(),
		"year 0": New(0, 1, 1), "year 10000": New(10000, 1, 1), "of year 10000": Of(last.Time().Add(24 * time.Hour)),
	} {
		if d != 0 {
			t.Errorf("%s = %s, want no date", what, d)
		}
	}
	if y, m, d := Date(0).YMD(); y != 0 || m != 0 || d != 0 || !Date(0).Time().IsZero() || Date(0).String() != "" {
		t.Error("the zero Date shows itself")
	}
	if got := New(2026, 14, 40).String() + " " + New(2026, -3, -3).String(); got != "2026-12-31 2026-01-01" {
		t.Errorf("clamped to %s", got)
	}
}

func TestMustParsePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a wrong date in code goes unnoticed")
		}
	}()
	MustParse("2026-02-30")
}
