// Package report tells how a playbook that marks clients has served: which clients were on
// it, why, for how long, and how well what it asks for was done. It is pure: from the files,
// what became of runs, the ledger and a day follow the same rows in the same order.
//
// What is counted, where that could be meant otherwise:
//
//   - An episode is one run of the playbook at one client. It was recommended on the run's
//     start. It was placed on the day of the step from which it marks the client, or on its
//     start, once the conditions of the mark hold; where nobody knows the day, as in runs
//     that were written down afterwards, the start stands for it. It ended with the step
//     until which it marks, else with the run.
//   - A week is one from Monday to Sunday with at least one day on the playbook. It has a note
//     if somebody wrote `/note` on an issue of the run in it, or a repeated step of the run
//     was done in it. A week that is not over yet counts only once it has its note,
//     and one before the run's `since` too: nothing else is known of it.
//   - An announcement is a step of type announcement with an issue whose day has come. It was
//     on time if it was done on its due date or before. What was skipped or called off is no
//     announcement, and what comes after a step that is not done has not been one yet.
//   - The time to the root cause runs from the placement to the day on which a step was done:
//     the one that is named, else the one before which the field root-cause is required, else
//     the one of that id.
//   - Episodes by criterion count each episode once for each value of a field: the one that is
//     named, else the first choice of several, else the first choice.
//   - A re-entry is an episode that was placed after an earlier one of the same client.
//
// An episode is told of if any day of it, from the recommendation to its end, lies in the
// window; its figures are always those of the whole of it. Of clients that are inactive
// today announcements are not known.
package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// FormatVersion is the version of the JSON form of a Report. Fields are added to it, never
// renamed.
const FormatVersion = 1

// Inputs are everything that a report depends on. Nothing in them is changed.
type Inputs struct {
	Catalog  *schema.Catalog
	Playbook *schema.Playbook
	AsOf     civil.Date
	// Engine and Progress are of the same day; Entries are what the ledger holds.
	Engine   *due.Engine
	Progress *progress.Progress
	Entries  record.Entries
	// Day returns the day of an instant where the organization is.
	Day func(record.Event) civil.Date
	// Window are the days that count; a zero day leaves that side open.
	Window due.Window
	// RootCause is the id of a step and Criterion that of a field; empty for the usual ones.
	RootCause, Criterion string
	// Client says which clients count, by id; nil means all.
	Client func(id string) bool
}

// Report is how a playbook has served.
type Report struct {
	FormatVersion int        `json:"format_version"`
	AsOf          civil.Date `json:"as_of"`
	Playbook      string     `json:"playbook"`
	Title         string     `json:"title"`
	// From and To are the window, empty where it is open.
	From civil.Date `json:"from"`
	To   civil.Date `json:"to"`
	// RootCause is the step, and Criterion the field, that were looked at; empty for none.
	RootCause string  `json:"root_cause_step"`
	Criterion string  `json:"criterion_field"`
	Summary   Summary `json:"summary"`
	// Episodes are sorted by recommendation, client and run.
	Episodes []Episode `json:"episodes"`
	// Criteria are in the order of the field's options, those that nobody chose included.
	Criteria []Criterion `json:"criteria"`
}

// Summary are the figures of all episodes together.
type Summary struct {
	Episodes  int `json:"episodes"`
	Placed    int `json:"placed"`
	Active    int `json:"active"`
	ReEntries int `json:"re_entries"`
	// Weeks on the playbook, and those with a note.
	Weeks          int `json:"weeks"`
	WeeksWithNote  int `json:"weeks_with_note"`
	Announcements  int `json:"announcements"`
	AnnouncedOnDay int `json:"announcements_on_time"`
	// RootCauses counts the episodes with one, and RootCauseDays is the median of the days to
	// it, of an even number the lower one; -1 for none.
	RootCauses    int `json:"root_causes"`
	RootCauseDays int `json:"root_cause_days"`
}

// Criterion counts the episodes with one value.
type Criterion struct {
	Value    string `json:"value"`
	Episodes int    `json:"episodes"`
	Placed   int    `json:"placed"`
}

