package icslint

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// component is what stands between a BEGIN and its END.
type component struct {
	kind  string
	line  int
	count map[string]int
	last  map[string]property
}

// required are the properties that must come exactly once, and once those that may.
// RFC 5545 §3.6, and RFC 7986 §4 for calendars.
var (
	required = map[string][]string{
		"VCALENDAR": {"PRODID", "VERSION"},
		"VEVENT":    {"UID", "DTSTAMP", "DTSTART"},
		"VTIMEZONE": {"TZID"},
	}
	once = map[string][]string{
		"VCALENDAR": {"CALSCALE", "METHOD", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL", "UID", "LAST-MODIFIED", "URL"},
		"VEVENT": {"CLASS", "CREATED", "DESCRIPTION", "DTEND", "DURATION", "GEO", "LAST-MODIFIED", "LOCATION", "ORGANIZER", "PRIORITY",
			"RECURRENCE-ID", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "URL"},
	}
	texts = []string{"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "NAME", "X-WR-CALNAME"}
)

// content takes one line into account.
func (l *linter) content(c content) {
	p, ok := l.parse(c)
	if !ok {
		return
	}
	switch p.name {
	case "BEGIN":
		if len(l.open) == 0 {
			l.calendars++
			if p.value != "VCALENDAR" {
				l.fault(p.line, "the file begins with %s: expected VCALENDAR", p.value)
			}
		}
		l.open = append(l.open, &component{kind: p.value, line: p.line, count: map[string]int{}, last: map[string]property{}})
	case "END":
		l.close(p)
	default:
		l.property(p)
	}
}

// property checks one property within the component that is open.
func (l *linter) property(p property) {
	if len(l.open) == 0 {
		l.fault(p.line, "%s stands outside of a component", p.name)
		return
	}
	in := l.open[len(l.open)-1]
	in.count[p.name]++
	if n := in.count[p.name]; n == 2 && (slices.Contains(required[in.kind], p.name) || slices.Contains(once[in.kind], p.name)) {
		l.fault(p.line, "%s comes twice in the %s of line %d", p.name, in.kind, in.line)
	}
	in.last[p.name] = p
	if zone := p.params["TZID"]; zone != "" {
		l.used = append(l.used, content{p.line, zone})
	}
	if (p.name == "ORGANIZER" || p.name == "ATTENDEE") && !strings.HasPrefix(strings.ToLower(p.value), "mailto:") {
		l.fault(p.line, "%s is %q: expected mailto: and an address", p.name, p.value)
	}
	if slices.Contains(texts, p.name) && !escaped(p.value) {
		l.fault(p.line, "%s holds a character that has to be escaped", p.name)
	}
	if in.kind == "VTIMEZONE" && p.name == "TZID" {
		l.zones[p.value] = true
	}
}

// escaped reports whether a text has its backslashes, commas and semicolons in order
// (RFC 5545 §3.3.11).
func escaped(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ',', ';':
			return false
		case '\\':
			if i++; i == len(s) || strings.IndexByte(`\;,nN`, s[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// close checks a component as a whole.
func (l *linter) close(p property) {
	if len(l.open) == 0 || l.open[len(l.open)-1].kind != p.value {
		l.fault(p.line, "END:%s without its BEGIN", p.value)
		return
	}
	c := l.open[len(l.open)-1]
	l.open = l.open[:len(l.open)-1]
	for _, name := range required[c.kind] {
		if c.count[name] == 0 {
			l.fault(c.line, "the %s has no %s", c.kind, name)
		}
	}
	switch c.kind {
	case "VCALENDAR":
		if v := c.last["VERSION"]; v.value != "2.0" && c.count["VERSION"] > 0 {
			l.fault(v.line, "VERSION is %q: expected 2.0", v.value)
		}
	case "VEVENT":
		l.event(c)
	}
}

// event checks a VEVENT.
func (l *linter) event(c *component) {
	if id, ok := c.last["UID"]; ok && c.count["RECURRENCE-ID"] == 0 {
		if first := l.uids[id.value]; first > 0 {
			l.fault(id.line, "the UID %s comes in line %d already", id.value, first)
		} else {
			l.uids[id.value] = id.line
		}
	}
	for _, name := range []string{"DTSTAMP", "LAST-MODIFIED", "CREATED"} {
		if p, ok := c.last[name]; ok && !isInstant(p.value) {
			l.fault(p.line, "%s is %q: expected an instant in UTC, such as 20260501T140000Z", name, p.value)
		}
	}
	if p, ok := c.last["SEQUENCE"]; ok {
		if n, err := strconv.Atoi(p.value); err != nil || n < 0 || n > 1<<31-1 {
			l.fault(p.line, "SEQUENCE is %q: expected a whole number", p.value)
		}
	}
	if p, ok := c.last["STATUS"]; ok && !slices.Contains([]string{"TENTATIVE", "CONFIRMED", "CANCELLED"}, p.value) {
		l.fault(p.line, "STATUS is %q: expected TENTATIVE, CONFIRMED or CANCELLED", p.value)
	}
	l.times(c)
	l.scheduling(c)
}

// times checks the beginning and the end of a VEVENT.
func (l *linter) times(c *component) {
	start, starts := c.last["DTSTART"]
	end, ends := c.last["DTEND"]
	if ends && c.count["DURATION"] > 0 {
		l.fault(end.line, "the VEVENT has both DTEND and DURATION")
	}
	from, ok := l.time(start, starts)
	to, okEnd := l.time(end, ends)
	if !ok || !okEnd {
		return
	}
	switch {
	case start.params["VALUE"] != end.params["VALUE"]:
		l.fault(end.line, "DTSTART and DTEND are not of one kind")
	case start.params["TZID"] == end.params["TZID"] && !to.After(from):
		l.fault(end.line, "DTEND %s does not come after DTSTART %s", end.value, start.value)
	}
}

// time reads a DATE or a DATE-TIME.
func (l *linter) time(p property, there bool) (time.Time, bool) {
	if !there {
		return time.Time{}, false
	}
	form := "20060102T150405"
	switch {
	case p.params["VALUE"] == "DATE":
		form = "20060102"
	case strings.HasSuffix(p.value, "Z"):
		form += "Z"
	}
	t, err := time.Parse(form, p.value)
	switch {
	case err != nil:
		l.fault(p.line, "%s is %q, which is no such time", p.name, p.value)
	case p.params["TZID"] != "" && form != "20060102T150405":
		l.fault(p.line, "%s has a TZID, and is in UTC or a day", p.name)
	}
	return t, err == nil
}

func isInstant(s string) bool {
	_, err := time.Parse("20060102T150405Z", s)
	return err == nil
}

// end checks the file as a whole.
func (l *linter) end(lines int) {
	for _, c := range l.open {
		l.fault(c.line, "the %s has no END", c.kind)
	}
	if lines == 0 || l.calendars != 1 {
		l.fault(1, "the file holds %d calendars: expected one", l.calendars)
	}
	for _, u := range l.used {
		if !l.zones[u.text] {
			l.fault(u.line, "TZID %s has no VTIMEZONE", u.text)
		}
	}
	slices.SortStableFunc(l.found, func(a, b Problem) int { return a.Line - b.Line })
}
