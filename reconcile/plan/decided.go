package plan

import (
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// decided records the answers that files give and that the ledger has not seen there: files
// do not say since when, and what hangs on an answer counts from it.
func (m *maker) decided() {
	if m.in.Progress == nil || m.adoptOnly || m.org == nil {
		return
	}
	for _, c := range m.in.Catalog.Clients {
		if m.in.Catalog.Client(c.ID) != c || !m.acts(c.ID) {
			continue
		}
		for i := range c.Processes {
			a := &c.Processes[i]
			t := m.in.Catalog.Template(a.Template)
			if len(a.Decisions) == 0 || t == nil || !schema.RunsOnce(t) {
				continue
			}
			run := c.ID + "/" + t.Head().ID + "/" + a.RunID()
			for _, d := range m.in.Progress.Run(run).Decisions {
				if d.Fresh {
					m.record(record.Event{Key: run + "/" + d.Step, Verb: record.Decided, Arg: d.Option})
				}
			}
		}
	}
}
