package reconcile_test

import (
	"maps"
	"strings"
	"testing"
)

// TestOutsideHoldsNothingOfOurs holds that what goes to a client points to no issue, though
// the run that sends it opens one, and is in no message with anything else.
func TestOutsideHoldsNothingOfOurs(t *testing.T) {
	files := replaced(t, "almanac.yaml", "client-email: never", "client-email: allowed")
	maps.Copy(files, replaced(t, "clients/acme-dental.yaml", "processes:", "contacts: [{id: office, name: Alex Moreno, email: alex@acme-dental.example}]\nprocesses:"))
	maps.Copy(files, replaced(t, "templates/vcio.yaml", "steps:\n", `steps:
  - {id: form, title: Budget form, due: 6 weeks before, owner: account-manager, party: client, instructions: They were late last year.,
     notify: [{to: [account-manager, "client:office"], before: 2 weeks, message: Please fill in the form.}]}
`))
	w := newWorld(t, northwind(t, files), "2026-04-06")
	w.converge()
	found := 0
	for _, m := range w.post.sent {
		if !m.Outside() {
			if strings.Contains(m.Text, "Please fill in") {
				t.Errorf("the staff reads what is for the client: %+v", m)
			}
			continue
		}
		found++
		i := m.Items[0]
		if len(m.To) != 1 || len(m.Items) != 1 || m.URL+i.URL+i.Client+i.Owner != "" || i.Number != 0 || strings.Contains(m.Title+m.Text+i.Title+i.Text, "late last year") {
			t.Errorf("%+v", m)
		}
	}
	if n := w.keys()["acme-dental/vcio/2026/form"]; found != 1 || n != 1 {
		t.Errorf("%d messages to the client, %d issues", found, n)
	}
}
