package schema

import (
	"slices"
	"strings"
)

// The parties of a step. An empty party is the organization itself.
const (
	PartyClient    = "client"
	PartyIncumbent = "incumbent"
	PartyOther     = "other"
)

// contactPrefix goes before the id of a contact where notices name one.
const contactPrefix = "client:"

// ContactID returns the id of the contact that a recipient names, and whether it names one
// at all.
func ContactID(recipient string) (id string, ok bool) {
	return strings.CutPrefix(recipient, contactPrefix)
}

// WritesToClients reports whether the policy lets contacts of clients be written to. That
// takes the word itself: whatever else stands there means no.
func (o *Organization) WritesToClients() bool { return o != nil && o.Policies.ClientEmail == "allowed" }

// Contact returns the contact with an id, or nil.
func (c *Client) Contact(id string) *Contact {
	i := slices.IndexFunc(c.Contacts, func(k Contact) bool { return k.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Contacts[i]
}
