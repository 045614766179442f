package meeting

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Invitation is what calendars are told of one meeting.
type Invitation struct {
	UID      string
	Sequence int
	// Cancel takes the meeting out of the calendars of those whom it goes to. Held says that
	// it takes place all the same, without them.
	Cancel, Held bool
	// Summary, Description and URL may be any text; the last is left out where it does not
	// lead to the web.
	Summary, Description, URL string
	// Start and End are as Span returns them.
	Start, End string
	// Attendees are sorted by person.
	Attendees []Attendee
}

// Attendee is who is invited.
type Attendee struct {
	// Person is a person's id.
	Person string
	// Optional says that nobody expects this very person: they are in a pool.
	Optional bool
}

// Party is somebody as mail knows them.
type Party struct{ Name, Address string }

// Method returns the method of RFC 5546, which the type of the part of a mail has to repeat:
// Outlook refuses a part whose type says something else.
func (i *Invitation) Method() string {
	if i.Cancel {
		return "CANCEL"
	}
	return "REQUEST"
}

// Text returns the invitation as iCalendar. The organizer has to be whom the mail comes
// from. Attendees whom party does not know are left out. now is when it is written, and
// tells apart two of one SEQUENCE.
func (i *Invitation) Text(organizer Party, party func(id string) (Party, bool), now time.Time) []byte {
	w := &writer{}
	w.line("BEGIN:VCALENDAR")
	w.line("VERSION:2.0")
	w.line("PRODID:-//Almanac//almanac//EN")
	w.line("METHOD:" + i.Method())
	w.line("BEGIN:VEVENT")
	w.line("UID:" + escape(i.UID))
	w.line("DTSTAMP:" + now.UTC().Format(InstantForm))
	w.line("SEQUENCE:" + strconv.Itoa(i.Sequence))
	w.line("ORGANIZER;CN=" + quote(organizer.Name) + ":mailto:" + organizer.Address)
	for _, a := range i.Attendees {
		if p, ok := party(a.Person); ok {
			w.line("ATTENDEE" + a.parameters(i.Cancel) + ";CN=" + quote(p.Name) + ":mailto:" + p.Address)
		}
	}
	w.time("DTSTART", i.Start)
	w.time("DTEND", i.End)
	w.line("SUMMARY:" + escape(Line(i.Summary)))
	if s := strings.TrimSpace(Clean(i.Description)); s != "" {
		w.line("DESCRIPTION:" + escape(s))
	}
	if u := Address(i.URL); u != "" {
		w.line("URL:" + u)
	}
	w.state(i)
	w.line("END:VEVENT")
	w.line("END:VCALENDAR")
	return w.b
}

// parameters say in what way somebody is asked to come, and that an answer is awaited.
func (a Attendee) parameters(cancel bool) string {
	role := "REQ-PARTICIPANT"
	if a.Optional {
		role = "OPT-PARTICIPANT"
	}
	s := ";CUTYPE=INDIVIDUAL;ROLE=" + role
	if !cancel {
		s += ";PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
	}
	return s
}

// writer puts lines together.
type writer struct{ b []byte }

// maxOctets is the length of a line without its end (RFC 5545 §3.1).
const maxOctets = 75

// line adds a line, folded between characters where it is too long.
func (w *writer) line(s string) {
	for room := maxOctets; len(s) > room; room = maxOctets - 1 {
		n := room
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		w.b = append(append(w.b, s[:n]...), "\r\n "...)
		s = s[n:]
	}
	w.b = append(append(w.b, s...), "\r\n"...)
}

// time adds a day or an instant.
func (w *writer) time(name, value string) {
	if len(value) == len(DayForm) {
		name += ";VALUE=DATE"
	}
	w.line(name + ":" + value)
}

// state says whether the meeting takes place, and whether it takes up the time. Of a
// meeting that goes on without somebody, STATUS must say nothing (RFC 5546 §3.2.5).
func (w *writer) state(i *Invitation) {
	switch {
	case !i.Cancel:
		w.line("STATUS:CONFIRMED")
	case !i.Held:
		w.line("STATUS:CANCELLED")
	}
	if i.Cancel || len(i.Start) == len(DayForm) {
		w.line("TRANSP:TRANSPARENT")
	} else {
		w.line("TRANSP:OPAQUE")
	}
}

var escapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// escape writes a value of type TEXT (RFC 5545 §3.3.11).
func escape(s string) string { return escapes.Replace(s) }

// quote writes the value of a parameter. A quotation mark cannot be in one; what RFC 6868
// has for it not every calendar knows.
func quote(s string) string { return `"` + strings.ReplaceAll(Line(s), `"`, "'") + `"` }
