package meeting

import (
	"time"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// reach is further than any zone is from UTC, so that one change of the clock at most lies
// between an hour so long before and one so long after.
const reach = 15 * time.Hour

// Instant returns when the clock of a zone shows a time on a day. A time that the clock
// leaves out is the first instant after the gap; one that it shows twice is the first of
// the two; on a day that the zone left out altogether it is the same time on the next day.
// time.Date keeps none of these: it may even answer with the day before.
func Instant(d civil.Date, hour, minute int, zone *time.Location) time.Time {
	wall := d.Time().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	before, after := offset(wall.Add(-reach), zone), offset(wall.Add(reach), zone)
	early, late := wall.Add(-before), wall.Add(-after)
	isEarly, isLate := offset(early, zone) == before, offset(late, zone) == after
	switch {
	case isEarly && isLate && late.Before(early):
		return late
	case isEarly:
		return early
	case isLate:
		return late
	}
	jump, _ := early.In(zone).ZoneBounds()
	jump = jump.UTC()
	if !jump.Add(before).After(d.Time()) && !jump.Add(after).Before(d.AddDays(1).Time()) {
		return Instant(d.AddDays(1), hour, minute, zone)
	}
	return jump
}

// offset returns how far a zone is ahead of UTC at an instant.
func offset(t time.Time, zone *time.Location) time.Duration {
	_, s := t.In(zone).Zone()
	return time.Duration(s) * time.Second
}
