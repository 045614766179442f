package plan

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// update brings an open issue up to date and reports whether anything had to be done.
func (m *maker) update(s *seen) bool { return m.edit(s, "") }

// edit plans what differs between an issue and what it ought to be. A closed one is opened
// again, for the given reason.
func (m *maker) edit(s *seen, reopen string) bool {
	if s.occurrence == nil {
		return false // a person wants to keep what the files have no more
	}
	o, w := s.occurrence, m.Desired(s.occurrence)
	c, e := m.change(Update, s), &Edit{Region: w.Region, Marker: w.Marker}
	var why []string
	if reopen != "" {
		e.Reopen, why = true, []string{reopen}
		if m.closedUnsigned(o, s.issue) {
			c.Comment = issue.Text("Opened again: "+reopen) + ". " + issue.Text("A step that has to be signed off is done when everybody has; write ") + issue.Code("/approve") + "."
		}
		c.set("state", string(issue.Closed), string(issue.Open))
	}
	if s.issue.Title != w.Title {
		e.Title = &w.Title
		c.set("title", s.issue.Title, w.Title)
	}
	if body := issue.Normalize(s.issue.Body); differs(body, w) {
		e.Body = true
		c.set("body", fingerprint(body), w.Marker.Spec)
		m.voided(o, body, &c)
	}
	if e.AddLabels, e.RemoveLabels = m.labelChanges(s.issue.Labels, w.Labels); len(e.AddLabels)+len(e.RemoveLabels) > 0 {
		c.set("labels", list(s.issue.Labels), list(relabel(s.issue.Labels, e)))
	}
	if w.Milestone != "" && s.issue.Milestone == "" {
		e.Milestone = w.Milestone
		c.set("milestone", "", w.Milestone)
	}
	why = append(why, m.assign(s, w.Assignee, &c, e)...)
	moved := m.movesOn(s, w, &c)
	if why = append(why, moved...); len(moved) == 0 && c.After["assignee"] != nil {
		why = append(why, m.givenTo(o))
	}
	if len(c.Fields) == 0 {
		m.takenOver(s)
		return false
	}
	slices.Sort(c.Fields)
	c.Title, c.Edit = w.Title, e
	why = slices.DeleteFunc(append(why, m.reasons(s, e)...), func(s string) bool { return s == "" })
	c.Reason = strings.Join(why, "; ")
	if c.Reason == "" {
		c.Reason = "differs from the files: " + strings.Join(c.Fields, ", ")
	}
	c.Record = record.Event{V: record.Version, Key: o.Key, Verb: record.Updated, Number: s.issue.Number, Owner: o.Owner.String(), Due: o.Due}
	if e.Reopen {
		c.Record.Verb = record.Opened
	}
	m.add(c)
	if len(moved) > 0 || s.entry != nil && s.entry.Due != 0 && s.entry.Owner != c.Record.Owner {
		m.handOver(m.at(o))
	}
	return true
}

// differs reports whether a body is not what it ought to be.
func differs(body string, w Wanted) bool {
	if issue.IsSteady(body, w.Region, w.Marker) {
		return false
	}
	merged := issue.Merge(body, w.Region, w.Marker)
	return merged != body && issue.Steady(merged) != issue.Steady(body)
}

// set notes that a field differs.
func (c *Change) set(field string, before, after any) {
	c.Fields = append(c.Fields, field)
	c.Before[field], c.After[field] = before, after
}

// fingerprint is the one in the marker of a body, or that of its region.
func fingerprint(body string) string {
	if m, ok := issue.ParseMarker(body); ok && m.Spec != "" {
		return m.Spec
	}
	return issue.Spec(issue.Region(body))
}

// labelChanges returns the labels to add, and those of ours to remove, sorted. Labels that
// people put there stay.
func (v *View) labelChanges(have, want []string) (add, remove []string) {
	folded := map[string]bool{}
	for _, l := range have {
		f := strings.ToLower(l)
		folded[f] = true
		if v.isOurLabel(f) && !slices.Contains(want, f) {
			remove = append(remove, l)
		}
	}
	for _, l := range want {
		if !folded[l] {
			add = append(add, l)
		}
	}
	slices.Sort(remove)
	return add, remove
}

// relabel returns the labels after the edit, sorted.
func relabel(have []string, e *Edit) []string {
	l := slices.DeleteFunc(slices.Clone(have), func(s string) bool { return slices.Contains(e.RemoveLabels, s) })
	l = append(l, e.AddLabels...)
	slices.Sort(l)
	return l
}

