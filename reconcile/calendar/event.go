package calendar

import (
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/meeting"
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

// client returns the id of the client that an event is about.
func (e *event) client() string {
	id, _, _ := strings.Cut(e.UID, ".")
	return id
}

// day returns the day on which the event begins, by UTC, and the zero Date for a start that
// is none.
func (e *event) day() civil.Date {
	if len(e.Start) < len(meeting.DayForm) {
		return 0
	}
	t, err := time.Parse(meeting.DayForm, e.Start[:len(meeting.DayForm)])
	if err != nil {
		return 0
	}
	return civil.Of(t)
}

// stamped returns the event with its time of change and the number that goes with it.
func (e event) stamped(at time.Time) event {
	e.Stamp = at.UTC().Truncate(time.Second)
	e.Sequence = meeting.Sequence(e.Stamp)
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
