package plan

import (
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// requests records the runs that issues start, before anything is done for them, and answers
// those who ask for one that cannot begin yet, once for the same reasons. What the issue of
// a run that begins has to become is planned like that of any other.
func (m *maker) requests() {
	for i := range m.in.Requests {
		r := &m.in.Requests[i]
		switch {
		case m.adoptOnly:
		case r.Waits != "":
			m.plan.Waiting = append(m.plan.Waiting, Held{Key: r.Key(), Client: r.Client, Title: issue.Title(r.Issue.Title), Reason: r.Waits,
				Source: Place{r.Playbook.Source.File, r.Playbook.Source.Pos.Line}})
		case r.Starts():
			if m.acts(r.Client) {
				m.record(r.Start)
			}
		case r.Client == schema.AllClients || m.acts(r.Client):
			key, name := r.Key(), r.Name()
			if e := m.in.Entries[key]; e != nil && e.Notices[name].Verb == record.Notified {
				continue
			}
			m.add(Change{Action: Answer, Key: key, Client: r.Client, Number: r.Issue.Number, Title: issue.Title(r.Issue.Title), Fields: []string{}, Before: Values{}, After: Values{},
				Reason: "it asks for " + r.Playbook.Title + " and starts nothing yet: " + strings.Join(r.Mend, "; "), Source: Place{r.Playbook.Source.File, r.Playbook.Source.Pos.Line},
				Comment: r.Answer(), Record: record.Event{V: record.Version, Key: key, Verb: record.Notified, Notice: name}})
		}
	}
}
