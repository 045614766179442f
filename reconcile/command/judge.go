package command

import (
	"slices"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// World is what commands are judged by: the files at the default branch and what is known of
// the issues. Nothing in it is changed.
type World struct {
	Catalog *schema.Catalog
	// AsOf is today in the organization's time zone.
	AsOf     civil.Date
	Zone     *time.Location
	Engine   *due.Engine
	View     *plan.View
	Progress *progress.Progress
}

// Verdict is what becomes of a comment.
type Verdict struct {
	// Ignored says why nobody answers; empty where somebody does.
	Ignored string
	// Event is what the ledger is told, once the forge has said that Login may do so; the zero
	// Event where the command is refused or only asks.
	Event record.Event
	// Key is that of what the comment is about, Login who wrote it.
	Key, Login string
	// Refused is why it is not done, and what to do, in words for whoever wrote it.
	Refused string
	// Reply is an answer to what was asked, as Markdown.
	Reply string
}

// judging is one comment under judgement.
type judging struct {
	World
	comment issue.Comment
	command Command
	subject plan.Subject
	person  *schema.Person
	step    *due.Occurrence
}

// Judge says what becomes of a comment. It asks nobody: that the author has the permission
// which the organization wants on the repository is still to be found out where the verdict
// has an Event or a Reply.
func Judge(w World, c issue.Comment) Verdict {
	j := judging{World: w, comment: c}
	command, kind := Parse(c.Body)
	j.command = command
	switch {
	case kind == None:
		return Verdict{Ignored: "it is no command"}
	case c.Bot:
		return Verdict{Ignored: "a program wrote it"}
	}
	if j.person = w.author(c.Author); j.person == nil {
		return Verdict{Ignored: "no person in the files has the login " + c.Author}
	}
	var ours bool
	if j.subject, ours = w.View.Subject(c.Issue); !ours {
		return Verdict{Ignored: "the issue stands for no step"}
	}
	v := Verdict{Key: j.subject.Key, Login: c.Author}
	switch {
	case !c.Updated.Equal(c.Created):
		v.Refused = "the comment was edited, and edited comments are not read: write a new one"
	case kind == Unknown:
		v.Refused = "there is no command /" + string(command.Verb) + ": write /help for those that there are"
	case kind == TooLong:
		v.Refused = "the command is too long: keep the first line under 200 characters, and write the rest below it"
	case command.Verb == Help:
		v.Reply = j.help()
	default:
		j.carry(&v)
	}
	return v
}

// author returns the person who has a login; on a forge without logins the id or the name
// will do.
func (w World) author(login string) *schema.Person {
	for _, p := range w.Catalog.People {
		if p.GitHub != "" && strings.EqualFold(p.GitHub, login) {
			return p
		}
	}
	for _, p := range w.Catalog.People {
		if p.GitHub == "" && (p.ID == login || p.Name == login) {
			return p
		}
	}
	return nil
}

// carry finds the step that a command is about and judges it.
func (j *judging) carry(v *Verdict) {
	if v.Refused = j.find(); v.Refused != "" {
		return
	}
	e := record.Event{Verb: record.Commanded, Key: j.step.Key, Number: j.comment.Issue, Comment: j.comment.ID, Command: string(j.command.Verb), By: j.person.ID}
	if v.Refused = j.rules()[j.command.Verb](&e); v.Refused == "" {
		v.Refused = unfit(e.Reason)
	}
	if v.Refused == "" {
		v.Event, v.Key = e, e.Key
	}
}

// rules maps each verb to what judges it: it fills in the event, or returns why not.
func (j *judging) rules() map[Verb]func(*record.Event) string {
	return map[Verb]func(*record.Event) string{
		Done: j.done, Skip: j.skip, Approve: j.approve, Reject: j.reject, Decide: j.decide,
		Reschedule: j.reschedule, Take: j.take, Release: j.release, Note: j.note,
	}
}

// find sets the step that the command is about. On an issue that several clients share the
// command names the client first; on one that stands for a run it may name the step.
func (j *judging) find() string {
	s := &j.subject
	if len(s.Steps) == 0 {
		return "there is nothing to do on this issue any more"
	}
	word, rest := j.command.Next()
	switch {
	case s.Shared:
		var clients []string
		for _, o := range s.Steps {
			if o.Client.ID == word {
				j.step, j.command.Rest = o, rest
				return ""
			}
			clients = append(clients, o.Client.ID)
		}
		slices.Sort(clients)
		return "say which client is meant, such as /" + string(j.command.Verb) + " " + clients[0] + "; on this issue are " + strings.Join(slices.Compact(clients), ", ")
	case s.PerRun:
		for _, o := range s.Steps {
			if o.Step.ID == word {
				j.step, j.command.Rest = o, rest
				return ""
			}
		}
	}
	j.step = s.Steps[0]
	return ""
}
