package progress

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// readIssues gives every issue of ours that matters to its run.
func (s *scan) readIssues() {
	if len(s.templates) == 0 {
		return
	}
	byNumber := map[int]string{}
	for key, e := range s.entries {
		if e.Number > 0 && key > byNumber[e.Number] {
			byNumber[e.Number] = key
		}
	}
	for i := range s.in.Observed {
		is := &s.in.Observed[i]
		raw := s.keyOf(is, byNumber)
		if strings.HasPrefix(raw, schema.AllClients+"/") {
			s.readShared(raw, is)
			continue
		}
		if r, key := s.resolve(raw); r != nil && r.prefers(key, is) {
			r.issues[key] = is
		}
	}
}

// keyOf returns the key that an issue stands for, "" where it does not matter or is not
// ours. The ledger wins over the marker: people can edit a body.
func (s *scan) keyOf(is *issue.Issue, byNumber map[int]string) string {
	if key := byNumber[is.Number]; key != "" {
		return key
	}
	m, ok := issue.ParseMarker(is.Body)
	o := s.in.Catalog.Organization
	labelled := slices.ContainsFunc(is.Labels, func(l string) bool { return strings.EqualFold(l, issue.OwnershipLabel) })
	switch {
	case !ok, !labelled, !s.templates[m.Key.Template]:
		return ""
	case m.Installation != o.ID && !slices.Contains(o.Previously, m.Installation):
		return ""
	case s.in.Identity != "" && !strings.EqualFold(is.Author, s.in.Identity):
		return ""
	}
	return m.Key.String()
}

// prefers reports whether an issue counts rather than the one that is known: that of the
// ledger, else the one with the lowest number that is no duplicate.
func (r *run) prefers(key string, is *issue.Issue) bool {
	if e := r.entries[key]; e != nil && e.Number > 0 {
		return e.Number == is.Number
	}
	known := r.issues[key]
	if is.State == issue.Closed && is.Reason == issue.Duplicate {
		return false
	}
	return known == nil || is.Number < known.Number
}

// readShared reads what an issue that several clients share says of each of them. A row
// counts only for the very step that the issue is about.
func (s *scan) readShared(raw string, is *issue.Issue) {
	k, err := issue.ParseKey(raw)
	t := s.in.Catalog.Template(k.Template)
	if err != nil || t == nil {
		return
	}
	e := s.entries[raw]
	closed := is.State == issue.Closed && s.byPerson(e, is, true)
	for _, row := range issue.Rows(is.Body) {
		r, key := s.resolve(row.Key)
		if r == nil || r.template != t || r.step(k.Step) == nil || r.step(k.Step) != r.step(stepOf(key)) {
			continue
		}
		switch {
		case row.Ticked:
			r.tell(key, due.Ending{On: s.in.AsOf})
		case closed:
			r.tell(key, due.Ending{On: s.closedOn(is, e), Skipped: notDone(is)})
		}
	}
}

// tell notes what a shared issue says of a step. Should two say something, done counts.
func (r *run) tell(key string, e due.Ending) {
	if known, ok := r.shared[key]; ok && (!known.Skipped && e.Skipped || known.Skipped == e.Skipped && known.On <= e.On) {
		return
	}
	r.shared[key] = e
}

// notDone reports whether a closed issue was closed as anything but done.
func notDone(is *issue.Issue) bool {
	return is.Reason == issue.NotPlanned || is.Reason == issue.Duplicate
}

// byPerson reports whether a person closed an issue, as far as that is known. completes says
// that we, too, close such an issue as completed.
func (p *Progress) byPerson(e *record.Entry, is *issue.Issue, completes bool) bool {
	switch {
	case e == nil, e.Number != is.Number:
		return true
	case e.State != record.Ended:
		return e.Close.Verb == ""
	case e.Outcome != record.Closed:
		return true
	}
	ours := is.Reason == issue.NotPlanned || is.Reason == issue.Completed && completes
	return !ours || e.EndedBefore(is.Closed)
}

// closing returns how a step ended by its issue, the ledger or a shared issue. An issue that
// is open has not ended, whatever the ledger says.
func (p *Progress) closing(r *run, key string, completes bool) (due.Ending, bool) {
	e := r.entries[key]
	if is := r.issues[key]; is != nil {
		if is.State != issue.Closed || !p.byPerson(e, is, completes) {
			return due.Ending{}, false
		}
		return due.Ending{On: p.closedOn(is, e), Skipped: notDone(is)}, true
	}
	switch {
	case e == nil:
	case e.State == record.Ended && e.Outcome != record.Closed:
		return due.Ending{On: p.day(e.EndedAt), Skipped: e.Outcome != record.Done}, true
	case e.State == record.IsOpen && p.gone[e.Number]:
		return due.Ending{On: p.in.AsOf, Skipped: true}, true
	}
	known, ok := r.shared[key]
	return known, ok
}

// closedOn returns the day on which an issue was closed. A day after today, which a forge has
// that is asked on a day that is played, is the one on which the ledger got to know it, or
// else today.
func (p *Progress) closedOn(is *issue.Issue, e *record.Entry) civil.Date {
	on := p.day(is.Closed)
	if on <= p.in.AsOf {
		return on
	}
	if e != nil && e.State == record.Ended && e.Number == is.Number && p.day(e.EndedAt) <= p.in.AsOf {
		return p.day(e.EndedAt)
	}
	return p.in.AsOf
}
