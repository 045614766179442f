package cli

import (
	"sync"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// rehearsal is the clock of a run on issues in a folder: one that is played on another day
// than today is written down as of that day, or what hangs on what people did would wander
// with the days that are played. GitHub has a clock of its own, so runs on it do not play.
type rehearsal struct {
	machine func() time.Time
	// start is the instant that is played when the clock is first read.
	start time.Time
	began func() time.Time
	zone  *time.Location
}

// rehearse returns a clock that begins at an instant when it is first read.
func rehearse(start time.Time, zone *time.Location, machine func() time.Time) *rehearsal {
	return &rehearsal{machine: machine, start: start, began: sync.OnceValue(machine), zone: zone}
}

func (r *rehearsal) now() time.Time {
	since := r.began() // read first, so that nothing has passed at the first look
	return r.start.Add(r.machine().Sub(since))
}

// resume sets the clock behind what other runs wrote down about the day that is played, and
// reports whether it had to: a day that is played twice would else begin again at noon, and
// what the second run does would be older than what it found.
func (r *rehearsal) resume(events []record.Event) bool {
	now := r.now()
	last := now
	for i := range events {
		if at := events[i].At; at.After(last) && civil.Of(at.In(r.zone)) == civil.Of(now.In(r.zone)) {
			last = at
		}
	}
	if last.Equal(now) {
		return false
	}
	r.start = r.start.Add(last.Sub(now) + time.Millisecond)
	return true
}
