package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// lookBack is for how many months what was missed is reported, at least: what may still be
// opened by the catch-up window is always looked at.
const lookBack = 12

// View is what is known of every occurrence on a day: whether it has an issue, what the
// ledger says, what it waits for. A View is not changed by its methods, as far as anybody
// can see, but it remembers answers: it is for one goroutine.
type View struct {
	in  Inputs
	org *schema.Organization
	cal *civil.Calendar
	// catchUp is the oldest due date that is still opened.
	catchUp civil.Date
	// reported is the oldest due date of which is told that nothing is opened any more.
	reported civil.Date
	// window is from a year ago, or before where somebody still waits, up to the longest lead
	// ahead; occurrences are those due in it, by key, without those that are over.
	window      due.Window
	occurrences []due.Occurrence
	seen        map[string]*seen
	// held are the entries of issues that the ledger holds open, and invited the keys,
	// sorted, of meetings to come to which somebody was asked.
	held    []known
	invited []string
	foreign []Stray
	gone    map[int]bool
	// turns hold the newest turn of each repeated step that is past its due date.
	turns map[turnsOf]*due.Occurrence
	// runs remember what is known of whole runs, by key.
	runs map[string]*run
	// verdicts remember what became of occurrences that others wait for.
	verdicts map[string]verdict
	// groups are the occurrences that stand for issues which several clients share, by key,
	// and members those that they stand for.
	groups  []due.Occurrence
	members map[string][]*due.Occurrence
	// stages remember how far runs with one issue have come, by the key of the whole, and
	// allotted why a step went to whoever has it, by key.
	stages   map[string]*stage
	allotted map[string]string
	// numbers are the issues of ours by number, nil until somebody asks.
	numbers map[int]*seen
	// markLabels are the labels of playbooks.
	markLabels map[string]bool
}

// known is an entry of the ledger and its key.
type known struct {
	key   string
	entry *record.Entry
}

// turnsOf names all turns of one step of one client: the engine shares the step.
type turnsOf struct {
	assignment *schema.Assignment
	step       *schema.Step
}

// seen are the issues of ours with one key.
type seen struct {
	// key is the key as the files have it now, raw the one that the ledger or the marker
	// has; client is the id as the files have it.
	key, raw, client string
	// occurrence is nil where the files have it no more.
	occurrence *due.Occurrence
	entry      *record.Entry
	// issue is the one that counts, nil where it was not shown; others are further ones.
	issue  *issue.Issue
	others []*issue.Issue
}

// Look puts everything that is known together. Without an organization nothing is.
func Look(in Inputs) *View {
	v := &View{in: in, org: in.Catalog.Organization, seen: map[string]*seen{}, gone: map[int]bool{}, turns: map[turnsOf]*due.Occurrence{}, verdicts: map[string]verdict{}, runs: map[string]*run{}, members: map[string][]*due.Occurrence{}, stages: map[string]*stage{}, allotted: map[string]string{}, markLabels: markLabels(in.Catalog)}
	for _, n := range in.Gone {
		v.gone[n] = true
	}
	if v.org == nil {
		return v
	}
	cal, err := civil.NewCalendar(v.org.Calendar())
	if err != nil {
		cal = &civil.Calendar{} // the engine has refused such rules before
	}
	v.cal = cal
	v.catchUp = cal.Add(in.AsOf, v.org.CatchUpWindow(), -1)
	v.reported = min(in.AsOf.AddMonths(-lookBack), v.catchUp)
	v.window.To = in.AsOf.AddDays(longestLead(in.Catalog))
	known := v.survey()
	issues := v.findIssues(known)
	v.occurrences = in.Engine.Except(v.window, v.over(issues))
	v.addRuns(v.window.To)
	v.addShared()
	v.findTurns()
	v.placeIssues(issues)
	v.settleShared()
	v.allot()
	v.stand()
	return v
}

// addRuns takes in the runs that are open and end after a day: their lead is as long as
// they are.
func (v *View) addRuns(last civil.Date) {
	n := len(v.occurrences)
	for _, o := range v.in.Engine.Runs() {
		if (o.Due > last || o.Due < v.window.From && perRun(&o) && v.goesOn(&o)) && o.Opens <= v.in.AsOf {
			v.occurrences = append(v.occurrences, o)
		}
	}
	if len(v.occurrences) > n {
		slices.SortFunc(v.occurrences, func(a, b due.Occurrence) int { return strings.Compare(a.Key, b.Key) })
	}
}

// goesOn reports whether the ledger has the issue of a run open: its last step may be due
// long since.
func (v *View) goesOn(o *due.Occurrence) bool {
	e := v.entry(o)
	return e != nil && e.State == record.IsOpen
}

// inScope reports whether the run is about a client.
func (v *View) inScope(client string) bool { return v.in.Client == nil || v.in.Client(client) }

// frozen returns why nothing is done for a client.
func (v *View) frozen(client string) (why string, frozen bool) {
	if why, frozen = v.in.Frozen[client]; frozen {
		return why, true
	}
	if why, frozen = v.in.Frozen[Everybody]; frozen {
		return why, true
	}
	if len(v.in.Unread) > 0 && v.in.Catalog.Client(client) == nil {
		return "no other file describes it, so this one may: " + strings.Join(v.in.Unread, "; "), true
	}
	return "", false
}

// Since returns the oldest due date of a step that may be open or wait for one that is: a
// year ago, or that of the oldest open issue.
func (v *View) Since() civil.Date {
	if v.org == nil {
		return v.in.AsOf
	}
	return v.window.From
}

