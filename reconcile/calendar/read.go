package calendar

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/meeting"
)

// Ours reports whether a text is a feed that this package wrote.
func Ours(text []byte) bool {
	return bytes.HasPrefix(text, []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"+product+"\r\n"))
}

// read returns the events of a feed that this package wrote, by UID, as far as they belong
// to an installation. Of any other text it returns nothing.
func read(text []byte, installation string) map[string]event {
	if !Ours(text) {
		return nil
	}
	events := map[string]event{}
	var e event
	for l := range strings.SplitSeq(strings.ReplaceAll(string(text), "\r\n ", ""), "\r\n") {
		switch l {
		case "BEGIN:VEVENT":
			e = event{}
		case "END:VEVENT":
			if strings.HasSuffix(e.UID, "@"+installation) {
				e.Summary = strings.TrimPrefix(e.Summary, e.prefix())
				events[e.UID] = e
			}
		default:
			e.set(l)
		}
	}
	return events
}

// prefix returns what stands before the summary.
func (e *event) prefix() string {
	if e.Cancelled {
		return cancelledPrefix
	}
	return ""
}

// set takes over one property. No parameter of ours is quoted, so the first colon ends them.
func (e *event) set(l string) {
	name, value, _ := strings.Cut(l, ":")
	name, _, _ = strings.Cut(name, ";")
	switch name {
	case "UID":
		e.UID = value
	case "SUMMARY":
		e.Summary = unescape(value)
	case "DESCRIPTION":
		e.Description = unescape(value)
	case "URL":
		e.URL = value
	case "DTSTART":
		e.Start = value
	case "DTEND":
		e.End = value
	case "STATUS":
		e.Cancelled = value == "CANCELLED"
	case "DTSTAMP":
		e.Stamp, _ = time.Parse(meeting.InstantForm, value)
	case "SEQUENCE":
		e.Sequence, _ = strconv.Atoi(value)
	}
}
