package icslint

import "slices"

// methods are those of RFC 5546 §1.4.
var methods = []string{"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"}

// scheduling checks a VEVENT by what RFC 5546 §3.2 asks for with the method of its calendar.
// Only of a published calendar may there be several events.
func (l *linter) scheduling(c *component) {
	if len(l.open) == 0 {
		return
	}
	p, ok := l.open[0].last["METHOD"]
	if !ok {
		return
	}
	if !slices.Contains(methods, p.value) {
		l.fault(p.line, "METHOD is %q: expected one of %v", p.value, methods)
	}
	if p.value != "PUBLISH" && len(l.uids) > 1 {
		l.fault(c.line, "METHOD:%s is about one UID, and this is another one", p.value)
	}
	switch p.value {
	case "PUBLISH":
		if c.count["ORGANIZER"] == 0 || c.count["ATTENDEE"] > 0 {
			l.fault(c.line, "METHOD:PUBLISH needs an ORGANIZER and no ATTENDEE (RFC 5546 section 3.2.1)")
		}
	case "REQUEST":
		if c.count["ORGANIZER"] == 0 || c.count["ATTENDEE"] == 0 || c.count["SUMMARY"] == 0 {
			l.fault(c.line, "METHOD:REQUEST needs an ORGANIZER, an ATTENDEE and a SUMMARY (RFC 5546 section 3.2.2)")
		}
		if c.last["STATUS"].value == "CANCELLED" {
			l.fault(c.last["STATUS"].line, "METHOD:REQUEST does not go with STATUS:CANCELLED (RFC 5546 section 3.2.2)")
		}
	case "CANCEL":
		if c.count["ORGANIZER"] == 0 || c.count["SEQUENCE"] == 0 {
			l.fault(c.line, "METHOD:CANCEL needs an ORGANIZER and a SEQUENCE (RFC 5546 section 3.2.5)")
		}
		if s, ok := c.last["STATUS"]; ok && s.value != "CANCELLED" {
			l.fault(s.line, "METHOD:CANCEL goes with STATUS:CANCELLED or none (RFC 5546 section 3.2.5)")
		}
	}
}
