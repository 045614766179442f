package due

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// write fills in an occurrence from what was dated; it is filled in place, being large. keys
// is the text in which its key stands.
func (j *job) write(o *Occurrence, d *dated, keys string) {
	t, l := d.track, d.line
	key := keys[d.key.from:d.key.to]
	c := j.crew(t, l, d.due, key)
	*o = Occurrence{
		Key:         key,
		Previous:    d.formerKeys(keys),
		Client:      t.client,
		Template:    t.shape.doc,
		Assignment:  t.assignment,
		Step:        l.step,
		Cycle:       keys[d.key.cycle:d.key.cycleEnd],
		Instance:    keys[d.key.instance:d.key.to],
		Nominal:     d.nominal,
		Due:         d.due,
		Unscheduled: d.lacks,
		Owner:       c.owner,
		With:        c.with,
		Source:      t.source(l),
		Whole:       l.whole,
	}
	switch {
	case d.by == nil:
	case d.by.index < 0:
		o.Moved = Move{To: d.by.MoveTo, Why: d.by.Reason}
	default:
		o.Exception = d.by.Exception
	}
	if t.conditions != nil {
		o.Undecided = t.condition(l, d.n).open()
	}
	if d.lacks == "" && o.Undecided == "" {
		o.Notices, o.Opens = j.tell(t, l, c, d.due, o.Cancelled())
	}
	if l.whole && o.Opens != 0 {
		o.Opens = min(cmp.Or(t.opening(), o.Opens), o.Opens)
	}
}

// source returns where a step is written.
func (t *track) source(l *line) schema.Source {
	s := t.shape.doc.Head().Source
	if l.extra {
		s = t.client.Source
	}
	s.Pos = l.step.Pos
	return s
}

// formerKeys returns the keys under every combination of former ids of the client, the
// template and the step, sorted. An id that is in use again stands for its new bearer only.
func (d *dated) formerKeys(keys string) []string {
	t, l := d.track, d.line
	if !d.wasRenamed() {
		return nil
	}
	cycle := keys[d.key.cycle:d.key.cycleEnd]
	instance := ""
	if d.key.instance < d.key.to && d.turn > 0 {
		instance = "/" + keys[d.key.instance:d.key.to]
	}
	var former []string
	for _, client := range ids(t.client.ID, t.e.freeClients(t.client)) {
		for _, template := range ids(t.shape.doc.Head().ID, t.e.freeTemplates(t.shape)) {
			for _, step := range ids(l.step.ID, l.previous) {
				if key := client + "/" + template + "/" + cycle + "/" + step + instance; key != keys[d.key.from:d.key.to] {
					former = append(former, key)
				}
			}
		}
	}
	slices.Sort(former)
	return slices.Compact(former)
}

func ids(id string, former []string) []string { return append([]string{id}, former...) }

// freeClients returns the former ids of a client that are not in use.
func (e *Engine) freeClients(c *schema.Client) []string {
	return slices.DeleteFunc(slices.Clone(c.Previously), func(id string) bool { return e.cat.Client(id) != c })
}

// freeTemplates returns the former ids of a template that are not in use.
func (e *Engine) freeTemplates(s *shape) []string {
	return slices.DeleteFunc(slices.Clone(s.previous), func(id string) bool { return e.shapes[id] != s })
}

// tell returns the notices of an occurrence, and the day from which its issue is open: so
// long before the due date as `open` says, else from its first heads-up. What is called
// off is told to nobody.
func (j *job) tell(t *track, l *line, c *crew, due civil.Date, cancelled bool) (notices []Notice, opens civil.Date) {
	if !cancelled {
		notices = j.notices.take(c.count)[:0]
	}
	opens = due
	heads, via := t.e.heads(l.step), t.e.cat.Organization.Defaults.Via
	add := func(n Notice) {
		if !cancelled && n.On != 0 {
			notices = append(notices, n)
		}
	}
	for i := range heads {
		on := t.days(l).Add(due, heads[i].Before, -1)
		opens = min(opens, max(on, 1))
		h := Notice{Kind: HeadsUp, N: i + 1, On: on, To: c.heads[i], Via: via}
		if heads[i].Via != nil {
			h.Via = heads[i].Via
		}
		add(h)
	}
	if l.step.Open.Set {
		opens = t.opens(l, due)
	}
	if r := l.step.Remind; r != nil {
		first := t.days(l).Add(due, r.After, 1)
		for n := range reminders(r) {
			every := r.Every
			every.N *= n
			add(Notice{Kind: Reminder, N: n + 1, On: t.days(l).Add(first, every, 1), To: c.reminded, Via: via})
		}
	}
	if s := l.step.Escalate; s != nil {
		add(Notice{Kind: Escalation, N: 1, On: t.days(l).Add(due, s.After, 1), To: c.escalated, Via: via})
	}
	slices.SortFunc(notices, compareNotices)
	return notices, opens
}

func compareNotices(a, b Notice) int {
	return cmp.Or(cmp.Compare(a.On, b.On), strings.Compare(string(a.Kind), string(b.Kind)), cmp.Compare(a.N, b.N))
}

// heads returns who is told in advance: as the step says, else as the organization does.
func (e *Engine) heads(s *schema.Step) []schema.Notice {
	if s.Notify != nil {
		return s.Notify
	}
	return e.cat.Organization.Defaults.Notify
}

// defaultReminders is how many reminders go out where `max` is left out.
const defaultReminders = 3

// reminders returns how many reminders a step has: one where it does not say how often.
func reminders(r *schema.Remind) int {
	if !r.Every.Set {
		return 1
	}
	return cmp.Or(r.Max, defaultReminders)
}
