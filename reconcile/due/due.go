// Package due works out what falls due when: it turns clients, templates and calendars into
// occurrences. It is pure: the same catalog, window, day and facts give the same
// occurrences, in the same order, whatever the order of the files.
//
// A date is made in this order: the offset from the anchor, or the week of a plan; the day
// of the week; the turn of a repeated step; the roll; the exception, which is taken as it
// is. What was known of a date before the roll is its nominal date, and only nominal labels
// enter keys. Engine.Explain tells every rule that was at work.
//
// What people did and decided reaches dates by Facts only. With none at all every step is
// undone and every question open, unless the files answer it.
//
// A step whose conditions (`when`) fail is no occurrence. While a question is open on which
// they hang it is one that is not opened and of which nobody is told, with the date that it
// would have. Once a run is over, by its file or by what is known, there is only what fell
// due or was done up to that day.
//
// A playbook runs once, as a plan does. What sets it apart is that its steps hang on what
// really happens: they count from the day on which another step falls after its roll, its
// exception or a command, or from the day on which it was done if that was later. What was
// done early pulls nothing forward. Processes and plans count from nominal dates.
//
// What the files leave open is settled thus:
//
//   - A step of a process without `due` falls on the alignment date. With `day` it goes to
//     that day of the week, Monday to Sunday, in which its offset falls.
//   - A step of a process or plan hangs on the nominal date of another, moved or removed
//     though that may be.
//   - The day that a plan gives a milestone counts while the milestone's conditions hold; else,
//     and until they are decided, it has only the day that the client gives it.
//   - In a week that hangs on a milestone, an offset without an anchor counts from the
//     milestone. Only the week of the plan's own start begins with the start: what would
//     fall before moves to it, the turns of days of the week are left out, and no roll leads
//     back past it.
//   - In a week without a working day a step falls on the last ordinary working day and is
//     rolled from there.
//   - A repeated step of a process ends where its next cycle begins, unless `times` says how
//     often; in a plan an interval without `times` or `until` goes on.
//   - An exception without an instance calls off every turn of a cycle, but moves none.
//   - A step of a playbook without `due` falls on the latest day of the steps in its
//     `after`, or on the start. None falls before a step in its `after`, nor is rolled to
//     before it; an exception and a command are taken as they are.
//   - In a playbook a step that is removed, called off or ruled out hands on what it comes
//     after itself. Of a repeated step the first turn counts for what comes after it.
//   - In a playbook what repeats does so until the run is over, days of the week included,
//     unless `times` or `until` say otherwise. What hangs on steps that hang on each other
//     in a ring has no date.
//   - What a command moved is moved as by an exception; one in the file wins. Who took a step
//     stands in for the pool that it is for, wherever that is meant as its owner.
//   - A step that clients share knows the working days of the organization only, so that it
//     falls on one day for all of them.
//   - What a file decides holds for every cycle of a process, what a command decided for
//     its own cycle.
//   - The occurrence that stands for a whole run opens with the first step of the run and is
//     due with the last one that has a date; a step that goes on for ever counts by its
//     first turn. Nothing can hang on it.
//   - A client without an alignment date has the steps of its processes unscheduled, in a
//     cycle called tbd.
package due

import (
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Window is a span of due dates, both days included.
type Window struct{ From, To civil.Date }

// Holder is who does or is told something: a person, or a role whose pool may take it.
// Exactly one of the two is set; both are empty where nobody could be found.
type Holder struct {
	// Person is a person's id.
	Person string
	// Role is the id of a role, set when the role is a pool without a person.
	Role string
}

// String returns the person's id, or `role:` and the role's id.
func (h Holder) String() string {
	if h.Role != "" {
		return "role:" + h.Role
	}
	return h.Person
}

// NoticeKind says why somebody is told.
type NoticeKind string

// The kinds of notices.
const (
	// HeadsUp goes out before the due date.
	HeadsUp NoticeKind = "heads-up"
	// Reminder goes out to the owner while the step is overdue.
	Reminder NoticeKind = "reminder"
	// Escalation goes out to others while the step is overdue.
	Escalation NoticeKind = "escalation"
)

// Notice is one message that falls due.
type Notice struct {
	Kind NoticeKind
	// N counts the reminders of a step from 1, and tells apart several heads-ups of one
	// step by their place in the list, from 1.
	N int
	// On is the day from which it may go out.
	On civil.Date
	// To is sorted and without repeats.
	To []Holder
	// Via are ids of channels, in the order of the file; empty means the log only.
	Via []string
}

// Occurrence is one step, of one cycle, of one client.
type Occurrence struct {
	// Key is client/template/cycle/step, with /instance for a repeated step. It is made of
	// ids, the cycle and nominal labels only; a moved date never changes it.
	Key string
	// Previous are the keys it had under ids declared with `previously`, sorted.
	Previous []string

	Client   *schema.Client
	Template schema.Template
	// Assignment is the client's entry for the template.
	Assignment *schema.Assignment
	// Step is the step with the client's override applied. It is shared by all occurrences
	// of the assignment and must not be changed.
	Step *schema.Step
	// Whole says that it stands for the whole run of a plan or playbook, and its step for
	// nothing that the template has.
	Whole bool
	// Cycle is the year of a process, or the run of a plan or playbook.
	Cycle string
	// Instance tells apart the turns of a repeated step; empty for a single one.
	Instance string

	// Nominal is the date before the roll and Due the one after it and after an exception.
	// Both are zero for a step on an unscheduled milestone, which is never opened.
	Nominal, Due civil.Date
	// Opens is the day from which the issue is open; zero where Due is, or Undecided is set.
	Opens civil.Date
	// Exception is the exception that moves or cancels it, or nil.
	Exception *schema.Exception
	// Unscheduled names the milestone or step without a date that it hangs on, if any.
	Unscheduled string
	// Undecided is the id of a question on whose answer it depends whether the step is there
	// at all, empty where nothing is open. Such a step has dates but Opens, and no notices.
	Undecided string
	// Moved is what a command did to its date; the zero Move where none did.
	Moved Move

	Owner Holder
	// With is sorted.
	With []Holder
	// Notices are sorted by day, kind and number.
	Notices []Notice
	// Source is where the step is written: in the template, or in the client's file for an
	// extra step.
	Source schema.Source
}

// Endless reports whether the occurrence is a turn of a step that goes on for ever, or as
// long as its run does.
func (o *Occurrence) Endless() bool { return endless(o.Template, o.Step) }

// FromIssue reports whether an issue started the run, so that no file has it.
func (o *Occurrence) FromIssue() bool {
	if _, ok := o.Template.(*schema.Playbook); !ok || o.Client.ID == schema.AllClients {
		return false
	}
	for i := range o.Client.Processes {
		if &o.Client.Processes[i] == o.Assignment {
			return false
		}
	}
	return true
}

// Cancelled reports whether an exception calls the occurrence off.
func (o *Occurrence) Cancelled() bool { return o.Exception != nil && o.Exception.Cancel }
