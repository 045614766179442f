package meeting

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

func TestInstant(t *testing.T) {
	for _, tt := range []struct{ name, zone, local, want string }{
		{"plain", "America/Chicago", "2026-05-01 09:00", "2026-05-01T14:00:00Z"},
		{"gap, forward", "Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:00:00Z"},
		{"gap, where Go goes back", "America/New_York", "2026-03-08 02:30", "2026-03-08T07:00:00Z"},
		{"gap, its first minute", "America/New_York", "2026-03-08 02:00", "2026-03-08T07:00:00Z"},
		{"gap, just after", "America/New_York", "2026-03-08 03:00", "2026-03-08T07:00:00Z"},
		{"gap, just before", "America/New_York", "2026-03-08 01:59", "2026-03-08T06:59:00Z"},
		{"gap at midnight", "Africa/Cairo", "2026-04-24 00:00", "2026-04-23T22:00:00Z"},
		{"gap at midnight, where Go goes to the day before", "America/Havana", "2026-03-08 00:00", "2026-03-08T05:00:00Z"},
		{"gap at midnight, south", "America/Santiago", "2026-09-06 00:00", "2026-09-06T04:00:00Z"},
		{"gap of half an hour", "Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00Z"},
		{"day that does not exist", "Pacific/Apia", "2011-12-30 09:00", "2011-12-30T19:00:00Z"},
		{"overlap", "Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z"},
		{"overlap, where Go takes the first", "America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z"},
		{"overlap, just after", "America/New_York", "2026-11-01 02:00", "2026-11-01T07:00:00Z"},
		{"furthest east", "Pacific/Kiritimati", "2026-01-01 00:00", "2025-12-31T10:00:00Z"},
		{"UTC", "UTC", "2026-01-01 23:59", "2026-01-01T23:59:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			zone, err := time.LoadLocation(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			w, err := time.Parse("2006-01-02 15:04", tt.local)
			if err != nil {
				t.Fatal(err)
			}
			if got := Instant(civil.Of(w), w.Hour(), w.Minute(), zone).Format(time.RFC3339); got != tt.want {
				t.Errorf("%s in %s is %s, want %s", tt.local, tt.zone, got, tt.want)
			}
		})
	}
}

// TestInstantShowsTheTime: the clock shows what was asked for, or jumped over it; it never
// shows an earlier day; and later times are never earlier instants.
func TestInstantShowsTheTime(t *testing.T) {
	zones := []string{"America/New_York", "Europe/Berlin", "Africa/Cairo", "America/Havana", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca"}
	proptest.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		d := civil.MustParse("2009-01-01").AddDays(rapid.IntRange(0, 12000).Draw(t, "day"))
		minute := rapid.IntRange(0, 24*60-2).Draw(t, "minute")
		got := Instant(d, minute/60, minute%60, zone)
		local := got.In(zone)
		if day := civil.Of(local); day < d || day > d+1 {
			t.Fatalf("%s fell on %s", d, local)
		}
		shown := local.Hour()*60 + local.Minute()
		if civil.Of(local) == d && shown < minute {
			t.Fatalf("minute %d of %s shows as %s", minute, d, local)
		}
		if before := got.Add(-time.Second).In(zone); shown != minute && before.Hour()*60+before.Minute() == minute {
			t.Fatalf("minute %d of %s is shown just before %s", minute, d, local)
		}
		if next := Instant(d, (minute+1)/60, (minute+1)%60, zone); next.Before(got) {
			t.Fatalf("the minute after %s is %s", got, next)
		}
	})
}
