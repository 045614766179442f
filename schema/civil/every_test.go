package civil

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// show writes turns as number and date.
func show(list []Turn) string {
	var words []string
	for _, turn := range list {
		words = append(words, fmt.Sprintf("%d %s", turn.N, turn.Date))
	}
	return strings.Join(words, ", ")
}

func interval(s string) Every {
	span, err := ParseSpan(s)
	if err != nil {
		panic(err)
	}
	return Every{Interval: span}
}

func TestEveryDates(t *testing.T) {
	rule := func(s string) Every { return Every{RRule: s} }
	monWedFri := Every{Weekdays: []Weekday{5, 1, 3, 1}} // in no order, and one twice
	for _, tt := range []struct {
		name            string
		e               Every
		first, from, to string
		times           int
		until, want     string
	}{
		{"months return to the day they began on", interval("1 month"), "2026-01-31", "", "2026-05-31", 0, "", "1 2026-01-31, 2 2026-02-28, 3 2026-03-31, 4 2026-04-30, 5 2026-05-31"},
		{"years return to the leap day", interval("1 year"), "2024-02-29", "2026-01-01", "2028-12-31", 0, "", "3 2026-02-28, 4 2027-02-28, 5 2028-02-29"},
		{"quarters after a meeting", interval("3 months"), "2026-05-01", "", "", 4, "", "1 2026-05-01, 2 2026-08-01, 3 2026-11-01, 4 2027-02-01"},
		{"weeks, numbered from the first", interval("2 weeks"), "2026-06-01", "2026-07-01", "2026-07-31", 0, "", "4 2026-07-13, 5 2026-07-27"},
		{"days", interval("10 days"), "2026-06-01", "2026-06-11", "2026-06-21", 0, "", "2 2026-06-11, 3 2026-06-21"},
		{"times ends within the window", interval("1 week"), "2026-06-01", "2026-06-08", "2026-12-31", 3, "", "2 2026-06-08, 3 2026-06-15"},
		{"until is included", interval("1 week"), "2026-06-01", "", "2026-12-31", 0, "2026-06-15", "1 2026-06-01, 2 2026-06-08, 3 2026-06-15"},
		{"until after the window", interval("1 week"), "2026-06-01", "", "2026-06-08", 0, "2026-12-31", "1 2026-06-01, 2 2026-06-08"},
		{"until before the first", interval("1 week"), "2026-06-01", "", "2026-12-31", 0, "2026-05-31", ""},
		{"a window before the first", interval("1 week"), "2026-06-01", "2026-01-01", "2026-05-31", 0, "", ""},
		{"a window upside down", interval("1 week"), "2026-06-01", "2026-07-01", "2026-06-15", 0, "", ""},
		{"to the end of the calendar", interval("1 month"), "9999-11-30", "", "9999-12-31", 0, "", "1 9999-11-30, 2 9999-12-30"},
		{"once", Every{}, "2026-06-01", "", "", 0, "", "1 2026-06-01"},
		{"once, but not now", Every{}, "2026-06-01", "2026-06-02", "", 0, "", ""},
		{"weekdays", monWedFri, "2026-06-01", "", "2026-06-08", 0, "", "1 2026-06-01, 2 2026-06-03, 3 2026-06-05, 4 2026-06-08"},
		{"weekdays begin on the next", monWedFri, "2026-06-02", "", "", 2, "", "1 2026-06-03, 2 2026-06-05"},
		{"weekdays, numbered from the first", monWedFri, "2026-06-02", "2026-06-15", "2026-06-17", 0, "", "6 2026-06-15, 7 2026-06-17"},
		{"weekdays, times used up", monWedFri, "2026-06-01", "2026-06-15", "2026-06-30", 6, "", ""},
		{"2nd Tuesday", rule("FREQ=MONTHLY;BYDAY=2TU"), "2026-06-01", "2026-07-01", "2026-08-31", 0, "", "2 2026-07-14, 3 2026-08-11"},
		{"last weekday of the month", rule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"), "2026-05-01", "", "", 3, "", "1 2026-05-29, 2 2026-06-30, 3 2026-07-31"},
		{"month ends", rule("FREQ=MONTHLY;BYMONTHDAY=-1"), "2028-01-15", "", "2028-03-31", 0, "", "1 2028-01-31, 2 2028-02-29, 3 2028-03-31"},
		{"months that have the day", rule("FREQ=MONTHLY"), "2026-01-31", "", "2026-05-31", 0, "", "1 2026-01-31, 2 2026-03-31, 3 2026-05-31"},
		{"leap days only", rule("FREQ=YEARLY"), "2024-02-29", "", "2032-12-31", 0, "", "1 2024-02-29, 2 2028-02-29, 3 2032-02-29"},
		{"first day that is no turn", rule("FREQ=WEEKLY;BYDAY=MO"), "2026-06-02", "", "2026-06-15", 0, "", "1 2026-06-08, 2 2026-06-15"},
		{"until in a rule's stead", rule("FREQ=WEEKLY;INTERVAL=2"), "2026-06-02", "", "", 0, "2026-07-01", "1 2026-06-02, 2 2026-06-16, 3 2026-06-30"},
		{"weeks from Monday (RFC 5545)", rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO"), "1997-08-05", "", "", 4, "", "1 1997-08-05, 2 1997-08-10, 3 1997-08-19, 4 1997-08-24"},
		{"weeks from Sunday (RFC 5545)", rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU"), "1997-08-05", "", "", 4, "", "1 1997-08-05, 2 1997-08-17, 3 1997-08-19, 4 1997-08-31"},
		{"last weeks", rule("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO"), "2019-01-01", "", "2022-01-01", 0, "", "1 2019-12-23, 2 2020-12-28, 3 2021-12-27"},
		{"a first day off the rule for ever", rule("FREQ=DAILY;INTERVAL=7;BYDAY=MO"), "2026-06-02", "", "2030-01-01", 0, "", ""},
		{"a rule to the end of the calendar", rule("FREQ=YEARLY"), "9998-06-01", "", "", 5, "", "1 9998-06-01, 2 9999-06-01"},
	} {
		day := func(s string) Date {
			if s == "" {
				return 0
			}
			return MustParse(s)
		}
		got, err := tt.e.Dates(day(tt.first), day(tt.from), day(tt.to), tt.times, day(tt.until))
		if err != nil || show(got) != tt.want {
			t.Errorf("%s: %s, %v, want %s", tt.name, show(got), err, tt.want)
		}
	}
}

func TestEveryBusinessDays(t *testing.T) {
	c := newCalendar(t, Rules{Country: "us"})
	e, first := interval("5 business days"), MustParse("2026-06-13") // a Saturday
	got, err := c.Dates(e, first, MustParse("2026-06-19"), MustParse("2026-07-06"), 0, 0)
	if want := "2 2026-06-22, 3 2026-06-29, 4 2026-07-07"; err != nil || show(got) != want[:strings.LastIndex(want, ",")] {
		t.Errorf("%s, %v, want the first two of %s", show(got), err, want)
	}
	if _, err := e.Dates(first, 0, first+30, 0, 0); err == nil || err.Error() != "every 5 business days needs a calendar to count business days" {
		t.Errorf("business days without a calendar: %v", err)
	}
}

func TestEveryFaults(t *testing.T) {
	first := MustParse("2026-06-01")
	daily := Every{Weekdays: []Weekday{1, 2, 3, 4, 5, 6, 7}}
	for _, tt := range []struct {
		e         Every
		first, to Date
		want      string
	}{
		{interval("0 days"), first, first + 30, "every 0 days never moves on: write 1 or more"},
		{interval("0 business days"), first, first + 30, "every 0 business days needs a calendar to count business days"},
		{interval("1 day"), first, 0, "a repetition without an end needs times or until"},
		{interval("1 day"), 0, first, "a repetition needs a first day"},
		{interval("1 day"), first, maxDate, "more than 10000 turns from 2026-06-01 to 9999-12-31: give times or until"},
		{daily, first, maxDate, "more than 10000 turns from 2026-06-01 to 9999-12-31: give times or until"},
		{Every{RRule: "FREQ=DAILY"}, first, maxDate, "more than 10000 turns from 2026-06-01 to 9999-12-31: give times or until"},
		{Every{RRule: "FREQ=HOURLY"}, first, first + 30, `rule "FREQ=HOURLY" cannot be used: FREQ=HOURLY is shorter than a day: use YEARLY, MONTHLY, WEEKLY or DAILY`},
	} {
		got, err := tt.e.Dates(tt.first, 0, tt.to, 0, 0)
		if err == nil || err.Error() != tt.want || got != nil {
			t.Errorf("%v: %s, %v, want error %s", tt.e, show(got), err, tt.want)
		}
	}
	if _, err := newCalendar(t, Rules{}).Dates(interval("0 business days"), first, 0, first+30, 0, 0); err == nil {
		t.Error("an interval of nothing ends")
	}
	// As many as are allowed, and in a window long after the first day.
	if got, err := interval("1 day").Dates(first, 0, 0, maxTurns, 0); err != nil || len(got) != maxTurns {
		t.Errorf("%d turns, %v", len(got), err)
	}
	if got, err := daily.Dates(1, first, first, 0, 0); err != nil || show(got) != fmt.Sprintf("%d 2026-06-01", first) {
		t.Errorf("%s, %v, want one turn for every day since the year 1", show(got), err)
	}
}

// TestRuleAgainstDays compares rules with what they say in words, day by day.
func TestRuleAgainstDays(t *testing.T) {
	first, last := MustParse("2019-12-30"), MustParse("2036-01-10")
	for rule, holds := range map[string]func(Date) bool{
		"FREQ=DAILY;BYMONTH=2,3":     func(d Date) bool { _, m, _ := d.YMD(); return m == 2 || m == 3 },
		"FREQ=WEEKLY;BYDAY=TU,TH":    func(d Date) bool { return d.Weekday() == 2 || d.Weekday() == 4 },
		"FREQ=MONTHLY;BYDAY=-1FR":    func(d Date) bool { return d.Weekday() == 5 && !sameMonth(d, d+7) },
		"FREQ=MONTHLY;BYDAY=3WE":     func(d Date) bool { _, _, day := d.YMD(); return d.Weekday() == 3 && (day-1)/7 == 2 },
		"FREQ=YEARLY;BYYEARDAY=-1":   func(d Date) bool { return d.Year() != (d + 1).Year() },
		"FREQ=YEARLY;BYYEARDAY=60":   func(d Date) bool { return d-New(d.Year(), 1, 1) == 59 },
		"FREQ=MONTHLY;BYMONTHDAY=-2": func(d Date) bool { return sameMonth(d, d+1) && !sameMonth(d, d+2) },
		"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2": func(d Date) bool {
			_, _, day := d.YMD()
			return d.Weekday() == 1 && (day-1)/7 == 1
		},
		"FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU": func(d Date) bool {
			_, m, day := d.YMD()
			return m == 3 && d.Weekday() == 0 && day > 24
		},
	} {
		var want []Turn
		for d := first; d <= last; d++ {
			if holds(d) {
				want = append(want, Turn{N: len(want) + 1, Date: d})
			}
		}
		got, err := Every{RRule: rule}.Dates(first, 0, last, 0, 0)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\ngot  %s\nwant %s", rule, err, show(got), show(want))
		}
	}
}

// TestRuleWeeks compares every number of a week that a rule may name with the days of that
// week, for weeks that begin on each day of the week.
func TestRuleWeeks(t *testing.T) {
	first, last := MustParse("1999-12-20"), MustParse("2030-12-20")
	for start, wkst := range []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"} {
		// A week belongs to the year that has most of it, which is that of its fourth day.
		weekOf := func(d Date) (year, week int) {
			fourth := d - Date((int(d.Weekday())-start+7)%7) + 3
			return fourth.Year(), int(fourth-New(fourth.Year(), 1, 1))/7 + 1
		}
		want := map[int][]Turn{}
		for d := first; d <= last; d++ {
			year, week := weekOf(d)
			_, weeks := weekOf(New(year, 12, 28))
			for _, n := range []int{week, week - weeks - 1} {
				want[n] = append(want[n], Turn{N: len(want[n]) + 1, Date: d})
			}
		}
		for n := -51; n <= 51; n++ {
			if n == 0 {
				continue
			}
			e := Every{RRule: fmt.Sprintf("FREQ=YEARLY;BYWEEKNO=%d;BYDAY=MO,TU,WE,TH,FR,SA,SU;WKST=%s", n, wkst)}
			got, err := e.Dates(first, 0, last, 0, 0)
			if err != nil || !slices.Equal(got, want[n]) {
				t.Errorf("week %d from %s on: %d turns, want %d, %v", n, wkst, len(got), len(want[n]), err)
			}
		}
	}
}

// ruleText is a rule as ParseRRule reads it, its parts in one fixed order; "" for none.
func ruleText(r RRule) string {
	if r.option.Interval == 0 {
		return ""
	}
	return r.option.RRuleString()
}

func TestParseRRule(t *testing.T) {
	for in, want := range map[string]string{
		"FREQ=MONTHLY;BYDAY=2TU":                       "FREQ=MONTHLY;INTERVAL=1;BYDAY=+2TU",
		"BYDAY=+1MO,-1FR;FREQ=MONTHLY;INTERVAL=03":     "FREQ=MONTHLY;INTERVAL=3;BYDAY=+1MO,-1FR",
		"FREQ=YEARLY;BYDAY=53MO":                       "FREQ=YEARLY;INTERVAL=1;BYDAY=+53MO",
		"FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=SU":      "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29":          "FREQ=YEARLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=29",
		"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO": "FREQ=YEARLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
	} {
		r, err := ParseRRule(in)
		if err != nil || ruleText(r) != want {
			t.Errorf("%s = %s, %v, want %s", in, ruleText(r), err, want)
		}
	}
	for in, want := range map[string]string{
		"":                                     `"" is not a part: write parts such as FREQ=MONTHLY with semicolons between them`,
		"every 2nd tuesday":                    `"every 2nd tuesday" is not a part`,
		"FREQ=MONTHLY;":                        `"" is not a part`,
		"FREQ=":                                `"FREQ=" is not a part`,
		"FREQ=DAILY;BYDAY= MO":                 `"BYDAY= MO" is not a part`,
		"RRULE:FREQ=DAILY":                     `"RRULE:FREQ" is not a part of a rule for dates: use FREQ, INTERVAL,`,
		"freq=daily":                           `"freq" is not a part of a rule for dates: use FREQ, INTERVAL,`,
		"FREQ=DAILY;BYHOUR=9":                  `"BYHOUR" is not a part of a rule for dates`,
		"FREQ=YEARLY;BYEASTER=400":             `"BYEASTER" is not a part of a rule for dates`,
		"FREQ=DAILY;RSCALE=GREGORIAN":          `"RSCALE" is not a part of a rule for dates`,
		"FREQ=DAILY;COUNT=3":                   `COUNT does not belong into it: write times beside every`,
		"FREQ=DAILY;UNTIL=20260101":            `UNTIL does not belong into it: write until beside every`,
		"DTSTART=20260101;FREQ=DAILY":          `DTSTART does not belong into it: the first day comes from due`,
		"DTSTART:20260101T000000Z\nFREQ=DAILY": `"DTSTART:20260101T000000Z\nFREQ" is not a part`,
		"FREQ=DAILY;FREQ=DAILY":                `FREQ is given twice`,
		"BYDAY=MO":                             `RRULE property FREQ is required`,
		"FREQ=SECONDLY":                        `FREQ=SECONDLY is shorter than a day`,
		"FREQ=MINUTELY":                        `FREQ=MINUTELY is shorter than a day`,
		"FREQ=MONTHLI":                         `undefined frequency: MONTHLI`,
		"FREQ=DAILY;INTERVAL=0":                `INTERVAL must be 1 to 9999`,
		"FREQ=DAILY;INTERVAL=-1":               `INTERVAL must be 1 to 9999`,
		"FREQ=DAILY;INTERVAL=10000":            `INTERVAL must be 1 to 9999`,
		"FREQ=WEEKLY;WKST=2MO":                 `WKST must be a day of the week, such as MO`,
		"FREQ=MONTHLY;BYDAY=53MO":              `53MO must be numbered 1 to 5, or -1 to -5 from the end`,
		"FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO":     `-6MO must be numbered 1 to 5, or -1 to -5 from the end`,
		"FREQ=YEARLY;BYDAY=54MO":               `54MO must be numbered 1 to 53, or -1 to -53 from the end`,
		"FREQ=MONTHLY;BYDAY=0MO":               `0MO must be numbered 1 to 5, or -1 to -5 from the end`,
		"FREQ=WEEKLY;BYDAY=2MO":                `2MO has a number, which goes with FREQ=MONTHLY and FREQ=YEARLY without BYWEEKNO only`,
		"FREQ=YEARLY;BYWEEKNO=2;BYDAY=2MO":     `2MO has a number`,
		"FREQ=WEEKLY;BYMONTHDAY=1":             `BYMONTHDAY does not go with FREQ=WEEKLY`,
		"FREQ=MONTHLY;BYYEARDAY=1":             `BYYEARDAY does not go with FREQ=MONTHLY, only with FREQ=YEARLY`,
		"FREQ=MONTHLY;BYWEEKNO=1":              `BYWEEKNO does not go with FREQ=MONTHLY, only with FREQ=YEARLY`,
		"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1":      `BYSETPOS does not go with FREQ=WEEKLY, only with FREQ=MONTHLY and FREQ=YEARLY`,
		"FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO":     `BYWEEKNO must be 1 to 51, or -1 to -51 from the end: write -1 for the last week of a year`,
		"FREQ=YEARLY;BYWEEKNO=20":              `BYWEEKNO needs BYDAY to say which day of the week is meant`,
		"FREQ=MONTHLY;BYDAY=MO,-1FR":           `BYDAY has weekdays with and without a number: write two steps, or number them all`,
		"FREQ=MONTHLY;BYSETPOS=1":              `BYSETPOS needs another part that begins with BY`,
		"FREQ=MONTHLY;BYMONTHDAY=0":            `bymonthday must be between 1 and 31 or -1 and -31`,
		"FREQ=MONTHLY;BYMONTHDAY=32":           `bymonthday must be between 1 and 31 or -1 and -31`,
		"FREQ=MONTHLY;BYMONTH=13;BYDAY=MO":     `bymonth must be between 1 and 12`,
		"FREQ=MONTHLY;BYDAY=XX":                `undefined weekday: XX`,
		"FREQ=MONTHLY;BYMONTHDAY=" + strings.Repeat("1,", 150) + "1": `it is longer than 300 characters`,
	} {
		r, err := ParseRRule(in)
		if err == nil || !strings.Contains(err.Error(), " cannot be used: "+want) || ruleText(r) != "" {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
	for _, in := range []string{"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=12", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "FREQ=YEARLY;BYMONTH=6;BYWEEKNO=1;BYDAY=MO"} {
		if _, err := ParseRRule(in); err == nil || err.Error() != fmt.Sprintf("rule %q never falls on any day", in) {
			t.Errorf("%s: %v, want that it never falls", in, err)
		}
	}
}

// TestEveryYAML reads each form through a decoder that behaves as that of YAML does.
func TestEveryYAML(t *testing.T) {
	wrong := errors.New("wrong shape")
	list := func(into any) error {
		if days, ok := into.(*[]Weekday); ok {
			*days = []Weekday{1, 5}
			return nil
		}
		return wrong
	}
	text := func(into any) error {
		if span, ok := into.(*Span); ok {
			return span.UnmarshalText([]byte("3 months"))
		}
		return wrong
	}
	mapping := func(into any) error {
		rule, ok := into.(*struct {
			RRule string `yaml:"rrule"`
		})
		if !ok {
			return wrong
		}
		rule.RRule = "FREQ=DAILY"
		return nil
	}
	var e Every
	for want, decode := range map[string]func(any) error{
		"[mon fri]  ": list, "[] 3 months ": text, "[]  FREQ=DAILY": mapping,
	} {
		if err := e.UnmarshalYAML(decode); err != nil || fmt.Sprint(e.Weekdays, " ", e.Interval, " ", e.RRule) != want || e.IsZero() {
			t.Errorf("%v, %v, want %s", e, err, want)
		}
	}
	if err := e.UnmarshalYAML(func(any) error { return wrong }); err != wrong || !e.IsZero() {
		t.Errorf("%v, %v, want the fault and nothing else", e, err)
	}
}
