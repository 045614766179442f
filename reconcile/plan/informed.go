package plan

import (
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/reconcile/ticket"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// after does what is left to do once an occurrence has ended: those who are to know that it
// is done are told, and whoever closed it is asked for the answer that it owes.
func (m *maker) after(o *due.Occurrence, on civil.Date) {
	if m.adoptOnly || m.outcome(o) != Done {
		return
	}
	m.tellInformed(o, on)
	m.askAnswer(o, on)
}

// tellInformed tells those in `informed`, by their own channels and with what else there is
// for them, that a step is done. Whoever owns it knows. They are told once, also where the
// step is opened and done again, and not of what was done days ago.
func (m *maker) tellInformed(o *due.Occurrence, on civil.Date) {
	if len(o.Step.Informed) == 0 || on < m.in.AsOf.AddDays(-stale-6) {
		return
	}
	n := &due.Notice{Kind: Finished, N: 1, On: on, Via: m.org.Defaults.Via}
	for _, who := range o.Step.Informed {
		if h := m.in.Engine.Holder(o, who); h != (due.Holder{}) && h != o.Owner {
			n.To = append(n.To, h)
		}
	}
	n.To = sortHolders(n.To)
	for _, d := range m.deliveries(n) {
		if d.on <= m.in.AsOf && d.on >= m.in.AsOf.AddDays(-stale) && !m.knows(o, n, &d) {
			m.send(o, n, d)
		}
	}
}

// knows reports whether a delivery went out, by whatever day: the forge and the ledger need
// not agree on which day a step was done.
func (m *maker) knows(o *due.Occurrence, n *due.Notice, d *delivery) bool {
	e := m.entry(o)
	if e == nil {
		return false
	}
	begin, end, _ := strings.Cut(d.name, n.On.String())
	for name, event := range e.Notices {
		if event.Verb == record.Notified && strings.HasPrefix(name, begin) && strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// askAnswer asks once, on the issue of a step that was closed as done, for the answer to its
// question. What was closed before the catch-up window is only listed.
func (m *maker) askAnswer(o *due.Occurrence, on civil.Date) {
	is := m.Issue(o.Key)
	if is == nil || is.State != issue.Closed || on < m.catchUp || !m.owesAnswer(o) {
		return
	}
	d := o.Step.Decide
	name := "unanswered/" + d.ID
	if m.sent(o, name) {
		return
	}
	c := m.change(Answer, &seen{key: o.Key, client: o.Client.ID, occurrence: o, issue: is})
	c.Reason = "it is done, and nobody answered: " + d.Question
	words := make([]string, len(d.Options))
	for i, option := range d.Options {
		words[i] = issue.Code("/decide " + option)
	}
	elsewhere := "."
	if !o.FromIssue() {
		elsewhere = ", " + issue.Text("or set decisions."+d.ID+" in "+o.Client.Source.File+".")
	}
	c.Comment = issue.Text("Done, but not decided: "+d.Question) + " " + issue.Text("Other steps wait for the answer. Write a comment with nothing but") + " " + strings.Join(words, " or ") + elsewhere + "\n\n" + ticket.Mark(name)
	c.Record = record.Event{V: record.Version, Key: o.Key, Verb: record.Notified, Notice: name}
	m.add(c)
}
