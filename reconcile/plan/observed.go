package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// found is an observed issue of ours, with the key that the ledger or its marker has.
type found struct {
	raw   string
	issue *issue.Issue
}

// findIssues sorts out which of the observed issues are ours, by number.
func (v *View) findIssues(known map[int]string) []found {
	order := make([]*issue.Issue, len(v.in.Observed))
	for i := range v.in.Observed {
		order[i] = &v.in.Observed[i]
	}
	slices.SortFunc(order, func(a, b *issue.Issue) int { return cmp.Compare(a.Number, b.Number) })
	ours := make([]found, 0, len(order))
	for i, is := range order {
		if i > 0 && order[i-1].Number == is.Number {
			continue
		}
		raw, why := v.ours(is, known)
		switch {
		case raw != "":
			ours = append(ours, found{raw, is})
		case why != "" && is.State != issue.Closed:
			v.foreign = append(v.foreign, Stray{Number: is.Number, Title: is.Title, Reason: why})
		}
	}
	return ours
}

// placeIssues finds out what the issues of ours stand for.
func (v *View) placeIssues(issues []found) {
	groups := make(map[string][]*issue.Issue, len(issues))
	for _, f := range issues {
		if s := v.place(f.raw); s != nil {
			groups[s.key] = append(groups[s.key], f.issue)
		}
	}
	for key, l := range groups {
		v.choose(v.seen[key], l)
	}
}

// ours returns the key that an issue of ours stands for, or why it is not one. The ledger
// wins over the marker: people can edit a body.
func (v *View) ours(is *issue.Issue, byNumber map[int]string) (key, why string) {
	m, marked := issue.ParseMarker(is.Body)
	labelled := slices.ContainsFunc(is.Labels, func(l string) bool { return strings.EqualFold(l, issue.OwnershipLabel) })
	known := byNumber[is.Number]
	switch {
	case !marked && !labelled && known == "":
		return "", ""
	case v.isTicket(v.in.Entries[known], is, labelled):
		return known, ""
	case marked && m.Installation != v.org.ID && !slices.Contains(v.org.Previously, m.Installation):
		return "", "its marker names another installation: " + m.Installation
	case known != "" && (marked || labelled):
		return known, ""
	case known != "":
		return "", "it was ours, but has neither our marker nor the label " + issue.OwnershipLabel
	case !marked:
		return "", "it has the label " + issue.OwnershipLabel + ", but no marker of ours"
	case !labelled:
		return "", "it has a marker, but not the label " + issue.OwnershipLabel
	case v.in.Identity != "" && !strings.EqualFold(is.Author, v.in.Identity):
		return "", "it has a marker, but was opened by " + is.Author
	}
	return m.Key.String(), ""
}

// isTicket reports whether an issue that a person wrote stands for the run that it started.
// Until it is taken over it has neither label nor marker of ours, and later its author could
// still put a marker of somebody else's below the text.
func (v *View) isTicket(e *record.Entry, is *issue.Issue, labelled bool) bool {
	return e != nil && e.Started != nil && e.Number == is.Number && (labelled || e.Due == 0)
}

// place finds what a key stands for now; nil where the run is not about its client.
func (v *View) place(raw string) *seen {
	client := record.Client(raw)
	if c := v.in.Catalog.Client(client); c != nil {
		client = c.ID
	}
	if !v.inScope(client) && client != schema.AllClients {
		return nil
	}
	s := &seen{key: raw, raw: raw, client: client, entry: v.in.Entries[raw]}
	if o := v.lookup(raw); o != nil {
		s.key, s.occurrence, s.entry = o.Key, o, v.entry(o)
	}
	if known := v.seen[s.key]; known != nil {
		return known
	}
	v.seen[s.key] = s
	return s
}

// lookup returns the occurrence that a current or former key stands for, or nil. Most are
// at hand; the engine is asked for those due at another time.
func (v *View) lookup(key string) *due.Occurrence {
	if i, ok := v.find(key); ok {
		return &v.occurrences[i]
	}
	if record.Client(key) == schema.AllClients {
		return v.group(key)
	}
	if o, ok := v.in.Engine.Lookup(key); ok {
		return &o
	}
	return nil
}

// group returns the occurrence that stands for a shared issue, or nil.
func (v *View) group(key string) *due.Occurrence {
	i, ok := slices.BinarySearchFunc(v.groups, key, func(o due.Occurrence, k string) int { return strings.Compare(o.Key, k) })
	if !ok {
		return nil
	}
	return &v.groups[i]
}

// choose says which of several issues with one key counts: the one that the ledger saw
// end, else the one with the lowest number. Issues that a person marked as duplicates
// count only among themselves. Where the ledger's own issue is not shown and not known to
// be gone, nothing is decided in this run, unless it has ended.
func (v *View) choose(s *seen, l []*issue.Issue) {
	duplicate := func(i *issue.Issue) bool { return i.State == issue.Closed && i.Reason == issue.Duplicate }
	if real := slices.DeleteFunc(slices.Clone(l), duplicate); len(real) > 0 {
		l = real
	}
	keep := 0
	if e := s.entry; e != nil && e.Number > 0 && !v.gone[e.Number] && e.Outcome != record.Lost {
		at := slices.IndexFunc(l, func(i *issue.Issue) bool { return i.Number == e.Number })
		switch {
		case at < 0 && e.State == record.Ended:
			s.others = l
			return
		case at < 0:
			for _, i := range l {
				v.foreign = append(v.foreign, Stray{Key: s.key, Client: s.client, Number: i.Number, Title: i.Title, Reason: "it has the key of another issue, which the forge did not show"})
			}
			return
		case e.State == record.Ended:
			keep = at
		}
	}
	s.issue = l[keep]
	s.others = slices.Delete(slices.Clone(l), keep, keep+1)
}
