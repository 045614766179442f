package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/intake"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/load"
)

// robot is the login under which the world's forge opens issues for us.
const robot = "almanac-bot"

// world is a forge and a ledger in memory, and the inputs of the next plan.
type world struct {
	Inputs
	issues []issue.Issue
	events []record.Event
	ledger bool
	// clock grows with every write.
	clock time.Time
	// sent counts messages by id, opened issues by key.
	sent, opened map[string]int
	// files are what was read, t the test that reads them, comments the number of commands.
	files    map[string]string
	t        *testing.T
	comments int
}

// newWorld returns an empty world on a day.
func newWorld(asOf string) *world {
	w := &world{clock: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), sent: map[string]int{}, opened: map[string]int{}}
	w.AsOf, w.Identity = civil.MustParse(asOf), robot
	return w
}

// read loads the documents of a repository, one file each, named by a comment `# name`.
func (w *world) read(t testing.TB, files map[string]string) {
	t.Helper()
	repo := fstest.MapFS{}
	for name, text := range files {
		repo[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := load.Load(t.Context(), repo, load.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.Catalog, w.Frozen, w.Unread = r.Catalog, Frozen(r.Catalog, r.Faults), Unread(r.Catalog, r.Faults)
}

// fataler is a test of either kind.
type fataler interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// plan makes a plan of the world as it is.
func (w *world) plan(t fataler) *Plan {
	t.Helper()
	w.Observed = w.issues
	w.Entries, w.LedgerExists = record.Fold(w.events), w.ledger
	w.Gone = nil
	for _, e := range w.Entries {
		if e.State == record.IsOpen && e.Number > 0 && w.find(e.Number) == nil {
			w.Gone = append(w.Gone, e.Number)
		}
	}
	w.Progress = progress.Look(progress.Inputs{Catalog: w.Catalog, AsOf: w.AsOf, Entries: w.Entries, Observed: w.Observed, Gone: w.Gone, Identity: w.Identity, Form: readForm})
	var err error
	if w.Engine, err = due.New(w.Catalog, due.Options{AsOf: w.AsOf, Facts: w.Progress.Facts()}); err != nil {
		t.Fatal(err)
	}
	return Make(w.Inputs)
}

// readForm reads the fields of a run as the command line does.
func readForm(body string, fields []schema.Field) map[string]schema.Value {
	values, _ := intake.Parse(issue.Written(body), fields)
	return values
}

func (w *world) find(number int) *issue.Issue {
	i := slices.IndexFunc(w.issues, func(i issue.Issue) bool { return i.Number == number })
	if i < 0 {
		return nil
	}
	return &w.issues[i]
}

// tick moves the clock on.
func (w *world) tick() time.Time {
	w.clock = w.clock.Add(time.Hour)
	return w.clock
}

func (w *world) tell(e record.Event) {
	e.V, e.At = record.Version, w.tick()
	w.events, w.ledger = append(w.events, e), true
}

// apply carries a plan out as reconcile.Apply does.
func (w *world) apply(p *Plan) {
	for _, e := range p.Records {
		w.tell(e)
	}
	changes := slices.Clone(p.Changes)
	slices.SortStableFunc(changes, func(a, b Change) int { return late(a) - late(b) })
	whole := map[string]int{}
	for _, c := range changes {
		e := c.Record
		switch c.Action {
		case Create:
			e.Number = w.open(robot, c.Issue.Title, c.Issue.Body, c.Issue.Labels, c.Issue.Assignees)
			w.find(e.Number).Milestone = c.Issue.Milestone
			w.opened[c.Key]++
			whole[c.Key] = e.Number
		case Update:
			i := w.find(c.Number)
			if i == nil {
				e = record.Event{Key: c.Key, Verb: record.Lost, Number: c.Number}
				break
			}
			w.edit(i, c.Edit)
		case Close:
			i := w.find(c.Number)
			if c.Edit != nil {
				w.edit(i, c.Edit)
			}
			i.State, i.Reason, i.Closed = issue.Closed, c.CloseReason, w.tick()
		case Notify:
			w.sent[c.Notice.ID]++
		}
		if g := c.Group; g != nil && e.Verb != record.Lost {
			e.Parent = cmp.Or(g.Number, whole[g.Key])
		}
		w.tell(e)
	}
}

// late puts changes behind the opening of whole runs that wait for it.
func late(c Change) int {
	switch {
	case c.Group != nil:
		return 2
	case c.Whole:
		return 1
	}
	return 0
}

func (w *world) open(author, title, body string, labels, assignees []string) int {
	n := len(w.issues) + 1
	w.issues = append(w.issues, issue.Issue{Number: n, Title: title, Body: body, State: issue.Open, Author: author,
		Labels: slices.Clone(labels), Assignees: slices.Clone(assignees), Created: w.tick()})
	return n
}

func (w *world) edit(i *issue.Issue, e *Edit) {
	if e.Title != nil {
		i.Title = *e.Title
	}
	if i.Milestone == "" {
		i.Milestone = e.Milestone
	}
	if e.Body {
		i.Body = issue.Merge(i.Body, e.Region, e.Marker)
	}
	if e.Reopen {
		i.State, i.Reason, i.Closed = issue.Open, "", time.Time{}
	}
	change := func(l, add, remove []string) []string {
		l = slices.DeleteFunc(slices.Clone(l), func(s string) bool { return slices.Contains(remove, s) })
		l = append(l, add...)
		slices.Sort(l)
		return slices.Compact(l)
	}
	i.Labels, i.Assignees = change(i.Labels, e.AddLabels, e.RemoveLabels), change(i.Assignees, e.AddAssignees, e.RemoveAssignees)
}

// reconcile plans and applies until nothing is left, and fails where that takes more than
// the rounds that an adopting run and a limit need.
func (w *world) reconcile(t testing.TB, rounds int) *Plan {
	t.Helper()
	var first *Plan
	for range rounds {
		p := w.plan(t)
		if first == nil {
			first = p
		}
		if p.Blocked != nil {
			t.Fatalf("blocked: %s", p.Blocked.Message)
		}
		if p.Empty() {
			return first
		}
		w.apply(p)
	}
	if p := w.plan(t); !p.Empty() {
		t.Fatalf("after %d rounds there is still something to do:\n%s", rounds, brief(p))
	}
	return first
}

// brief shows a plan in a few lines.
func brief(p *Plan) string {
	var b strings.Builder
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s %s %v: %s\n", c.Action, c.Key, c.Fields, c.Reason)
	}
	for _, e := range p.Records {
		fmt.Fprintf(&b, "record %s %s %s\n", e.Verb, e.Key, e.From)
	}
	held := func(name string, l []Held) {
		for _, h := range l {
			fmt.Fprintf(&b, "%s %s: %s\n", name, h.Key, h.Reason)
		}
	}
	held("deferred", p.Deferred)
	held("missed", p.Missed)
	held("waiting", p.Waiting)
	stray := func(name string, l []Stray) {
		for _, s := range l {
			fmt.Fprintf(&b, "%s #%d %s: %s\n", name, s.Number, s.Key, s.Reason)
		}
	}
	stray("orphan", p.Orphans)
	stray("foreign", p.Foreign)
	for _, f := range p.Frozen {
		fmt.Fprintf(&b, "frozen %s %d: %s\n", f.Client, f.Issues, f.Reason)
	}
	for _, r := range p.Refused {
		fmt.Fprintf(&b, "refused %s %s: %s\n", r.Person, r.Key, r.Reason)
	}
	if p.Blocked != nil {
		fmt.Fprintf(&b, "blocked %s %s %d > %d\n", p.Blocked.Rule, p.Blocked.Client, p.Blocked.Got, p.Blocked.Limit)
	}
	return b.String()
}

// close closes an issue as a person does.
func (w *world) close(number int, how issue.CloseReason) {
	i := w.find(number)
	i.State, i.Reason, i.Closed = issue.Closed, how, w.tick()
}

// remove deletes an issue from the forge.
func (w *world) remove(number int) {
	*w.find(number) = issue.Issue{Number: -number, State: issue.Closed}
}
