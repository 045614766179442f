package cli

import (
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/schema"
)

// TestClock holds that today is the day in the organization's zone, also in the hour that a
// clock shows twice, after one that it leaves out, on a day that begins at one o'clock, and
// where a zone left out a whole day.
func TestClock(t *testing.T) {
	for _, tt := range []struct{ zone, asOf, today string }{
		{"America/Chicago", "2026-03-08T07:59:59Z", "2026-03-08"}, // 01:59:59, then 03:00
		{"America/Chicago", "2026-03-08T08:00:00Z", "2026-03-08"},
		{"America/Chicago", "2026-03-09T04:59:59Z", "2026-03-08"},
		{"America/Chicago", "2026-03-09T05:00:00Z", "2026-03-09"},
		{"America/Chicago", "2026-11-01T06:30:00Z", "2026-11-01"}, // 01:30 for the first time
		{"America/Chicago", "2026-11-01T07:30:00Z", "2026-11-01"}, // 01:30 for the second time
		{"America/Chicago", "2026-11-02T05:59:59Z", "2026-11-01"}, // a day of 25 hours
		{"America/Chicago", "2026-11-02T06:00:00Z", "2026-11-02"},
		{"Africa/Cairo", "2026-04-23T21:59:59Z", "2026-04-23"}, // no midnight: 24 April begins at 01:00
		{"Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-24"},
		{"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"}, // no 30 December at all
		{"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"},
		{"Pacific/Kiritimati", "2026-12-31T10:00:00Z", "2027-01-01"},
		{"Pacific/Pago_Pago", "2027-01-01T10:59:59Z", "2026-12-31"},
		{"Asia/Kathmandu", "2026-05-01T18:14:59Z", "2026-05-01"},
		{"Asia/Kathmandu", "2026-05-01T18:15:00Z", "2026-05-02"},
		{"Pacific/Kiritimati", "2026-05-01T23:00:00-11:00", "2026-05-03"}, // the zone of the text does not count
		{"Pacific/Apia", "2011-12-30", "2011-12-30"},                      // a date is itself in every zone
		{"Pacific/Kiritimati", "2026-05-01", "2026-05-01"},
		{"Pacific/Pago_Pago", "2026-05-01", "2026-05-01"},
	} {
		w := &workspace{catalog: &schema.Catalog{Organization: &schema.Organization{Timezone: tt.zone}}}
		c := &Command{Now: func() time.Time { t.Error("the clock was read"); return time.Time{} }}
		if err := c.clock(&options{asOf: tt.asOf}, w); err != nil || w.today.String() != tt.today {
			t.Errorf("%s in %s: %s, %v, want %s", tt.asOf, tt.zone, w.today, err, tt.today)
		}
		instant, err := time.Parse(time.RFC3339, tt.asOf)
		if err != nil {
			continue
		}
		c.Now = func() time.Time { return instant }
		if err := c.clock(&options{}, w); err != nil || w.today.String() != tt.today || !w.now.Equal(instant) {
			t.Errorf("now %s in %s: %s, %v, want %s", tt.asOf, tt.zone, w.today, err, tt.today)
		}
	}
}
