package calendar

import (
	"bytes"
	"io"

	ics "github.com/arran4/golang-ical"

	"github.com/almanac-gitops/almanac/reconcile/meeting"
)

const (
	// product names the writer in every feed. It has no version: a new release changes no byte.
	product = "-//Almanac//almanac//EN"
	// refresh is how often calendars are asked to look again; many do so when they like.
	refresh = "PT12H"
	// cancelledPrefix is for calendars that do not show the status.
	cancelledPrefix = "Cancelled: "
)

// layout has the line ends and the length of lines that RFC 5545 §3.1 asks for. The
// library's own line ends are not.
func layout() *ics.SerializationConfiguration {
	return &ics.SerializationConfiguration{MaxLength: 75, PropertyMaxLength: 75, NewLine: string(ics.WithNewLineWindows)}
}

// rendered is an event as text. It is a component of any number of calendars.
type rendered struct{ text []byte }

func (r *rendered) UnknownPropertiesIANAProperties() []ics.IANAProperty { return nil }
func (r *rendered) SubComponents() []ics.Component                      { return nil }
func (r *rendered) SerializeTo(w io.Writer, _ *ics.SerializationConfiguration) error {
	_, err := w.Write(r.text)
	return err
}

// render writes an event.
func (e *event) render() *rendered {
	v := ics.NewEvent(e.UID)
	v.AddProperty(ics.ComponentPropertyDtstamp, e.Stamp.Format(meeting.InstantForm))
	v.AddProperty(ics.ComponentPropertyLastModified, e.Stamp.Format(meeting.InstantForm))
	v.SetSequence(e.Sequence)
	addTime(v, ics.ComponentPropertyDtStart, e.Start)
	addTime(v, ics.ComponentPropertyDtEnd, e.End)
	summary, status := e.Summary, ics.ObjectStatusConfirmed
	if e.Cancelled {
		summary, status = cancelledPrefix+summary, ics.ObjectStatusCancelled
	}
	v.AddProperty(ics.ComponentPropertySummary, summary)
	v.AddProperty(ics.ComponentPropertyStatus, string(status))
	if e.Cancelled || len(e.Start) == len(meeting.DayForm) {
		v.AddProperty(ics.ComponentPropertyTransp, string(ics.TransparencyTransparent))
	}
	if e.Description != "" {
		v.AddProperty(ics.ComponentPropertyDescription, e.Description)
	}
	if e.URL != "" {
		v.AddProperty(ics.ComponentPropertyUrl, e.URL)
	}
	return &rendered{[]byte(v.Serialize(layout()))}
}

// addTime writes a day or an instant.
func addTime(v *ics.VEvent, p ics.ComponentProperty, value string) {
	if len(value) == len(meeting.DayForm) {
		v.AddProperty(p, value, ics.WithValue(string(ics.ValueDataTypeDate)))
		return
	}
	v.AddProperty(p, value)
}

// Feed is one calendar.
type Feed struct {
	// Name is the path of its file, with forward slashes: person/dana.ics.
	Name string
	// Title is what calendars show.
	Title string
	// events are sorted by UID.
	events []placed
}

// placed is an event's text with what it is sorted by.
type placed struct {
	uid string
	*rendered
}

// Events returns how many events the feed holds.
func (f *Feed) Events() int { return len(f.events) }

// Text returns the feed. It is made anew at each call: all feeds at once would take several
// times the memory of their events.
func (f *Feed) Text() ([]byte, error) {
	cal := &ics.Calendar{Components: make([]ics.Component, len(f.events))}
	cal.SetVersion("2.0")
	cal.SetProductId(product)
	cal.SetCalscale("GREGORIAN")
	cal.SetName(meeting.Line(f.Title)) // X-WR-CALNAME too
	cal.SetRefreshInterval(refresh)    // the library's name for it has VALUE=DURATION already
	cal.SetXPublishedTTL(refresh)
	size := 512
	for i, e := range f.events {
		cal.Components[i] = e.rendered
		size += len(e.text)
	}
	b := bytes.NewBuffer(make([]byte, 0, size))
	err := cal.SerializeTo(b, layout())
	return b.Bytes(), err
}
