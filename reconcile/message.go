package reconcile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Message is one notification for one channel, ready to send. Recipients are people of the
// organization, or one contact of a client and nobody else: see Outside.
type Message struct {
	// ID is the same for the same notification in every run, and that of a digest the same
	// for the same notices.
	ID string
	// Channel is the id of the channel, empty for the log.
	Channel string
	// To are the ids of persons, or role:<id>, sorted; or one client:<client>/<contact>.
	To []string
	// Title and Text are plain text; URL is the issue, where there is one.
	Title, Text, URL string
	// On is the day that the message speaks of as today.
	On civil.Date
	// Invite is what calendars are told; nil for a message that only people read.
	Invite *meeting.Invitation
	// Items are the notices that the message carries. Several make it a digest; none, a
	// message about no step at all.
	Items []Item
}

// Item is one notice within a message.
type Item struct {
	// ID is the same for the same notice in every run.
	ID string
	// Key is that of the occurrence, and Number its issue, 0 where there is none.
	Key    string
	Number int
	Kind   due.NoticeKind
	// Client and Owner are names for people; Owner is empty where nobody has it.
	Client, Owner string
	// To are the ids of persons, or role:<id>, sorted.
	To  []string
	Due civil.Date
	// Title and Text are plain text; URL is the issue, where there is one.
	Title, Text, URL string
	Invite           *meeting.Invitation
}

// Digest reports whether the message gathers several notices.
func (m *Message) Digest() bool { return len(m.Items) > 1 }

// outside begins the name of a contact of a client among recipients.
const outside = "client:"

// Outside reports whether the message goes to anybody outside the organization. One that
// does is for one contact, about one step, and holds nothing but what is meant for it.
func (m *Message) Outside() bool {
	return slices.ContainsFunc(m.To, func(id string) bool { return strings.HasPrefix(id, outside) })
}

// Section is a part of a digest. Items are sorted by client, owner, due date and key.
type Section struct {
	Title string
	Items []Item
}

// The sections, in the order in which a digest has them.
var sections = []string{"Overdue", "Yours now", "Due this week", "Coming up", "Done"}

// section returns which section an item belongs to. A week ends on Sunday.
func (m *Message) section(i *Item) int {
	switch {
	case i.Kind == plan.Assigned:
		return 1
	case i.Kind == plan.Finished:
		return 4
	case i.Due < m.On:
		return 0
	case i.Due < m.On.StartOfWeek().AddDays(7):
		return 2
	}
	return 3
}

// Sections returns the items by section, without those that are empty.
func (m *Message) Sections() []Section {
	l := make([]Section, len(sections))
	for i, title := range sections {
		l[i].Title = title
	}
	for i := range m.Items {
		n := m.section(&m.Items[i])
		l[n].Items = append(l[n].Items, m.Items[i])
	}
	for i := range l {
		slices.SortFunc(l[i].Items, func(a, b Item) int {
			return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID))
		})
	}
	return slices.DeleteFunc(l, func(s Section) bool { return len(s.Items) == 0 })
}

// Messages returns the messages that a plan sends, in the order in which a run sends them.
// They have no address of issues that are still to be opened.
func Messages(p *plan.Plan) []Message {
	a := &applying{}
	for _, c := range p.Changes {
		if c.Action == plan.Notify {
			a.tasks = append(a.tasks, &task{change: c})
		}
	}
	slices.SortStableFunc(a.tasks, order)
	var l []Message
	for _, b := range a.batches() {
		items := make([]Item, len(b))
		for i, t := range b {
			items[i] = itemOf(&t.change)
		}
		l = append(l, gather(b[0].change.Notice.Channel, p.AsOf, items))
	}
	return l
}

func itemOf(c *plan.Change) Item {
	n := c.Notice
	if n.Outside {
		return Item{ID: n.ID, Key: c.Key, Kind: n.Kind, To: n.To, Due: c.Due, Title: n.Title, Text: n.Text}
	}
	return Item{ID: n.ID, Key: c.Key, Number: c.Number, Kind: n.Kind, Client: n.Client, Owner: n.Owner,
		To: n.To, Due: c.Due, Title: n.Title, Text: n.Text, URL: n.URL, Invite: n.Invite}
}

// gather makes one message of notices that go out together, at least one. A single one is
// a message about itself.
func gather(channel string, on civil.Date, items []Item) Message {
	m := Message{Channel: channel, On: on, Items: items}
	for _, i := range items {
		m.To = append(m.To, i.To...)
	}
	slices.Sort(m.To)
	m.To = slices.Compact(m.To)
	if !m.Digest() {
		i := items[0]
		m.ID, m.Title, m.Text, m.URL, m.Invite = i.ID, i.Title, i.Text, i.URL, i.Invite
		return m
	}
	m.ID = digestID(items)
	var counts []string
	var text strings.Builder
	for n, s := range m.Sections() {
		counts = append(counts, fmt.Sprintf("%d %s", len(s.Items), strings.ToLower(s.Title)))
		if n > 0 {
			text.WriteString("\n")
		}
		text.WriteString(s.Title + "\n")
		for _, i := range s.Items {
			text.WriteString("- " + i.Line() + "\n")
			if i.URL != "" {
				text.WriteString("  " + i.URL + "\n")
			}
		}
	}
	m.Title = fmt.Sprintf("%d notices: %s", len(items), strings.Join(counts, ", "))
	m.Text = strings.TrimRight(text.String(), "\n")
	return m
}

// Line is the item in one line: what is due when, and who has it.
func (i *Item) Line() string {
	if i.Owner == "" {
		return i.Title
	}
	return i.Title + " (" + i.Owner + ")"
}

// digestID names a digest by what is in it.
func digestID(items []Item) string {
	ids := make([]string, len(items))
	for i := range items {
		ids[i] = items[i].ID
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
	return "digest/" + hex.EncodeToString(sum[:12])
}