// assign hands an issue over when its owner changed since we last gave it to somebody. Who
// people assigned in the meantime stays, and an issue that was never ours to give is only
// given to its owner where nobody has it.
func (m *maker) assign(s *seen, login string, c *Change, e *Edit) []string {
	o, now := s.occurrence, s.occurrence.Owner.String()
	has := func(l string) bool {
		return slices.ContainsFunc(s.issue.Assignees, func(a string) bool { return strings.EqualFold(a, l) })
	}
	if s.entry == nil || s.entry.Due == 0 {
		if login != "" && len(s.issue.Assignees) == 0 {
			e.AddAssignees = []string{login}
			c.set("assignee", "", now)
			return []string{"nobody has it yet"}
		}
		return nil
	}
	before := s.entry.Owner
	if before == now {
		return nil
	}
	if old := m.login(before); old != "" && old != login && has(old) {
		e.RemoveAssignees = []string{old}
	}
	if login != "" && !has(login) {
		e.AddAssignees = []string{login}
	}
	c.set("assignee", before, now)
	words := m.name(o.Owner) + " has it now"
	if r := m.in.Catalog.Role(o.Owner.Role); o.Owner.Person == "" && r != nil && r.Pool {
		words = m.name(o.Owner) + " may take it now"
	}
	if before != "" {
		words += ", before it was " + m.name(holder(before))
	}
	if now == "" {
		words = "nobody has it now, before it was " + m.name(holder(before))
	}
	c.Comment = issue.Text(upper(words) + ".")
	return []string{words}
}

// reasons says in words what the edit is about, as far as there is more to say than which
// fields differ.
func (m *maker) reasons(s *seen, e *Edit) []string {
	var l []string
	o := s.occurrence
	if s.entry != nil && s.entry.Due != 0 && s.entry.Due != o.Due && !slices.ContainsFunc(e.AddLabels, isStepLabel) {
		l = append(l, "due date moved from "+s.entry.Due.String()+" to "+day(o.Due))
	}
	if s.raw != "" && s.raw != s.key {
		l = append(l, "renamed from "+s.raw)
	}
	if slices.Contains(e.AddLabels, labelOverdue) {
		l = append(l, "overdue since "+o.Due.AddDays(1).String())
	}
	if slices.Contains(e.RemoveLabels, labelOverdue) {
		l = append(l, "no longer overdue")
	}
	if slices.Contains(e.AddLabels, labelBlocked) {
		l = append(l, m.barrier(o))
	}
	if slices.Contains(e.RemoveLabels, labelBlocked) {
		l = append(l, "what it waited for is done")
	}
	for _, label := range e.AddLabels {
		if m.markLabels[label] {
			l = append(l, "the client is on "+label)
		}
	}
	for _, label := range e.RemoveLabels {
		if m.markLabels[label] {
			l = append(l, "the client is no longer on "+label)
		}
	}
	return l
}

// barrier says what keeps an open step from being done.
func (v *View) barrier(o *due.Occurrence) string {
	if v.stuck(o) {
		return "no step of the run can be done"
	}
	o = v.at(o)
	keys, _ := v.waits(o, 0)
	switch {
	case o.Undecided != "":
		return "waits for the decision " + o.Undecided
	case len(keys) > 0:
		return "waits for " + strings.Join(keys, ", ")
	}
	return v.unsignedReason(o)
}

// voided comments on an issue whose sign-offs no longer count, in the edit that shows it for
// the first time. Of a shared issue each row tells of its own.
func (m *maker) voided(o *due.Occurrence, before string, c *Change) {
	if c.Comment != "" {
		return
	}
	l := newlyVoid(m.signoff(o), before)
	rows, _ := m.rows(o)
	for _, row := range rows {
		for _, v := range newlyVoid(m.signoff(row), rowOf(before, row.Key)) {
			l = append(l, row.Client.Name+": "+v)
		}
	}
	if len(l) > 0 {
		c.Comment = issue.Text("A sign-off counts no more, and is to be given again: "+strings.Join(l, "; ")) + "."
	}
}

// newlyVoid returns the sign-offs that no longer count and of which a text does not tell yet.
func newlyVoid(s *issue.Signoff, before string) (l []string) {
	if s == nil {
		return nil
	}
	for _, v := range s.Void {
		if !strings.Contains(before, "void: "+issue.Text(v)) {
			l = append(l, v)
		}
	}
	return l
}

// rowOf returns the line of a body that is the row with a key, empty for none.
func rowOf(body, key string) string {
	for line := range strings.Lines(body) {
		if strings.HasSuffix(strings.TrimRight(line, " \t\r\n"), issue.Code(key)) {
			return line
		}
	}
	return ""
}
