package calendar

import (
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// changes returns when each occurrence last changed by what the ledger tells, by key.
// Claims and messages change nothing.
func changes(events []record.Event) map[string]time.Time {
	at := map[string]time.Time{}
	for _, e := range events {
		switch e.Verb {
		case record.Opened, record.Updated, record.Closed, record.Skipped, record.Lost, record.Renamed, record.Commanded:
			if e.At.After(at[e.Key]) {
				at[e.Key] = e.At
			}
		}
	}
	return at
}

// lastChange returns the newest change of an occurrence: in the ledger, or of a file that it
// is made of. Where neither is known it is the start of today, so that two runs of one day
// agree.
func (m *maker) lastChange(o *due.Occurrence) time.Time {
	last := m.changed[o.Key]
	for _, key := range o.Previous {
		if t := m.changed[key]; t.After(last) {
			last = t
		}
	}
	files := []string{m.org.Source.File, o.Client.Source.File, o.Template.Head().Source.File}
	if p := m.in.Catalog.Person(o.Owner.Person); p != nil && m.in.Details {
		files = append(files, p.Source.File)
	}
	for _, f := range files {
		if t := m.in.Committed(f); t.After(last) {
			last = t
		}
	}
	if last.IsZero() {
		return m.in.Today.Time()
	}
	return last
}
