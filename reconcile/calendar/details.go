package calendar

import (
	"cmp"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// describe adds what only staff should read.
func (m *maker) describe(e *event, o *due.Occurrence, n *record.Entry) {
	var l []string
	add := func(name, value string) {
		if value = meeting.Line(value); value != "" {
			l = append(l, name+": "+value)
		}
	}
	with := make([]string, len(o.With))
	for i, h := range o.With {
		with[i] = m.name(h)
	}
	add("Owner", cmp.Or(m.name(o.Owner), "nobody"))
	add("With", strings.Join(with, ", "))
	add("Process", o.Template.Describe().Title)
	add("Turn", strings.TrimSpace(o.Cycle+" "+o.Instance))
	if o.Exception != nil {
		add("Reason", o.Exception.Reason)
	}
	for _, item := range o.Step.Checklist {
		l = append(l, "- "+meeting.Line(item))
	}
	e.Description = strings.Join(l, "\n")
	number := 0
	if n != nil {
		number = n.Number
	}
	e.URL = meeting.Address(m.in.Link(o, number))
}

// name returns what people call somebody.
func (m *maker) name(h due.Holder) string {
	if p := m.in.Catalog.Person(h.Person); p != nil {
		return p.Name
	}
	if r := m.in.Catalog.Role(h.Role); r != nil {
		return cmp.Or(r.Title, r.ID)
	}
	return h.String()
}
