// Package progress tells what became of runs: what people did, decided, signed off, moved
// and took, distilled from the files, the ledger and the issues. It is pure: Look reads, and
// what it returns is not changed any more, so any number of goroutines may ask it.
//
// The order of entries and issues makes no difference. Keys under former ids of clients,
// templates and steps count for what they are called now; what no client has any more is
// left out. What the files say wins over what commands said.
//
// Ended. A step has ended when a command that has not been carried out yet says so, else by
// its issue, else by the ledger, else by its row in an issue that several clients share. A
// command is carried out once the ledger has the step ended after it: who opens the issue
// again then has it open. What we closed ourselves has not ended. Where we had claimed to
// close an issue and it is closed, nothing is said until it is known who did it.
//
// Sign-offs. A step with `approve` is done on the day of the last sign-off, when all stand,
// and never by hand; it may be skipped. A sign-off stands if it is one of the present hash,
// came after the last rejection and after that of the role before, and is neither by somebody
// who has signed for another role, nor by who asked for the run, nor by who owns the step
// through a role that is not asked. Policies may allow the last three. Whether somebody held
// the role was judged when it was given: a sign-off stays when people leave. Files know days
// only: within a day their order is taken to be right, and a rejection is taken to be later.
// Nothing is complete before the run has the fields that the step requires, and the decision
// that is made in it.
//
// Decisions. What the file says, else the last command whose option can still be chosen.
//
// Over. A run is over on the first of these days, unless the file says when: that of a
// decision that ends it, once its step is signed off where that is asked; that of the last
// of its steps with `ends` that are there; that on which a person closed the issue of a run
// that has only one. A skipped step with `ends` counts as not there, unless it asks for
// sign-offs: then it stays in the way. A decision in the file counts from
// the day on which it was first seen there. What was signed off when the ledger got to know it
// ends the run also after texts were edited, or every edit of a template would bring back
// runs of years ago; a decision that is changed does bring the run back.
//
// Marks are active while the run goes on, from the start or the step named, until the step
// named has ended, and while their conditions hold.
package progress

import (
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Inputs are everything that is looked at. Nothing in them is changed.
type Inputs struct {
	Catalog *schema.Catalog
	// AsOf is today in Zone, the time zone of the organization; nil means UTC.
	AsOf civil.Date
	Zone *time.Location
	// Entries are what the ledger holds.
	Entries record.Entries
	// Observed are the issues that the forge shows, in any order, and Gone are the numbers
	// that the ledger holds open and the forge has not.
	Observed []issue.Issue
	Gone     []int
	// Identity is the login under which we open issues. An issue that the ledger does not
	// know is believed its marker only if that login wrote it; empty trusts everybody.
	Identity string
	// Form reads the fields of a run out of the issue that started it; nil reads none.
	Form func(body string, fields []schema.Field) map[string]schema.Value
}

// Progress is what became of the runs. A nil Progress knows nothing.
type Progress struct {
	in       Inputs
	facts    *due.Facts
	gone     map[int]bool
	runs     map[string]*run
	asked    map[string]Asked
	released map[string]bool
	marks    map[string][]Mark
}

// Look works out what became of the runs.
func Look(in Inputs) *Progress {
	p := &Progress{in: in, facts: &due.Facts{}, gone: map[int]bool{}, runs: map[string]*run{}, asked: map[string]Asked{}, released: map[string]bool{}, marks: map[string][]Mark{}}
	if in.Catalog == nil || in.Catalog.Organization == nil {
		return p
	}
	for _, n := range in.Gone {
		p.gone[n] = true
	}
	s := newScan(p)
	s.readEntries()
	s.addRuns()
	s.place()
	s.readIssues()
	for _, r := range p.sorted() {
		p.decide(r)
		p.commands(r)
		p.end(r)
		p.since(r)
		p.finish(r)
		p.mark(r)
	}
	p.sortMarks()
	return p
}

// Facts returns what an engine has to know. It is not nil unless p is.
func (p *Progress) Facts() *due.Facts {
	if p == nil {
		return nil
	}
	return p.facts
}

// Run returns how the run of a key stands: of any key of it, or client/template/cycle. The
// zero Run stands for one of which nothing is known.
func (p *Progress) Run(key string) Run {
	if p == nil {
		return Run{}
	}
	r := p.runs[prefix(key)]
	if r == nil {
		return Run{}
	}
	s := Run{Assignment: r.assignment, Requester: r.requester, Decisions: r.decisions, Marks: r.marks}
	if r.over != nil && r.over.On <= p.in.AsOf {
		s.Over = r.over
	}
	return s
}

// Noted returns the day of the newest note on the run of a key, zero for none.
func (p *Progress) Noted(key string) (on civil.Date) {
	if p == nil {
		return 0
	}
	if r := p.runs[prefix(key)]; r != nil {
		for _, e := range r.entries {
			if c := last(e, wordNote); c.Verb != "" {
				on = max(on, p.day(c.At))
			}
		}
	}
	return on
}

// Run is how a run stands.
type Run struct {
	// Assignment is the run as the client's file has it, or the issue that started it.
	Assignment *schema.Assignment
	// Requester is the id of the person who asked for it, "" where nobody is named.
	Requester string
	// Over is how it ended, nil while it goes on.
	Over *due.Over
	// Decisions are what was decided, by the id of the question.
	Decisions map[string]Decision
	// Marks are active marks of the run; there is one at most.
	Marks []Mark
}

// Decision is an answer to a question.
type Decision struct {
	Option string
	// By is a person's id; an answer in a file has nobody.
	By string
	// On is the day of the command, or the one on which the file was first seen with it, which
	// may be today.
	On civil.Date
	// Step is the id of the step that asks, and Fresh says that the ledger does not know yet
	// since when the file has the answer.
	Step  string
	Fresh bool
}

// day returns the day of an instant in the organization's time zone.
func (p *Progress) day(t time.Time) civil.Date {
	if p.in.Zone == nil {
		return civil.Of(t.UTC())
	}
	return civil.Of(t.In(p.in.Zone))
}