// survey goes through the ledger once, which holds all years, and notes what others ask of
// all of it. It sets the first due date that matters: a step that
// has waited for another one for longer than lookBack falls no earlier than that one, and
// is opened when that is done. It returns the keys that the ledger has for the observed
// issues, by number; of several the last one.
func (v *View) survey() map[int]string {
	keys := make(map[int]string, len(v.in.Observed))
	for i := range v.in.Observed {
		keys[v.in.Observed[i].Number] = ""
	}
	v.window.From = v.reported
	for key, e := range v.in.Entries {
		if e.State == record.IsOpen && e.Number > 0 {
			v.held = append(v.held, known{key, e})
		}
		if len(e.Notices) > 0 && v.isInvited(e) {
			v.invited = append(v.invited, key)
		}
		if e.Due != 0 && e.Due < v.window.From && (e.State == record.IsOpen && e.Number > 0 || e.State == record.Ended && civil.Of(e.EndedAt) >= v.catchUp) {
			v.window.From = e.Due
		}
		if last, observed := keys[e.Number]; observed && e.Number > 0 && key > last {
			keys[e.Number] = key
		}
	}
	slices.Sort(v.invited)
	return keys
}

// over returns what tells a plan which occurrences it need not look at: a person ended
// them, the forge shows no issue of theirs, and nobody was told of them today. What hangs on
// them all the same asks the engine.
func (v *View) over(issues []found) func([]byte, *schema.Step) bool {
	shown := make(map[string]bool, len(issues))
	for _, f := range issues {
		shown[f.raw] = true
	}
	return func(key []byte, s *schema.Step) bool {
		e := v.in.Entries[string(key)]
		if e == nil || e.State != record.Ended || closedByUs(e) || s.Issue == "none" || s.Issue == shared || len(s.Approve) > 0 || shown[string(key)] {
			return false
		}
		if len(s.Informed) > 0 && civil.Of(e.EndedAt) >= v.in.AsOf.AddDays(-stale-7) {
			return false
		}
		for _, n := range e.Notices {
			if v.day(n) >= v.in.AsOf {
				return false
			}
		}
		return true
	}
}

// day returns the day of an event in the zone of the organization.
func (v *View) day(e record.Event) civil.Date { return v.dayOf(e.At) }

// dayOf returns the day of an instant in the zone of the organization.
func (v *View) dayOf(t time.Time) civil.Date {
	if v.in.Zone == nil {
		return civil.Of(t.UTC())
	}
	return civil.Of(t.In(v.in.Zone))
}

// findTurns remembers the newest past turn of every repeated step.
func (v *View) findTurns() {
	for i := range v.occurrences {
		o := &v.occurrences[i]
		if o.Instance == "" || o.Due == 0 || o.Due >= v.in.AsOf || o.Cancelled() {
			continue
		}
		at := turnsOf{o.Assignment, o.Step}
		if n := v.turns[at]; n == nil || compareDue(n, o) < 0 {
			v.turns[at] = o
		}
	}
}

func compareDue(a, b *due.Occurrence) int {
	return cmp.Or(cmp.Compare(a.Due, b.Due), strings.Compare(a.Key, b.Key))
}

// entry returns what the ledger holds of an occurrence, also under its former keys.
func (v *View) entry(o *due.Occurrence) *record.Entry {
	e := v.in.Entries[o.Key]
	for _, former := range o.Previous {
		e = record.Join(e, v.in.Entries[former])
	}
	return e
}

// split reports whether the ledger holds an occurrence under several keys. Which of its
// issues counts is then known only once the renaming is recorded, so nothing else is done
// about it before.
func (v *View) split(o *due.Occurrence) bool {
	n := 0
	for _, key := range o.Previous {
		if v.in.Entries[key] != nil {
			n++
		}
	}
	return n > 1 || n == 1 && v.in.Entries[o.Key] != nil
}

// Issue returns the issue of an occurrence as the forge shows it, or nil.
func (v *View) Issue(key string) *issue.Issue {
	if s := v.seen[key]; s != nil {
		return s.issue
	}
	return nil
}

// longestLead returns an upper bound, in days, of how long before its due date anything in
// a catalog opens or is told. Business days are counted thrice, with some to spare: no
// calendar has fewer working days than that for long.
func longestLead(cat *schema.Catalog) int {
	longest := 0
	span := func(s civil.Span) {
		longest = max(longest, mostDays(s))
	}
	notices := func(l []schema.Notice) {
		for _, n := range l {
			span(n.Before)
		}
	}
	step := func(s *schema.Step) {
		span(s.Open)
		notices(s.Notify)
	}
	notices(cat.Organization.Defaults.Notify)
	walk := func(_ *schema.PlanWeek, s *schema.Step) bool { step(s); return true }
	for _, t := range cat.Processes {
		t.Walk(walk)
	}
	for _, t := range cat.Plans {
		t.Walk(walk)
	}
	for _, t := range cat.Playbooks {
		t.Walk(walk)
	}
	for _, c := range cat.Clients {
		for i := range c.Processes {
			for j := range c.Processes[i].ExtraSteps {
				step(&c.Processes[i].ExtraSteps[j])
			}
			for _, o := range c.Processes[i].Overrides {
				span(o.Open)
				notices(o.Notify)
			}
		}
	}
	return longest
}

// mostDays returns an upper bound of the days in a span.
func mostDays(s civil.Span) int {
	switch s.Unit {
	case civil.Day:
		return s.N
	case civil.BusinessDay:
		return 3*s.N + 60
	case civil.Week:
		return 7 * s.N
	case civil.Month:
		return 31 * s.N
	case civil.Year:
		return 366 * s.N
	}
	return 0
}
