package plan

import (
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// handOver plans that the new owner of an issue is told, in the run that hands it over.
func (m *maker) handOver(o *due.Occurrence) {
	if o.Owner.Person == "" {
		return // a pool: nobody has it
	}
	n := m.assigned(o, m.in.AsOf)
	for _, d := range m.deliveries(n) {
		m.handed[o.Key] = true
		if !m.sent(o, d.name) {
			m.send(o, n, d)
		}
	}
}

func (m *maker) assigned(o *due.Occurrence, on civil.Date) *due.Notice {
	return &due.Notice{Kind: Assigned, N: 1, On: on, To: []due.Holder{o.Owner}, Via: m.org.Defaults.Via}
}

// tellAssigned plans again what a run claimed to tell a new owner and did not get to say
// that it had. By now the issue agrees with the files, and only the claim is left of it.
func (m *maker) tellAssigned(o *due.Occurrence) {
	e := m.entry(o)
	if e == nil || len(e.Notices) == 0 || o.Owner.Person == "" || m.handed[o.Key] {
		return
	}
	for day := range stale + 1 {
		n := m.assigned(o, m.in.AsOf.AddDays(-day))
		told := false
		for _, d := range m.deliveries(n) {
			switch e.Notices[d.name].Verb {
			case record.IntendNotify:
				m.send(o, n, d)
				told = true
			case record.Notified:
				told = true
			}
		}
		if told {
			return
		}
	}
}
