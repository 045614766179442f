package calendar

import (
	"strconv"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// event is what a VEVENT says. Two with equal fields are the same event unchanged.
type event struct {
	UID string
	// Summary has no prefix, whatever Cancelled says.
	Summary, Description, URL string
	// Start and End have the forms of RFC 5545: 20260501 or 20260501T140000Z, both alike. End
	// is exclusive.
	Start, End string
	Cancelled  bool
	// Stamp is in UTC and whole seconds.
	Stamp    time.Time
	Sequence int
}

// uid returns the UID of a key.
func uid(key, installation string) string {
	return strings.ReplaceAll(key, "/", ".") + "@" + installation
}

// client returns the id of the client that an event is about.
func (e *event) client() string {
	id, _, _ := strings.Cut(e.UID, ".")
	return id
}

const (
	dayForm     = "20060102"
	instantForm = "20060102T150405Z"
)

// day returns the day on which the event begins, by UTC, and the zero Date for a start that
// is none.
func (e *event) day() civil.Date {
	if len(e.Start) < len(dayForm) {
		return 0
	}
	t, err := time.Parse(dayForm, e.Start[:len(dayForm)])
	if err != nil {
		return 0
	}
	return civil.Of(t)
}

// span returns when a step that is due on a day begins and ends. Without a time of day it
// takes whole days, one at least.
func span(s *schema.Step, day civil.Date, zone *time.Location) (start, end string) {
	hour, minute, timed := clock(s.At)
	length, days := duration(s.Duration)
	if !timed {
		return day.Time().Format(dayForm), day.AddDays(max(days, 1)).Time().Format(dayForm)
	}
	from := Instant(day, hour, minute, zone)
	to := from.Add(length)
	switch {
	case days > 0:
		to = Instant(day.AddDays(days), hour, minute, zone)
	case length == 0:
		to = from.Add(time.Hour)
	}
	return from.Format(instantForm), to.Format(instantForm)
}

// clock reads hours:minutes.
func clock(at string) (hour, minute int, ok bool) {
	h, m, ok := strings.Cut(at, ":")
	if !ok {
		return 0, 0, false
	}
	hour, errH := strconv.Atoi(h)
	minute, errM := strconv.Atoi(m)
	return hour, minute, errH == nil && errM == nil
}

// duration reads `90 minutes`, `2 hours` or `1 day`; days are kept apart, because one may
// have 23 hours.
func duration(s string) (length time.Duration, days int) {
	n, unit, _ := strings.Cut(s, " ")
	count, err := strconv.Atoi(n)
	if err != nil {
		return 0, 0
	}
	switch strings.TrimSuffix(unit, "s") {
	case "minute":
		return time.Duration(count) * time.Minute, 0
	case "hour":
		return time.Duration(count) * time.Hour, 0
	case "day":
		return 0, count
	}
	return 0, 0
}

// epoch is when SEQUENCE begins: minutes since then fit an int32 for four thousand years.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// stamped returns the event with its time of change and the number that goes with it.
func (e event) stamped(at time.Time) event {
	e.Stamp = at.UTC().Truncate(time.Second)
	e.Sequence = max(0, int(e.Stamp.Sub(epoch)/time.Minute))
	return e
}

// settled returns the event as it has to be written after was: as it was where nothing
// changed, else with a later time and a greater number.
func (e event) settled(was event, now time.Time) event {
	same := e
	same.Stamp, same.Sequence = was.Stamp, was.Sequence
	if same == was {
		return was
	}
	if !e.Stamp.After(was.Stamp) {
		e = e.stamped(now)
	}
	if !e.Stamp.After(was.Stamp) {
		e = e.stamped(was.Stamp.Add(time.Second))
	}
	e.Sequence = max(e.Sequence, was.Sequence+1)
	return e
}

// expired reports whether an event was called off so long ago that it need not be shown.
func (e *event) expired(now time.Time) bool {
	return e.Cancelled && e.Stamp.AddDate(0, 0, daysCancelled).Before(now)
}
