package plan

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// shared is the word in files for a step that has no issue of its own, but one with all
// clients whose step falls on the same day.
const shared = "shared"

// addShared makes an occurrence for each issue that several clients share. It stands for
// theirs, which have no issue of their own.
func (v *View) addShared() {
	for i := range v.occurrences {
		if o := &v.occurrences[i]; o.Shared() && o.Due != 0 {
			key := o.SharedKey()
			v.members[key] = append(v.members[key], o)
		}
	}
	if len(v.members) == 0 {
		return
	}
	all := &schema.Client{Meta: schema.Meta{Kind: schema.KindClient, ID: schema.AllClients}, Name: "All clients"}
	for key, l := range v.members {
		v.groups = append(v.groups, gathered(key, all, l))
	}
	slices.SortFunc(v.groups, func(a, b due.Occurrence) int { return strings.Compare(a.Key, b.Key) })
}

// settleShared has each shared issue stand for those clients only that have a part in it: who
// still waits for something does not say whose it is.
func (v *View) settleShared() {
	for i := range v.groups {
		o := &v.groups[i]
		if l, _ := v.rows(o); len(l) > 0 {
			*o = gathered(o.Key, o.Client, l)
		}
	}
}

// gathered is the occurrence that stands for those of several clients, which are in the
// order of their keys.
func gathered(key string, all *schema.Client, l []*due.Occurrence) due.Occurrence {
	first := l[0]
	k, _ := issue.ParseKey(key) // it is made of ids and a date
	step := *first.Step
	step.Decide, step.Approve, step.After, step.Issue = nil, nil, nil, ""
	o := due.Occurrence{Key: key, Client: all, Template: first.Template, Assignment: &schema.Assignment{Template: first.Template.Head().ID},
		Step: &step, Cycle: k.Cycle, Nominal: first.Nominal, Due: first.Due, Opens: first.Opens, Owner: first.Owner, Source: first.Source}
	for _, m := range l {
		o.Due, o.Opens = max(o.Due, m.Due), min(o.Opens, m.Opens)
		if m.Owner != o.Owner {
			o.Owner = due.Holder{Role: strings.TrimPrefix(step.Owner, "@")}
		}
		o.With = append(o.With, m.With...)
		for _, n := range m.Notices {
			o.Notices = joinNotice(o.Notices, n)
		}
	}
	o.With = sortHolders(o.With)
	return o
}

