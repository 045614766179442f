// Package civil reckons with calendar dates as people plan by them: days without a time
// and without a zone, months that end when they end, working days, and the distances,
// rolls and repetitions that a step is written with.
//
// A step's date is reckoned in a fixed order: an Offset from an anchor, by Calendar.Apply;
// a day of the week, where one is given; and a Roll off days that are not worked. Calendar
// holds the working days: NewCalendar makes that of the organization, Calendar.With lays a
// client's own days off over it. Every gives the turns of what repeats.
//
// Everything here is pure. A Date is a day number, so ordering, differences and map keys
// are those of an integer, and the zero Date means that there is none.
package civil

import (
	"fmt"
	"time"
)

// Date is a day of the proleptic Gregorian calendar, counted so that 1 is 0001-01-01.
// The zero Date is no date. Dates compare with <, > and ==; the difference of two
// is a number of days. Valid dates run from 0001-01-01 to 9999-12-31.
type Date int32

// maxDate is 9999-12-31.
const maxDate Date = 3652059

// New returns the date of a year, month and day of the month. The day is clamped to the
// last of its month and the month to 1 through 12; a year outside 1 to 9999 gives the zero
// Date. Use Parse where a wrong day must be an error.
func New(year int, month time.Month, day int) Date {
	if year < 1 || year > 9999 {
		return 0
	}
	month = min(max(month, time.January), time.December)
	day = min(max(day, 1), DaysIn(year, month))
	return fromCivil(year, month, day)
}

// fromCivil counts the days up to a valid date, with the year taken to begin in March so
// that the leap day comes last.
func fromCivil(year int, month time.Month, day int) Date {
	y, m := year, int(month)-3
	if m < 0 {
		y, m = y-1, m+12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*m+2)/5 + day - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return Date(era*146097 + doe - 305)
}

// YMD returns the year, month and day of the month. The zero Date gives zeros.
func (d Date) YMD() (year int, month time.Month, day int) {
	if d == 0 {
		return 0, 0, 0
	}
	z := int(d) + 305
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	year, month = yoe+era*400, time.Month(mp+3)
	if month > time.December {
		year, month = year+1, month-12
	}
	return year, month, day
}

// Year returns the year of d, or 0 for the zero Date.
func (d Date) Year() int { y, _, _ := d.YMD(); return y }

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == 0 }

// IsLeap reports whether a year has a 29 February.
func IsLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// DaysIn returns how many days a month of a year has.
func DaysIn(year int, month time.Month) int {
	switch month {
	case time.February:
		if IsLeap(year) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	}
	return 31
}

// Parse reads a date written as four digits, two digits and two digits with hyphens
// (RFC 3339 full-date). A day that its month does not have is an error that says so.
func Parse(s string) (Date, error) {
	var n [8]int
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, fmt.Errorf("%q is not a date: write year-month-day, such as 2026-06-01", s)
	}
	for i, j := 0, 0; i < 10; i++ {
		if i == 4 || i == 7 {
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return 0, fmt.Errorf("%q is not a date: write year-month-day, such as 2026-06-01", s)
		}
		n[j], j = int(s[i]-'0'), j+1
	}
	y, m, d := n[0]*1000+n[1]*100+n[2]*10+n[3], time.Month(n[4]*10+n[5]), n[6]*10+n[7]
	switch {
	case y < 1:
		return 0, fmt.Errorf("%q is not a date: there is no year 0", s)
	case m < 1 || m > 12:
		return 0, fmt.Errorf("%q is not a date: there is no month %02d", s, int(m))
	case d < 1 || d > DaysIn(y, m):
		return 0, fmt.Errorf("%q is not a date: %s %d has %d days", s, m, y, DaysIn(y, m))
	}
	return fromCivil(y, m, d), nil
}

// MustParse is Parse for dates that are written in code; it panics where Parse fails.
func MustParse(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Of returns the day on which t falls in its own location.
func Of(t time.Time) Date {
	y, m, d := t.Date()
	return New(y, m, d)
}

// Time returns midnight UTC of d; it is only for formatting and for libraries that need
// an instant. The zero Date gives the zero Time.
func (d Date) Time() time.Time {
	if d == 0 {
		return time.Time{}
	}
	y, m, day := d.YMD()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
}

// String returns the date as year-month-day, and the empty string for the zero Date.
func (d Date) String() string {
	b, _ := d.AppendText(nil)
	return string(b)
}

// AppendText appends what String returns.
func (d Date) AppendText(b []byte) ([]byte, error) {
	if d == 0 {
		return b, nil
	}
	y, m, day := d.YMD()
	return append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+day/10), byte('0'+day%10)), nil
}

// MarshalText returns what String returns.
func (d Date) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// UnmarshalText reads what Parse reads; the empty text is the zero Date.
func (d *Date) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	*d, err = Parse(string(b))
	return err
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday(((int(d) % 7) + 7) % 7) }

// AddDays returns the date n days later, or earlier where n is negative. A result outside
// the valid dates is the zero Date.
func (d Date) AddDays(n int) Date {
	if d == 0 || n > int(maxDate) || n < -int(maxDate) {
		return 0
	}
	r := int(d) + n
	if r < 1 || r > int(maxDate) {
		return 0
	}
	return Date(r)
}

// AddMonths returns the same day of the month n months later, or earlier where n is
// negative, and the last day of that month where the month is too short: 31 January and
// one month is 28 or 29 February, and two months is 31 March. Chaining such steps drifts,
// so distances are always counted from their anchor. A result outside the valid dates is
// the zero Date.
func (d Date) AddMonths(n int) Date {
	if d == 0 || n > 12*9999 || n < -12*9999 {
		return 0
	}
	y, m, day := d.YMD()
	months := y*12 + int(m) - 1 + n
	if months < 12 {
		return 0
	}
	return New(months/12, time.Month(months%12+1), day)
}

// StartOfWeek returns the Monday of the week that holds d (ISO 8601: weeks run Monday to
// Sunday).
func (d Date) StartOfWeek() Date { return d.AddDays(-((int(d.Weekday()) + 6) % 7)) }
