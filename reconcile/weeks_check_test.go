package reconcile_test

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
)

// half returns the half of a day as something that sorts.
func half(day, part string) string { return day + " " + part }

// marked says by hand who is on extra care in the play: from the half of a day in which it
// was signed off, to that in which the removal was.
var marked = map[string]struct{ from, to string }{
	"kestrel-logistics": {half("2026-04-13", "am"), half("2026-04-21", "pm")},
	"gable-roofing":     {half("2026-04-13", "pm"), half("2026-05-19", "pm")},
	"birch-legal":       {half("2026-04-30", "pm"), half("2026-12-31", "pm")},
}

// check holds what is true whenever runs have come to rest.
func (s *stage) check(part string, before map[int]issue.Issue) {
	s.t.Helper()
	for key, n := range s.keys() {
		if n != 1 {
			s.t.Errorf("%s: %s has %d issues", part, key, n)
		}
	}
	if n := s.repeats(); n > s.kills {
		s.t.Errorf("%s: %d messages are repeated after %d kills", part, n, s.kills)
	}
	for i := range s.forge.issues {
		now := &s.forge.issues[i]
		s.checkMark(part, now)
		for _, key := range appeared(before[now.Number], now) {
			s.checkOpened(part, key)
		}
	}
	s.checkAnnouncements(part)
	again := &life{}
	if p, _, err := s.perform(again); err != nil || !p.Empty() || again.effects > 0 {
		s.t.Errorf("%s: a further run has %d effects, error %v, %d changes", part, again.effects, err, len(p.Changes))
	}
}

// appeared returns the keys of what people can work on since: an issue that was opened, or
// the rows that one got which several clients share.
func appeared(was issue.Issue, now *issue.Issue) (l []string) {
	m, _ := issue.ParseMarker(now.Body)
	if m.Key.Client != schema.AllClients {
		if was.Number == 0 || was.State != now.State && now.State == issue.Open {
			l = append(l, m.Key.String())
		}
		return l
	}
	had := map[string]bool{}
	for _, r := range issue.Rows(was.Body) {
		had[r.Key] = true
	}
	for _, r := range issue.Rows(now.Body) {
		if !had[r.Key] {
			l = append(l, r.Key)
		}
	}
	return l
}

// checkMark holds that every open issue of a client on extra care says so, and no other.
func (s *stage) checkMark(part string, i *issue.Issue) {
	m, _ := issue.ParseMarker(i.Body)
	on, is := marked[m.Key.Client]
	is = is && part >= on.from && part < on.to
	label, banner := slices.Contains(i.Labels, "extra-care"), strings.Contains(i.Body, "> **Extra care** since ")
	if i.State == issue.Open && (label != is || banner != is) {
		s.t.Errorf("%s: %s is marked %v, and has the label %v and the banner %v", part, m.Key, is, label, banner)
	}
}

// checkOpened holds that what was opened is decided upon, and that what comes before it has
// ended; if that had to be signed off, as done.
func (s *stage) checkOpened(part, key string) {
	o, ok := s.engine.Lookup(key)
	if !ok || o.Undecided != "" {
		s.t.Errorf("%s: %s is opened, and is not there, or not decided upon: %q", part, key, o.Undecided)
		return
	}
	run := key[:strings.LastIndex(key, "/"+o.Step.ID)]
	for id, options := range o.Step.When {
		if is := cmp.Or(s.progress.Run(key).Decisions[id].Option, o.Client.Attributes[id]); !slices.Contains(options, is) && id != "week-a" { // a milestone
			s.t.Errorf("%s: %s is opened while %s is %q", part, key, id, is)
		}
	}
	for _, step := range o.Step.After {
		if d, ok := s.engine.Lookup(run + "/" + step); ok && !s.hasEnded(&d) {
			s.t.Errorf("%s: %s is opened before %s has ended: %+v, %+v", part, key, d.Key, s.progress.Facts().Ended[d.Key], s.progress.Approvals(&d))
		}
	}
}

// hasEnded reports whether a step is behind those who wait for it, by what is on the forge
// and in the ledger; sign-offs are counted by what people wrote.
func (s *stage) hasEnded(o *due.Occurrence) bool {
	if o.Cancelled() {
		return true
	}
	if len(o.Step.Approve) > 0 {
		end, ok := s.progress.Facts().Ended[o.Key]
		return ok && !end.Skipped && s.signed(o)
	}
	e := s.book.history().Entries[o.Key]
	for i := range s.forge.issues {
		if m, ok := issue.ParseMarker(s.forge.issues[i].Body); ok && m.Key.String() == o.Key {
			return s.forge.issues[i].State == issue.Closed
		}
	}
	window := s.cat.Organization.CatchUpWindow().N
	tooOld := o.Due != 0 && o.Due < s.today.AddDays(-window)
	return e != nil && e.State == record.Ended || o.Step.Issue == "none" && o.Due <= s.today || tooOld
}

// signed reports whether there is a sign-off for every role, in the file or in a comment,
// whatever was signed.
func (s *stage) signed(o *due.Occurrence) bool {
	for _, role := range o.Step.Approve {
		file := slices.ContainsFunc(o.Assignment.Approvals, func(a schema.Approval) bool { return a.Step == o.Step.ID && a.Role == role })
		said := slices.ContainsFunc(s.book.events, func(e record.Event) bool {
			return e.Key == o.Key && e.Command == "approve" && e.Role == role
		})
		if !file && !said {
			return false
		}
	}
	return true
}

// checkAnnouncements holds that nothing is announced on or before the day on which it was
// decided.
func (s *stage) checkAnnouncements(part string) {
	for _, o := range s.engine.Occurrences(due.Window{From: s.today.AddDays(-60), To: s.today.AddDays(30)}) {
		if o.Step.Type != "announcement" || o.Undecided != "" {
			continue
		}
		run := strings.Join(strings.SplitN(o.Key, "/", 4)[:3], "/")
		for _, step := range o.Step.After {
			end, ok := s.progress.Facts().Ended[run+"/"+step]
			if ok && o.Due <= end.On {
				s.t.Errorf("%s: %s is due on %s, and %s was signed off on %s", part, o.Key, o.Due, step, end.On)
			}
		}
	}
}