// Make returns the report.
func Make(in Inputs) *Report {
	b := in.Playbook
	r := &Report{FormatVersion: FormatVersion, AsOf: in.AsOf, Playbook: b.ID, Title: b.Title, From: in.Window.From, To: in.Window.To,
		RootCause: RootCauseStep(b, in.RootCause), Episodes: []Episode{}, Criteria: []Criterion{}}
	field := CriterionField(b, in.Criterion)
	if field != nil {
		r.Criterion = field.ID
	}
	m := &maker{in: in, report: r, field: field, steps: stepsOf(in), noted: notedIn(in)}
	for _, key := range in.Progress.Runs() {
		part := strings.Split(key, "/")
		if part[1] == b.ID && (in.Client == nil || in.Client(part[0])) {
			m.episodes = append(m.episodes, m.episode(key))
		}
	}
	slices.SortFunc(m.episodes, func(x, y Episode) int {
		return cmp.Or(cmp.Compare(x.Recommended, y.Recommended), strings.Compare(x.Client, y.Client), strings.Compare(x.Run, y.Run))
	})
	m.countEntries()
	for i := range m.episodes {
		if m.episodes[i].within(in.Window) {
			r.Episodes = append(r.Episodes, m.episodes[i])
		}
	}
	r.sum()
	r.byCriterion(field)
	return r
}

// RootCauseStep returns the id of the step whose day is that of the root cause: the one that
// is named, by its id or a former one, else the one that requires a field root-cause, else
// the step of that id; "" where there is none.
func RootCauseStep(b *schema.Playbook, named string) string {
	const usual = "root-cause"
	if f := b.Field(usual); named == "" && f != nil {
		named = f.RequiredFor
	}
	return stepID(b, cmp.Or(named, usual))
}

// stepID returns the id of the step that has one now, else of the one that once had it; ""
// where there is none.
func stepID(b *schema.Playbook, named string) string {
	former := ""
	for i := range b.Steps {
		s := &b.Steps[i]
		if s.ID == named {
			return named
		}
		if former == "" && slices.Contains(s.Previously, named) {
			former = s.ID
		}
	}
	return former
}

// CriterionField returns the field that episodes are counted by: the one that is named, else
// the first choice of several, else the first choice; nil where there is none.
func CriterionField(b *schema.Playbook, named string) *schema.Field {
	if named != "" {
		return b.Field(named)
	}
	choice := func(several bool) int {
		return slices.IndexFunc(b.Fields, func(f schema.Field) bool { return f.Type == schema.FieldChoice && (f.Several || !several) })
	}
	for _, several := range []bool{true, false} {
		if i := choice(several); i >= 0 {
			return &b.Fields[i]
		}
	}
	return nil
}

// within reports whether any day of an episode lies in a window.
func (e *Episode) within(w due.Window) bool {
	return (w.To == 0 || e.Recommended <= w.To) && (w.From == 0 || e.Ended == 0 || e.Ended >= w.From)
}

// sum adds the figures up.
func (r *Report) sum() {
	s := &r.Summary
	var days []int
	for i := range r.Episodes {
		e := &r.Episodes[i]
		s.Episodes++
		if e.Placed != 0 {
			s.Placed++
			if e.Entry > 1 {
				s.ReEntries++
			}
		}
		if e.State == Active {
			s.Active++
		}
		s.Weeks, s.WeeksWithNote = s.Weeks+e.Weeks, s.WeeksWithNote+e.WeeksWithNote
		s.Announcements, s.AnnouncedOnDay = s.Announcements+e.Announcements, s.AnnouncedOnDay+e.AnnouncedOnDay
		if e.RootCauseDays >= 0 {
			days = append(days, e.RootCauseDays)
		}
	}
	slices.Sort(days)
	s.RootCauses, s.RootCauseDays = len(days), -1
	if len(days) > 0 {
		s.RootCauseDays = days[(len(days)-1)/2]
	}
}

// byCriterion counts the episodes by the values of a field.
func (r *Report) byCriterion(f *schema.Field) {
	if f == nil {
		return
	}
	for _, o := range f.Options {
		r.Criteria = append(r.Criteria, Criterion{Value: o})
	}
	for i := range r.Episodes {
		for _, value := range r.Episodes[i].Criteria {
			at := slices.IndexFunc(r.Criteria, func(c Criterion) bool { return c.Value == value })
			if at < 0 { // an option that the playbook has no more
				at, r.Criteria = len(r.Criteria), append(r.Criteria, Criterion{Value: value})
			}
			r.Criteria[at].Episodes++
			if r.Episodes[i].Placed != 0 {
				r.Criteria[at].Placed++
			}
		}
	}
}
