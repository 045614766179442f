package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// unsigned returns the roles that have to sign a step off and have not, in their order.
func (v *View) unsigned(o *due.Occurrence) []string {
	if len(o.Step.Approve) == 0 {
		return nil
	}
	return v.in.Progress.Approvals(o).Missing
}

// signoff gathers how far the sign-off of a step has come; nil where it needs none.
func (v *View) signoff(o *due.Occurrence) *issue.Signoff {
	if len(o.Step.Approve) == 0 {
		return nil
	}
	a := v.in.Progress.Approvals(o)
	s := &issue.Signoff{Of: a.Of, Round: a.Round}
	for _, role := range o.Step.Approve {
		l := issue.SignoffLine{Role: v.roleTitle(role)}
		at := slices.IndexFunc(a.Given, func(g progress.Given) bool { return g.Role == role })
		if at >= 0 {
			l.Given = v.given(a.Given[at])
		} else {
			l.Next = len(a.Missing) > 0 && a.Missing[0] == role
		}
		s.Roles = append(s.Roles, l)
	}
	for _, g := range a.Void {
		s.Void = append(s.Void, v.roleTitle(g.Role)+", "+v.given(g)+": "+g.Why)
	}
	s.Void = slices.Compact(s.Void) // somebody may have signed twice on one day
	if r := a.Rejected; r != nil {
		s.Rejected = v.personName(r.By) + " on " + issue.Day(r.On) + ": " + r.Reason
	}
	s.Undecided = o.Step.Decide != nil && slices.Contains(a.Lacks, o.Step.Decide.ID)
	s.Lacks = lacking(o)
	return s
}

func (v *View) given(g progress.Given) string { return v.personName(g.By) + " on " + issue.Day(g.On) }

func (v *View) roleTitle(id string) string {
	if r := v.in.Catalog.Role(id); r != nil {
		return r.Title
	}
	return id
}

// personName returns how a person is called among people; the id where nobody has it.
func (v *View) personName(id string) string { return v.name(due.Holder{Person: id}) }

// question gathers what a step decides; nil where that is nothing.
func (v *View) question(o *due.Occurrence) *issue.Question {
	d := o.Step.Decide
	if d == nil {
		return nil
	}
	q := &issue.Question{Text: d.Question, Options: d.Options}
	q.Answer, q.By = v.answer(o, d.ID)
	return q
}

// answer returns what was decided about a question in the run of an occurrence, and who
// did so when.
func (v *View) answer(o *due.Occurrence, id string) (option, by string) {
	if option = o.Assignment.Decisions[id]; option != "" {
		return option, "in " + o.Client.Source.File
	}
	d, ok := v.in.Progress.Run(o.Key).Decisions[id]
	if !ok {
		return "", ""
	}
	return d.Option, cmp.Or(v.personName(d.By), "somebody") + " on " + issue.Day(d.On)
}

// settled returns why an open issue is to be closed because its step is done or skipped:
// somebody asked for it by a command, or everybody signed it off.
func (v *View) settled(o *due.Occurrence) (how record.Verb, why string) {
	if _, ended := v.fact(o.Key); !ended {
		return "", ""
	}
	if a, ok := v.in.Progress.Asked(o.Key); ok {
		how, why = record.Done, "done"
		if a.Skip {
			how, why = record.Skipped, "skipped"
		}
		why += ", says " + v.personName(a.By)
		if a.Reason != "" {
			why += ": " + a.Reason
		}
		return how, why
	}
	if len(o.Step.Approve) == 0 {
		return "", ""
	}
	var by []string
	for _, g := range v.in.Progress.Approvals(o).Given {
		by = append(by, v.given(g)+" ("+v.roleTitle(g.Role)+")")
	}
	return record.Done, "signed off by " + strings.Join(by, ", ")
}

// settle closes an issue whose step is done or skipped. A person asked for it, so no gate
// counts it, and the ledger takes it for what a person closed.
func (m *maker) settle(s *seen, how record.Verb, why string) {
	reason := issue.Completed
	if how == record.Skipped {
		reason = issue.NotPlanned
	}
	c := m.endChange(s, why, reason)
	c.Record.Verb = how
	m.seal(s.occurrence, &c.Record)
	m.add(c)
}

// seal writes into the event of a step that is done what was signed off, so that it stays
// done when that is edited later.
func (m *maker) seal(o *due.Occurrence, e *record.Event) {
	a := m.in.Progress.Approvals(o)
	if e.Verb != record.Done || !a.Complete() {
		return
	}
	e.Of = a.Of
	if d := o.Step.Decide; d != nil {
		e.Arg, _ = m.answer(o, d.ID)
	}
}

// unsignedReason says who still has to sign a step off, or for whom that is still to be done.
func (v *View) unsignedReason(o *due.Occurrence) string {
	var clients, roles []string
	for _, m := range v.unsignedRows(o) {
		clients = append(clients, m.Client.Name)
	}
	if len(clients) > 0 {
		return "not signed off yet for " + strings.Join(clients, ", ")
	}
	for _, r := range v.unsigned(o) {
		roles = append(roles, v.roleTitle(r))
	}
	return "not signed off yet by " + strings.Join(roles, ", then ")
}

// unsignedRows returns the clients' parts of a shared issue that are still to be signed off.
func (v *View) unsignedRows(o *due.Occurrence) (l []*due.Occurrence) {
	for _, m := range v.members[o.Key] {
		if _, frozen := v.frozen(m.Client.ID); frozen || len(m.Step.Approve) == 0 {
			continue
		}
		if w := v.memberFate(m); (w.fate == open || w.fate == later) && len(v.unsigned(m)) > 0 {
			l = append(l, m)
		}
	}
	return l
}
