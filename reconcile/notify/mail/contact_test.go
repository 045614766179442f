package mail

import (
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
)

// TestContact holds that a message to a client reaches the one address that was found for
// it, and that a name cannot bring in another one.
func TestContact(t *testing.T) {
	s := &server{mechs: []string{"PLAIN"}}
	o := start(t, s, how{})
	alex := Person{"Alex Moreno\r\nBcc: eve@evil.example, \"x\" <eve@evil.example>", "alex@acme.example"}
	o.Contact = func(*reconcile.Message) (Person, string) { return alex, "" }
	m := message("client:acme/accounting")
	m.URL, m.Items[0].URL = "", ""
	if err := send(t, o, m); err != nil {
		t.Fatal(err)
	}
	got := read(t, s.mails[0].data)
	if strings.Join(s.mails[0].to, " ") != "alex@acme.example" || got.Header.Get("Bcc")+got.Header.Get("Cc") != "" || strings.Contains(s.mails[0].data, "/issues/") {
		t.Errorf("%+v", s.mails[0])
	}
	inside := m
	inside.To, inside.Items = []string{"dana"}, message("dana").Items
	if err := send(t, o, inside); err != nil {
		t.Fatal(err)
	}
	if thread := read(t, s.mails[1].data).Header.Get("In-Reply-To"); thread == "" || thread == got.Header.Get("In-Reply-To") {
		t.Errorf("the staff and the client are in one thread: %s", thread)
	}
	for _, a := range []string{"", "alex", "alex@acme.example, eve@evil.example", "alex@acmе.example", "Alex <alex@acme.example>", "alex@acme.example\r\nBcc: x@evil.example"} {
		alex.Address = a
		wants(t, send(t, o, m), "cannot be read in one way only", nil, false)
	}
	alex.Address = "alex@acme.example"
	for _, spoil := range []func(*reconcile.Message){
		func(m *reconcile.Message) { m.To = append(m.To, "dana") },
		func(m *reconcile.Message) { m.URL = "https://github.com/northwind/ops/issues/7" },
		func(m *reconcile.Message) { m.Items = append(m.Items, m.Items[0]) },
		func(m *reconcile.Message) { m.Items = nil },
	} {
		bad := m
		spoil(&bad)
		wants(t, send(t, o, bad), "is for one contact", nil, false)
	}
	o.Contact = func(*reconcile.Message) (Person, string) { return alex, "is not meant" }
	wants(t, send(t, o, m), "client:acme/accounting is not meant: nothing is sent", nil, false)
	invites := m
	invites.Invite = &meeting.Invitation{UID: "a@northwind", Start: "20260501", End: "20260502"}
	wants(t, send(t, o, invites), "only the staff is invited to meetings", nil, false)
	o.Contact = nil
	wants(t, send(t, o, m), "is outside the organization: nothing is sent", nil, false)
	if len(s.mails) != 2 {
		t.Errorf("%d mails", len(s.mails))
	}
}
