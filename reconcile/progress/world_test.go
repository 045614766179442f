package progress

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

const (
	today    = "2026-05-20"
	decision = "acme/care/1/decision"
)

// world is a catalog with one client in one run of a playbook, and what happened to it.
type world struct {
	org    *schema.Organization
	book   *schema.Playbook
	client *schema.Client
	people []*schema.Person
	events []record.Event
	issues []issue.Issue
	gone   []int
	form   func(string, []schema.Field) map[string]schema.Value
}

func newWorld() *world {
	w := &world{org: &schema.Organization{Meta: schema.Meta{ID: "northwind", Previously: []string{"southwind"}}}}
	w.org.Roles = []schema.Role{{ID: "vcio"}, {ID: "director", Previously: []string{"boss"}}, {ID: "engineer", Pool: true}, {ID: "account-manager"}}
	for _, id := range []string{"dana", "omar", "priya", "mila"} {
		w.people = append(w.people, &schema.Person{Meta: schema.Meta{ID: id}, Name: strings.ToUpper(id[:1]) + id[1:], Roles: []string{"vcio", "director", "engineer"}})
	}
	w.book = &schema.Playbook{TemplateHead: schema.TemplateHead{Meta: schema.Meta{ID: "care"}, Title: "Extra care"}, RequestedBy: "recommended-by",
		Fields: []schema.Field{{ID: "recommended-by", Type: schema.FieldPerson}, {ID: "instructions", Type: schema.FieldText}, {ID: "root-cause", Type: schema.FieldText, RequiredFor: "closing"}},
		Marks:  &schema.Marks{Label: "extra-care", InstructionsFrom: "instructions", From: "decision", Until: "removal", When: schema.When{"placement": {"place"}}},
		Steps: []schema.Step{
			{ID: "recommend", Title: "Recommend", Owner: "account-manager"},
			{ID: "decision", Previously: []string{"verdict"}, Title: "Decide", Owner: "account-manager", Approve: []string{"vcio", "director"},
				Decide: &schema.Decide{ID: "placement", Question: "Is it placed?", Options: []string{"place", "not-required"}, Ends: map[string]string{"not-required": "not-planned"}}},
			{ID: "call", Title: "Call", Owner: "engineer", Assign: "next-available", When: schema.When{"placement": {"place"}}},
			{ID: "removal", Title: "Remove", Owner: "account-manager", When: schema.When{"placement": {"place"}}, Ends: "completed"},
		}}
	w.client = &schema.Client{Meta: schema.Meta{ID: "acme", Previously: []string{"acme-old"}}, Team: map[string]string{"vcio": "dana", "director": "omar", "account-manager": "priya"},
		Processes: []schema.Assignment{{Template: "care", Start: civil.MustParse("2026-05-04"), Fields: map[string]schema.Value{"recommended-by": {Text: "priya"}, "instructions": {Text: "Call first"}}}}}
	return w
}

func (w *world) run() *schema.Assignment { return &w.client.Processes[0] }

func (w *world) step(id string) *schema.Step {
	for i := range w.book.Steps {
		if w.book.Steps[i].ID == id {
			return &w.book.Steps[i]
		}
	}
	return nil
}

func (w *world) inputs() Inputs {
	cat := &schema.Catalog{Organization: w.org, People: w.people, Clients: []*schema.Client{w.client}, Playbooks: []*schema.Playbook{w.book}}
	cat.Index()
	return Inputs{Catalog: cat, AsOf: civil.MustParse(today), Entries: record.Fold(w.events), Observed: w.issues, Gone: w.gone, Form: w.form}
}

func (w *world) look() *Progress { return Look(w.inputs()) }

// on returns nine o'clock of a day of May, and so many minutes.
func on(day, minute int) time.Time { return time.Date(2026, 5, day, 9, minute, 0, 0, time.UTC) }

func (w *world) event(day int, key string, v record.Verb, number int) *record.Event {
	w.events = append(w.events, record.Event{V: record.Version, At: on(day, len(w.events)), Key: key, Verb: v, Number: number})
	return &w.events[len(w.events)-1]
}

// says adds a command, written as people write it, with the hash of what is there now.
func (w *world) says(day int, key, who, role, text string) {
	words := strings.Fields(strings.TrimPrefix(text, "/"))
	e := w.event(day, key, record.Commanded, 0)
	e.Comment, e.By, e.Role, e.Command = fmt.Sprint(100+len(w.events)), who, role, words[0]
	if len(words) > 1 {
		e.Arg, e.Reason = words[1], strings.Join(words[2:], " ")
	}
	if e.Command == wordApprove {
		w.events, e = w.events[:len(w.events)-1], &record.Event{V: e.V, At: e.At, Key: e.Key, Verb: e.Verb, Comment: e.Comment, By: e.By, Role: e.Role, Command: e.Command}
		e.Of = w.hash()
		w.events = append(w.events, *e)
	}
}

// hash is that of the decision as it is now.
func (w *world) hash() string { return w.approvals().Of }

func (w *world) approvals() Approvals { return w.look().Approvals(w.occurrence()) }

func (w *world) occurrence() *due.Occurrence {
	cat := w.inputs().Catalog
	return &due.Occurrence{Key: decision, Client: w.client, Template: cat.Template("care"), Assignment: w.run(), Step: w.step("decision"), Cycle: "1"}
}

// decided is the usual way: placed by command.
func decided() *world {
	w := newWorld()
	w.says(5, decision, "dana", "", "/decide place")
	return w
}

// file signs in the client's file what is there now.
func (w *world) file(role, who string, day int) {
	w.run().Approvals = append(w.run().Approvals, schema.Approval{Step: "decision", Role: role, By: who, On: civil.New(2026, 5, day), Of: w.hash()})
}

// signedOff is decided, and signed off by both.
func signedOff(t testing.TB) *world {
	t.Helper()
	w := decided()
	w.says(6, decision, "dana", "vcio", "/approve")
	w.says(7, decision, "omar", "director", "/approve")
	if a := w.approvals(); !a.Complete() || a.On() != civil.New(2026, 5, 7) {
		t.Fatalf("not signed off: %+v", a)
	}
	return w
}

// opened has an issue of a key opened, as ledger and forge see it.
func (w *world) opened(key string, number int) *issue.Issue {
	w.event(4, key, record.Opened, number)
	w.issues = append(w.issues, issue.Issue{Number: number, State: issue.Open, Labels: []string{issue.OwnershipLabel}})
	return &w.issues[len(w.issues)-1]
}

func closeOn(is *issue.Issue, day int, as issue.CloseReason) {
	is.State, is.Reason, is.Closed = issue.Closed, as, on(day, 0)
}
