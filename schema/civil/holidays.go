package civil

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
)

// holidaysOf returns the days off that the public holidays of a year give, in the order of
// the list.
//
// A holiday that is kept on another day than its own (a substitute for a weekend, or a day
// moved to make a long weekend) is off on that other day. Its own day stays off as well
// where it is a Saturday or Sunday, for people who work on weekends; a weekday from which
// a holiday was moved away is worked. A day may lie outside the year: New Year's Day of
// 2028, a Saturday, is kept on 31 December 2027 in the United States.
func holidaysOf(list []*cal.Holiday, year int) []Holiday {
	out := make([]Holiday, 0, 2*len(list))
	for _, h := range list {
		actual, observed := holidayDates(h, year)
		if actual == 0 {
			continue
		}
		name, weekday := orElse(h.Name, "public holiday"), actual.Weekday()
		if actual == observed || weekday == time.Saturday || weekday == time.Sunday {
			out = append(out, Holiday{Date: actual, Name: name})
		}
		if actual != observed {
			out = append(out, Holiday{Date: observed, Name: name + " (observed)"})
		}
	}
	return out
}

// holidayDates returns the day of a holiday in a year and the day on which it is kept, both
// zero where it is not kept that year.
//
// It does what the method Calc does, on dates: Calc builds midnights in the zone of the
// machine, and where a clock change skips midnight such a time belongs to the day before,
// so that the weekday, and with it the substitute, would depend on where the program runs.
//
// The year 1 has none: by the zero time the library says that a holiday is not kept, and in
// UTC, but in no other zone, that is New Year's Day of the year 1.
func holidayDates(h *cal.Holiday, year int) (actual, observed Date) {
	if h.Func == nil || year < 2 || year < h.StartYear || h.EndYear > 0 && year > h.EndYear || slices.Contains(h.Except, year) {
		return 0, 0
	}
	t := h.Func(h, year)
	if t.IsZero() {
		return 0, 0
	}
	// The time is midnight, an hour before it where midnight is skipped, or noon.
	actual = Of(t.Add(6 * time.Hour)).AddDays(h.CalcOffset)
	for _, o := range h.Observed {
		if o.Day == actual.Weekday() {
			return actual, actual.AddDays(o.Offset)
		}
	}
	return actual, actual
}

// Countries returns the codes of the countries whose public holidays are known, sorted:
// two letters in lower case (ISO 3166-1).
func Countries() []string {
	codes := make([]string, len(countries))
	for i, c := range countries {
		codes[i] = c.code
	}
	return codes
}

// Regions returns the codes of the regions of a country whose holidays differ, sorted (the
// second part of ISO 3166-2, in lower case), and nil where none are known.
func Regions(code string) []string {
	i, ok := findCountry(code)
	if !ok {
		return nil
	}
	var codes []string
	for _, r := range countries[i].regions {
		codes = append(codes, r.code)
	}
	return codes
}

func findCountry(code string) (int, bool) {
	return slices.BinarySearchFunc(countries, code, func(c country, code string) int {
		return strings.Compare(c.code, code)
	})
}

// publicHolidays returns the holidays of a region, or of the whole country where region is
// empty.
func publicHolidays(code, region string) ([]*cal.Holiday, error) {
	if code == "" {
		if region != "" {
			return nil, fmt.Errorf("region %q has no country: set country as well", region)
		}
		return nil, nil
	}
	i, ok := findCountry(code)
	if !ok {
		return nil, fmt.Errorf("no public holidays are known for country %q: the nearest known are %s", code, strings.Join(nearCountries(code), ", "))
	}
	c := countries[i]
	for _, r := range c.regions {
		if r.code == region {
			return r.holidays, nil
		}
	}
	switch known := strings.Join(Regions(code), ", "); {
	case region == "" && c.national != nil:
		return c.national, nil
	case region == "":
		return nil, fmt.Errorf("public holidays of country %q differ by region: set region to one of %s", code, known)
	case known == "":
		return nil, fmt.Errorf("public holidays of country %q are known for the whole country only: leave out region %q and use add and remove", code, region)
	default:
		return nil, fmt.Errorf("no public holidays are known for region %q of country %q: known are %s", region, code, known)
	}
}

// nearCountries returns the known codes that share a letter in its place with an unknown
// one, or all of them where none does. The United Kingdom is often written by its domain,
// and codes in upper case.
func nearCountries(code string) []string {
	code = strings.ToLower(code)
	if code == "uk" {
		return []string{"gb"}
	}
	if _, ok := findCountry(code); ok {
		return []string{code}
	}
	var near []string
	for _, known := range Countries() {
		if len(code) == 2 && (known[0] == code[0] || known[1] == code[1]) {
			near = append(near, known)
		}
	}
	if near == nil {
		return Countries()
	}
	return near
}
