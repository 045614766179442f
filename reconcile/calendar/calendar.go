// Package calendar makes feeds that people subscribe to: one for each person, each client
// and each role, and one of everything. It is pure: from occurrences, what the ledger tells,
// the times of commits and the feeds as they were last written follow the same bytes, in
// the same order. Where nothing changed, no byte does.
//
// An event is an occurrence. It lasts the whole day, or begins at the step's `at` in the
// organization's zone and is then written in UTC: that needs no VTIMEZONE, which several
// calendars read wrongly, and since a feed is written anew each time, a changed rule of
// daylight saving corrects itself. Events are explicit, never an RRULE: offsets, rolls and
// moves do not fit one.
//
// What a feed holds, where RFC 5545 leaves it open:
//
//   - UID is the key, with dots for slashes, and the installation. It has neither date nor
//     title, so a moved event stays the same event.
//   - DTSTAMP and LAST-MODIFIED are when the occurrence last changed: the newest of its
//     changes in the ledger and of the commits of the files it is made of. SEQUENCE is the
//     minutes from 2020 to then: it never goes down, and needs no store. Where the feed as
//     last written is known, an event without a difference keeps all three.
//   - What is called off, skipped or gone stays for 30 days as CANCELLED, with a prefix, since
//     some calendars drop such events and some show them as if nothing were.
//   - There is no METHOD: PUBLISH would need an ORGANIZER with an address (RFC 5546 §3.2.1),
//     and a feed holds no addresses. There are no attendees.
//
// What is not decided yet is in no feed: it may never be. A step that several clients share is
// one event in the feeds of people, roles and everything, under the title of its template,
// however many clients it is about; the feed of each client has its own.
//
// Without Details an event holds the name of the client and the title of the step: what
// leaks with the address of a feed is little. Steps that are `internal` are in no client's
// feed. What a pool has to do is in the feed of its role, and in that of nobody until
// somebody owns it.
//
// arran4/golang-ical writes the text. Of its defects only two concern feeds, and both are
// contained in one file: it ends lines with LF unless told otherwise, and it counts an
// invalid byte as three, so text is made valid before. That it quotes parameters wrongly
// does not: nothing that people wrote becomes a parameter. Each event is rendered once,
// however many feeds hold it.
package calendar

import (
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// The span of a feed around today, and how long what is called off stays in it.
const (
	daysBack      = 90
	monthsAhead   = 24
	daysCancelled = 30
)

// All is the name of the feed of everything.
const All = "all.ics"

// Inputs are everything that feeds depend on. Nothing in them is changed.
type Inputs struct {
	Catalog *schema.Catalog
	// Engine works on Catalog, for all clients, with Today.
	Engine *due.Engine
	Today  civil.Date
	// Now is the instant of the run. It enters a feed only as the time of a change that
	// nothing else dates.
	Now time.Time
	// Zone is the organization's.
	Zone *time.Location
	// Entries and Events are what the ledger holds.
	Entries record.Entries
	Events  []record.Event
	// Committed returns when a file, by its path from the root, was last changed, or the zero
	// time where that is not known.
	Committed func(file string) time.Time
	// Frozen reports whether a client's files are faulty: its events stay as they were.
	Frozen func(client string) bool
	// Details adds owner, participants, checklist and link.
	Details bool
	// Link returns the address that belongs to an occurrence with an issue of a number (0 for
	// none), or the empty string.
	Link func(o *due.Occurrence, number int) string
	// Before returns a feed as it was last written, by name, or nil.
	Before func(name string) []byte
}

// Window returns the days, both included, whose events a feed holds.
func (in *Inputs) Window() due.Window {
	return due.Window{From: in.Today.AddDays(-daysBack), To: in.Today.AddMonths(monthsAhead)}
}
