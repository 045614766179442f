// Package meeting says when a step takes place and under which name calendars know it, for
// the feeds that people subscribe to and the invitations that they get by mail alike. It is
// pure.
//
// Both use one UID, made of the key, and one rule for SEQUENCE, which counts minutes: it
// never goes down even where the ledger is lost. A calendar that holds a meeting from both
// therefore takes it for one, as far as it compares them at all. Most do not: Outlook and
// Google keep a subscribed feed in a calendar of its own and show the meeting there as well.
//
// An invitation is a message of iTIP (RFC 5546) that travels by mail (RFC 6047). It has the
// times in UTC, so it needs no VTIMEZONE, and one event, as Outlook demands. Outlook puts it
// into the calendars of those who get it, moves it when a greater SEQUENCE comes and takes
// it out on CANCEL. Nothing stands in the organizer's calendar, which is that of the mailbox
// that mail comes from: answers go there, and nobody reads them.
package meeting

import (
	"strconv"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// The forms of RFC 5545 §3.3.4 and §3.3.5.
const (
	DayForm     = "20060102"
	InstantForm = "20060102T150405Z"
)

// UID returns the UID of the occurrence with a key: the key, with dots for slashes, and the
// installation.
func UID(key, installation string) string {
	return strings.ReplaceAll(key, "/", ".") + "@" + installation
}

// epoch is when SEQUENCE begins: minutes since then fit an int32 for four thousand years.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Sequence returns the minutes from 2020 to an instant, 0 for earlier ones.
func Sequence(at time.Time) int { return max(0, int(at.Sub(epoch)/time.Minute)) }

// Span returns when a step that is due on a day begins and ends: days, or instants in UTC,
// both alike and the end exclusive. Without a time of day it takes whole days, one at
// least; with one it takes an hour unless it says how long.
func Span(s *schema.Step, day civil.Date, zone *time.Location) (start, end string) {
	hour, minute, timed := clock(s.At)
	length, days := duration(s.Duration)
	if !timed {
		return day.Time().Format(DayForm), day.AddDays(max(days, 1)).Time().Format(DayForm)
	}
	from := Instant(day, hour, minute, zone)
	to := from.Add(length)
	switch {
	case days > 0:
		to = Instant(day.AddDays(days), hour, minute, zone)
	case length == 0:
		to = from.Add(time.Hour)
	}
	return from.Format(InstantForm), to.Format(InstantForm)
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