// sortHolders puts people and pools in order, each once, in place.
func sortHolders(l []due.Holder) []due.Holder {
	slices.SortFunc(l, func(a, b due.Holder) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(l)
}

// joinNotice adds a notice of one client to those of the issue: the same notice goes to everybody
// who gets it for some client.
func joinNotice(l []due.Notice, n due.Notice) []due.Notice {
	at := slices.IndexFunc(l, func(k due.Notice) bool { return k.Kind == n.Kind && k.N == n.N && k.On == n.On })
	if at < 0 {
		n.To = slices.Clone(n.To)
		return append(l, n)
	}
	l[at].To = sortHolders(append(l[at].To, n.To...))
	return l
}

// member works out what is to be done about one client's part of a shared issue. It is
// never opened by itself: while it is wanted it is a row, and open once the issue is.
func (v *View) member(o *due.Occurrence, depth int) verdict {
	if end, ok := v.fact(o.Key); ok {
		return verdict{fate: ended, free: end.On}
	}
	switch {
	case o.Due == 0:
		return verdict{fate: undated}
	case o.Undecided != "":
		return verdict{fate: undecided, waitsFor: v.asks(o)}
	}
	waits, free := v.waits(o, depth)
	free = max(free, v.in.Engine.Answered(o))
	is := v.Issue(o.SharedKey())
	w := verdict{fate: later, waitsFor: waits, free: free}
	switch {
	case len(waits) > 0:
		w.fate = waiting
	case is != nil && is.State != issue.Closed:
		w.fate, w.number = open, is.Number
	case max(o.Due, free) < v.catchUp:
		w.fate = tooOld
	case v.isSuperseded(o):
		w.fate = superseded
	}
	if v.in.AsOf < o.Opens && w.fate == waiting {
		w.fate = later
	}
	return w
}

// rows returns the clients that have a part in a shared issue: those that still have to do
// with it and, while it is open, those that are done.
func (v *View) rows(o *due.Occurrence) (l []*due.Occurrence, left bool) {
	is := v.Issue(o.Key)
	listed := map[string]bool{}
	if is != nil {
		for _, r := range issue.Rows(is.Body) {
			listed[r.Key] = true
		}
	}
	for _, m := range v.members[o.Key] {
		if _, frozen := v.frozen(m.Client.ID); frozen || m.Cancelled() {
			continue
		}
		switch w := v.memberFate(m); w.fate {
		case ended:
			if listed[m.Key] {
				l = append(l, m)
			}
		case open, later:
			if v.in.AsOf >= m.Opens || listed[m.Key] {
				l, left = append(l, m), true
			}
		}
	}
	return l, left
}

// memberFate remembers the fates of members, which several questions ask for.
func (v *View) memberFate(m *due.Occurrence) verdict {
	w, ok := v.verdicts[m.Key]
	if !ok {
		w = v.fate(m, 1)
		v.verdicts[m.Key] = w
	}
	return w
}

// gatheredFate is what is to be done about a shared issue, once forge and ledger have had
// their say.
func (v *View) gatheredFate(o *due.Occurrence, d verdict) verdict {
	_, left := v.rows(o)
	switch {
	case !left || v.in.AsOf < o.Opens:
		return verdict{fate: later}
	case o.Due < v.catchUp && !v.freed(o):
		return verdict{fate: tooOld}
	}
	return verdict{fate: wanted, number: d.number}
}

// freed reports whether a part of a shared issue could begin only lately.
func (v *View) freed(o *due.Occurrence) bool {
	return slices.ContainsFunc(v.members[o.Key], func(m *due.Occurrence) bool {
		w := v.memberFate(m)
		return (w.fate == open || w.fate == later) && w.free >= v.catchUp
	})
}

// partial reports whether some clients cannot be seen, so that what is left of a shared issue
// says nothing about them.
func (v *View) partial() bool { return len(v.in.Frozen)+len(v.in.Unread) > 0 }

// rowLines are the parts of a shared issue as it lists them.
func (v *View) rowLines(o *due.Occurrence) []issue.RowLine {
	l, _ := v.rows(o)
	out := make([]issue.RowLine, len(l))
	for i, m := range l {
		_, done := v.fact(m.Key)
		out[i] = issue.RowLine{Client: m.Client.Name, Key: m.Key, Ended: done, Text: v.rowText(m)}
	}
	return out
}

// rowText says what there is to know about one client in a shared issue.
func (v *View) rowText(m *due.Occurrence) string {
	parts := v.rowSince(m)
	if m.Moved.To != 0 {
		parts = append(parts, m.Moved.Why)
	}
	if b, ok := m.Template.(*schema.Playbook); ok && m.Instance == "" {
		for i := range b.Fields {
			if f := &b.Fields[i]; f.Required && !m.Assignment.Fields[f.ID].IsZero() {
				parts = append(parts, f.Name()+": "+strings.Join(v.values(f, m.Assignment.Fields[f.ID]), ", "))
			}
		}
	}
	if d := m.Step.Decide; d != nil {
		if option, by := v.answer(m, d.ID); option != "" {
			parts = append(parts, "decided "+option+" ("+by+")")
		} else {
			parts = append(parts, "to decide: "+strings.Join(d.Options, " or "))
		}
	}
	if s := v.signoff(m); s != nil {
		parts = append(parts, signoffText(s, m.Client.ID)...)
	}
	if m.Step.Type == "review" && m.Instance != "" {
		parts = append(parts, v.rowNote(m))
	}
	return strings.Join(parts, "; ")
}

// rowSince says since when a run marks its client; of one that does not, when it began.
func (v *View) rowSince(m *due.Occurrence) (parts []string) {
	if v.twice(m) {
		parts = append(parts, "run "+m.Cycle+", in commands "+m.Client.ID+" "+m.Cycle)
	}
	for _, mark := range v.marks(m) {
		if mark.Template == m.Template.Head().ID && mark.Run == m.Assignment.RunID() {
			return append(parts, "on "+mark.Label+" since "+issue.Day(mark.Since))
		}
	}
	if start := m.Assignment.Start; start != 0 {
		parts = append(parts, "begun on "+issue.Day(start))
	}
	return parts
}

// twice reports whether several runs of one client share an issue.
func (v *View) twice(m *due.Occurrence) bool {
	return slices.ContainsFunc(v.members[m.SharedKey()], func(o *due.Occurrence) bool { return o.Client == m.Client && o.Cycle != m.Cycle })
}

// rowNote says whether somebody wrote a note on the run since it was reviewed before.
func (v *View) rowNote(m *due.Occurrence) string {
	var last civil.Date
	for _, o := range v.steps(m, m.Step.ID) {
		if o.Due < m.Due {
			last = max(last, o.Due)
		}
	}
	noted := v.in.Progress.Noted(m.Key)
	switch {
	case noted == 0:
		return "no note yet"
	case noted < last:
		return "no note since " + issue.Day(noted)
	}
	return "last note on " + issue.Day(noted)
}

// signoffText says in a few words how far the sign-off for one client has come.
// client is what commands name.
func signoffText(s *issue.Signoff, client string) []string {
	var l []string
	for _, r := range s.Roles {
		switch {
		case r.Given != "":
			l = append(l, "signed off by "+r.Given+" ("+r.Role+")")
		case r.Next:
			l = append(l, "next to sign off: "+r.Role+", with /approve "+client+" "+s.Of)
		}
	}
	if len(s.Lacks) > 0 {
		l = append(l, "missing in the client's file: "+strings.Join(s.Lacks, ", "))
	}
	for _, v := range s.Void {
		l = append(l, "void: "+v)
	}
	if s.Rejected != "" {
		l = append(l, "rejected by "+s.Rejected)
	}
	return l
}

// addShare adds to the content of a shared issue what is asked and the clients.
func (v *View) addShare(o *due.Occurrence, c *issue.Content) {
	l := v.members[o.Key]
	if len(l) == 0 {
		return
	}
	c.Rows, c.Turn = v.rowLines(o), o.Cycle
	c.Target = l[0].Client.ID + " "
	if len(c.Rows) > 0 {
		c.Target = record.Client(c.Rows[0].Key) + " "
	}
	if d := l[0].Step.Decide; d != nil {
		c.Question = &issue.Question{Text: d.Question, Options: d.Options}
	}
}

// ticked records what ended of the parts of shared issues, so that it stays so whatever
// becomes of the issue: the row may be in one of another day by now, which is listed only for
// a while once it is closed.
func (m *maker) ticked() {
	if m.adoptOnly {
		return
	}
	for i := range m.groups {
		o := &m.groups[i]
		for _, p := range m.members[o.Key] {
			e := m.entry(p)
			end, done := m.fact(p.Key)
			if !done || !m.acts(p.Client.ID) || e != nil && e.State == record.Ended {
				continue
			}
			m.recordEnd(p.Key, end, p)
		}
	}
}

// share decides about an open issue that several clients share, and reports whether nothing
// else is to be decided about it.
func (m *maker) share(s *seen) bool {
	if s.client != schema.AllClients {
		return false
	}
	var rows []*due.Occurrence
	var left bool
	if s.occurrence != nil {
		rows, left = m.rows(s.occurrence)
	}
	switch {
	case m.partial():
		m.plan.Summary.None++
	case left:
		return false
	case s.closedByUs():
		m.plan.Summary.None++
	case len(rows) == 0:
		m.close(s, "no client has this step on this day any more", declared)
	default:
		m.finishIssue(s, "it is done for every client")
	}
	return true
}
