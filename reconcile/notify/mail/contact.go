package mail

import (
	"regexp"

	"github.com/almanac-gitops/almanac/reconcile"
)

// plain is an address that can be read in one way only: no quotes, comments, routes, lists
// or letters of other alphabets.
var plain = regexp.MustCompile(`^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// contact returns the contact of a client whom a message is for, alone. A message that is
// for anybody else besides, that gathers several notices, that points to an issue or that
// invites to a meeting was not made for a client, and does not go out.
func (m *Mail) contact(msg *reconcile.Message) ([]Person, error) {
	if len(msg.To) != 1 || len(msg.Items) != 1 || msg.URL != "" || msg.Items[0].URL != "" {
		return nil, m.fail("a message to a client is for one contact, about one step and points to nothing of ours: nothing is sent", false)
	}
	if msg.Invite != nil || msg.Items[0].Invite != nil {
		return nil, m.fail("only the staff is invited to meetings: nothing is sent to "+msg.To[0], false)
	}
	if m.o.Contact == nil {
		return nil, m.fail(msg.To[0]+" is outside the organization: nothing is sent", false)
	}
	p, why := m.o.Contact(msg)
	switch {
	case why != "":
		return nil, m.fail(msg.To[0]+" "+why+": nothing is sent", false)
	case !plain.MatchString(p.Address):
		return nil, m.fail("the e-mail address of "+msg.To[0]+" cannot be read in one way only: nothing is sent", false)
	}
	return []Person{p}, nil
}
