package command

import (
	"slices"
	"strings"

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
	Engine   *due.Engine
	View     *plan.View
	Progress *progress.Progress
	// Trusting says that whoever can write the forge is believed whatever name stands beside
	// a comment, which may then be the id or the name of a person. Elsewhere a login that
	// happens to be somebody's id is a stranger's.
	Trusting bool
}

// Verdict is what becomes of a comment.
type Verdict struct {
	// Ignored says why nobody answers; empty where somebody does. Unseen says that it is
	// because the issue was not looked at, though somebody whom the files know wrote there.
	Ignored string
	Unseen  bool
	// Event is what the ledger is told, once the forge has said that Login may do so; the zero
	// Event where the command is refused or only asks.
	Event record.Event
	// Key is that of what the comment is about, Login who wrote it, and By that person's id.
	Key, Login, By string
	// Refused is why it is not done, and what to do, in words for whoever wrote it.
	Refused string
	// Reply is an answer to what was asked, as Markdown.
	Reply string
}

// Refuse makes a verdict a refusal.
func (v *Verdict) Refuse(why string) {
	v.Refused, v.Event, v.Reply = why, record.Event{}, ""
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
		return Verdict{Ignored: "the issue is none of ours, or of a client of another run", Unseen: true, Login: c.Author}
	}
	v := Verdict{Key: j.subject.Key, Login: c.Author, By: j.person.ID}
	switch {
	case j.subject.Frozen != "":
		v.Refused = frozen(j.subject.Frozen)
	case !c.Updated.Equal(c.Created):
		v.Refused = "the comment was edited, and only comments as they were first written count: write the command in a new comment"
	case kind == Unknown:
		v.Refused = "there is no command /" + string(command.Verb) + ": write /help for those that there are, or begin the line with something else than a slash"
	case kind == TooLong:
		v.Refused = "the command is too long: keep the first line within 200 characters, and write the rest below it, in a new comment"
	case command.Verb == Help:
		v.Reply = j.help()
	default:
		j.carry(&v)
	}
	return v
}

// author returns the one person who has a login, and nobody where several have it. On a
// forge that trusts whoever writes there, the id or the name will do.
func (w World) author(login string) *schema.Person {
	return w.Catalog.Login(login, w.Trusting)
}

// carry finds the step that a command is about and judges it.
func (j *judging) carry(v *Verdict) {
	if v.Refused = j.find(); v.Refused != "" {
		return
	}
	v.Key = j.step.Key
	if why := j.View.Frozen(j.step.Client.ID); why != "" {
		v.Refused = frozen(why)
		return
	}
	e := record.Event{Verb: record.Commanded, Key: j.step.Key, Number: j.comment.Issue, Comment: j.comment.ID, Command: string(j.command.Verb), By: j.person.ID}
	if v.Refused = j.rules()[j.command.Verb](&e); v.Refused == "" {
		v.Refused = unfit(e.Reason)
	}
	if v.Refused == "" {
		v.Event = e
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
	switch {
	case len(s.Steps) == 0:
		return "the files have no step for this issue any more, so there is nothing to command: close the issue, or put the step back into the files"
	case s.Shared:
		return j.findClient()
	}
	word, rest := j.command.Next()
	for _, o := range s.Steps {
		if s.PerRun && (o.Step.ID == word || slices.Contains(o.Step.Previously, word)) {
			j.step, j.command.Rest = o, rest
			return ""
		}
	}
	j.step = s.Steps[0]
	return ""
}

// findClient sets the step of the client that the command names, by id or former id. Of
// several runs of one client it is the one that the command names too, by its id or by what is
// to be signed off, and else the first one that still goes on.
func (j *judging) findClient() string {
	word, rest := j.command.Next()
	client := j.Catalog.Client(word)
	var clients []string
	var runs []*due.Occurrence
	for _, o := range j.subject.Steps {
		if clients = append(clients, o.Client.ID); o.Client != client {
			continue
		}
		runs = append(runs, o)
		if j.step == nil || j.isOver(j.step) && !j.isOver(o) {
			j.step = o
		}
	}
	if j.step != nil {
		if j.command.Rest = rest; len(runs) > 1 {
			j.findRun(runs)
		}
		return ""
	}
	slices.Sort(clients)
	clients = slices.Compact(clients)
	such, fits := j.example(j.command.Verb)
	if !fits {
		such = j.write(clients[0])
	}
	return "say which client is meant, such as " + such + "; on this issue are " + strings.Join(clients, ", ")
}

// findRun sets the step of the run that the command names among those of one client.
func (j *judging) findRun(runs []*due.Occurrence) {
	word, rest := j.command.Next()
	for _, o := range runs {
		d := o.Step.Decide
		switch {
		case j.command.Verb == Approve && isHash(word) && j.Progress.Approvals(o).Of == word:
			j.step = o
		case o.Cycle == word && (j.command.Verb != Decide || d == nil || !slices.Contains(d.Options, word)):
			j.step, j.command.Rest = o, rest
			return
		}
	}
}

// isOver reports whether a step of the issue has ended.
func (j *judging) isOver(o *due.Occurrence) bool {
	s := j.View.State(o)
	return s == plan.Done || s == plan.Skipped
}

// write is a command as it is to be written on this issue: the verb, or words behind it.
func (j *judging) write(words ...string) string {
	l := []string{"/" + string(j.command.Verb)}
	switch {
	case j.step == nil:
	case j.subject.Shared:
		l = append(l, j.step.Client.ID)
		if slices.ContainsFunc(j.subject.Steps, func(o *due.Occurrence) bool { return o.Client == j.step.Client && o != j.step }) {
			l = append(l, j.step.Cycle)
		}
	case j.subject.PerRun && j.step != j.subject.Steps[0]:
		l = append(l, j.step.Step.ID)
	}
	return strings.Join(append(l, words...), " ")
}

// writeVerb is write for another verb.
func (j *judging) writeVerb(v Verb, words ...string) string {
	other := *j
	other.command.Verb = v
	return other.write(words...)
}

func frozen(why string) string {
	return "nothing is done for this client until its files are right again (" + why + "): have them mended, then write the command again"
}
