package civil

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rickar/cal/v2"
)

func newCalendar(t testing.TB, r Rules) *Calendar {
	t.Helper()
	c, err := NewCalendar(r)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPublicHolidays(t *testing.T) {
	for _, line := range lines(t, "testdata/holidays.txt") {
		head, days, _ := strings.Cut(line, ": ")
		place, year, _ := strings.Cut(head, " ")
		country, region, _ := strings.Cut(place, "-")
		c := newCalendar(t, Rules{Country: country, Region: region})
		var got []string
		for d := MustParse(year + "-01-01"); d <= MustParse(year+"-12-31"); d++ {
			if c.inWeek(d) && !c.IsWorkday(d) {
				got = append(got, d.String()[5:])
			}
		}
		if diff := cmp.Diff(strings.Fields(days), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", head, diff)
		}
	}
}

// TestEveryCountry makes the calendar of every country and region and checks that it has
// holidays, on working days, in each year that people plan in.
func TestEveryCountry(t *testing.T) {
	type place struct{ country, region string }
	var places []place
	for _, code := range Countries() {
		regions := Regions(code)
		if !slices.IsSorted(regions) {
			t.Errorf("the regions of %s are not sorted: %v", code, regions)
		}
		if i, _ := findCountry(code); countries[i].national != nil {
			places = append(places, place{code, ""})
		}
		for _, region := range regions {
			places = append(places, place{code, region})
		}
	}
	if !slices.IsSorted(Countries()) || len(Countries()) < 47 || len(places) < 90 {
		t.Errorf("%d countries with %d lists: %v", len(Countries()), len(places), Countries())
	}
	for _, p := range places {
		c := newCalendar(t, Rules{Country: p.country, Region: p.region})
		for year := 2020; year <= 2050; year++ {
			n := 0
			for d := New(year, time.January, 1); d <= New(year, time.December, 31); d++ {
				if name, off := c.DayOff(d); off && name != d.Weekday().String() && c.inWeek(d) {
					n++
				}
			}
			if n < 3 || n > 25 {
				t.Errorf("%v has %d holidays on weekdays in %d", p, n, year)
			}
		}
	}
}

// TestMachineZone checks that holidays are the same wherever the program runs, even where
// clocks skip midnight. The library takes the zone of the machine from a variable.
func TestMachineZone(t *testing.T) {
	before := cal.DefaultLoc
	t.Cleanup(func() { cal.DefaultLoc = before })
	var want map[string]*Calendar
	for _, zone := range []string{"UTC", "America/Havana", "America/Santiago", "Africa/Cairo", "Asia/Beirut", "Pacific/Kiritimati", "America/Sao_Paulo"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		cal.DefaultLoc = loc
		got := map[string]*Calendar{}
		for _, country := range []string{"us", "gb", "ar", "br", "jp", "bg", "ie", "th"} {
			got[country] = newCalendar(t, Rules{Country: country})
			if name, off := got[country].DayOff(New(1, time.January, 1)); off {
				t.Errorf("%s on a machine in %s: the first day of all, a Monday, is %s", country, zone, name)
			}
		}
		if want == nil {
			want = got
			continue
		}
		for country, c := range got {
			if diff := cmp.Diff(want[country].named, c.named); diff != "" {
				t.Errorf("%s on a machine in %s (-UTC +there):\n%s", country, zone, diff)
			}
		}
	}
}

func TestNewCalendarFaults(t *testing.T) {
	for _, tt := range []struct {
		rules Rules
		want  string
	}{
		{Rules{Country: "uk"}, `no public holidays are known for country "uk": the nearest known are gb`},
		{Rules{Country: "ux"}, `no public holidays are known for country "ux": the nearest known are mx, ua, us`},
		{Rules{Country: "US"}, `no public holidays are known for country "US": the nearest known are us`},
		{Rules{Country: "usa"}, `no public holidays are known for country "usa": the nearest known are ar, at, au`},
		{Rules{Country: "us", Region: "ny"}, `public holidays of country "us" are known for the whole country only: leave out region "ny"`},
		{Rules{Country: "de", Region: "xx"}, `no public holidays are known for region "xx" of country "de": known are bb, be, bw`},
		{Rules{Country: "au"}, `public holidays of country "au" differ by region: set region to one of act, nsw`},
		{Rules{Region: "by"}, `region "by" has no country: set country as well`},
		{Rules{Workdays: []Weekday{1, 0}}, `working day 0 is no day of the week: Monday is 1 and Sunday is 7`},
	} {
		c, err := NewCalendar(tt.rules)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || c != nil {
			t.Errorf("%v: %v, want %s", tt.rules, err, tt.want)
		}
	}
	if Regions("us") != nil || Regions("xx") != nil {
		t.Error("regions where there are none")
	}
}

func TestDayOff(t *testing.T) {
	c := newCalendar(t, Rules{
		Country: "us",
		Add:     []Holiday{{MustParse("2026-11-27"), "Day after Thanksgiving"}, {Date: MustParse("2026-10-12")}, {MustParse("1999-07-06"), "Move"}},
		Remove:  []Date{MustParse("2026-10-12"), MustParse("2026-11-11"), MustParse("2026-07-04"), MustParse("1999-11-11")},
	}).With(Days{MustParse("2026-12-24"), MustParse("2027-01-02"), "Winter break"}, Days{From: MustParse("2110-06-01")})
	for day, want := range map[string]string{
		"2026-07-02": "",
		"2026-07-03": "Independence Day (observed)",
		"2026-07-04": "Saturday", // the holiday is removed, the weekend is not
		"2026-07-05": "Sunday",
		"2026-10-12": "day off", // added and removed: added wins
		"2026-11-11": "",
		"2026-11-26": "Thanksgiving Day",
		"2026-11-27": "Day after Thanksgiving",
		"2026-12-24": "Winter break",
		"2026-12-25": "Christmas Day",
		"2026-12-26": "Winter break",
		"2027-01-02": "Winter break",
		"2027-01-04": "",
		"2021-12-31": "New Year's Day (observed)", // of the year after
		"1999-07-05": "Independence Day (observed)",
		"1999-07-06": "Move",
		"1999-11-11": "",
		"1999-12-31": "New Year's Day (observed)",
		"2101-07-04": "Independence Day",
		"2101-07-05": "",
		"2110-06-02": "closed",
	} {
		d := MustParse(day)
		name, off := c.DayOff(d)
		if name != want || off != (want != "") {
			t.Errorf("%s: %q, %v, want %q", day, name, off, want)
		}
		if c.IsWorkday(d) == off {
			t.Errorf("%s: worked and off do not exclude each other", day)
		}
	}
	if name, off := c.DayOff(0); name != "" || off || c.IsWorkday(0) {
		t.Error("no date is neither a day off nor worked")
	}
}

// TestSubstitutes checks when the day itself stays off beside the one on which it is kept.
func TestSubstitutes(t *testing.T) {
	all := []Weekday{1, 2, 3, 4, 5, 6, 7}
	for _, tt := range []struct {
		country, day string
		off          bool
	}{
		{"us", "2026-07-03", true}, {"us", "2026-07-04", true}, // Saturday: both
		{"us", "2027-07-04", true}, {"us", "2027-07-05", true}, // Sunday: both
		{"gb", "2022-12-25", true}, {"gb", "2022-12-26", true}, {"gb", "2022-12-27", true}, {"gb", "2022-12-28", false},
		{"us", "2026-12-26", false},
	} {
		c := newCalendar(t, Rules{Country: tt.country, Workdays: all})
		if d := MustParse(tt.day); c.IsWorkday(d) == tt.off {
			t.Errorf("%s in %s: off is %v", tt.day, tt.country, !tt.off)
		}
	}
}

func TestWith(t *testing.T) {
	c := newCalendar(t, Rules{})
	if c.With() != c {
		t.Error("a calendar with nothing is another one")
	}
	monday, tuesday := MustParse("2026-06-01"), MustParse("2026-06-02")
	a := c.With(Days{From: monday, To: monday})
	b, twice := c.With(Days{From: tuesday, To: tuesday}), a.With(Days{From: tuesday, To: tuesday})
	again := a.With(Days{From: tuesday + 1, To: tuesday + 1}) // must not write into twice
	for i, got := range []bool{
		c.IsWorkday(monday), c.IsWorkday(tuesday), !a.IsWorkday(monday), a.IsWorkday(tuesday), b.IsWorkday(monday),
		!b.IsWorkday(tuesday), !twice.IsWorkday(monday), !twice.IsWorkday(tuesday), again.IsWorkday(tuesday),
	} {
		if !got {
			t.Errorf("check %d of calendars that share a base failed", i)
		}
	}
}

func TestZeroCalendar(t *testing.T) {
	var c Calendar
	if !c.IsWorkday(MustParse("2026-06-05")) || c.IsWorkday(MustParse("2026-06-06")) {
		t.Error("the zero Calendar does not work Monday to Friday")
	}
}
