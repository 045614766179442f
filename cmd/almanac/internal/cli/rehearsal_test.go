package cli

import (
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/record"
)

// TestRehearsalResumes plays a day for a second time, and other days around it.
func TestRehearsalResumes(t *testing.T) {
	noon := time.Date(2026, 5, 4, 17, 0, 0, 0, time.UTC)
	zone := time.FixedZone("", -5*3600)
	for _, tt := range []struct {
		name    string
		written []time.Duration
		want    time.Duration
	}{
		{"nothing was written", nil, 0},
		{"all of it before", []time.Duration{-2 * time.Hour, -48 * time.Hour}, 0},
		{"of the same day, in any order", []time.Duration{3 * time.Second, time.Minute, 2 * time.Second}, time.Minute + time.Millisecond},
		{"of the evening, which is tomorrow elsewhere", []time.Duration{11 * time.Hour}, 11*time.Hour + time.Millisecond},
		{"of a later day", []time.Duration{12 * time.Hour, 24 * time.Hour}, 0},
	} {
		machine := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		r := rehearse(noon, zone, func() time.Time { return machine })
		var l []record.Event
		for _, d := range tt.written {
			l = append(l, record.Event{At: noon.Add(d)})
		}
		r.now()
		if moved := r.resume(l); moved != (tt.want > 0) || !r.now().Equal(noon.Add(tt.want)) {
			t.Errorf("%s: %t, %s", tt.name, moved, r.now())
		}
		machine = machine.Add(time.Hour)
		if r.resume(l); !r.now().Equal(noon.Add(tt.want + time.Hour)) {
			t.Errorf("%s: an hour later it is %s", tt.name, r.now())
		}
	}
}
