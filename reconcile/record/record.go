// Package record is what the ledger holds: events, one JSON line each, and the entry that
// all events of one occurrence add up to. Events are only ever added. Folding them is
// commutative and idempotent, so that two histories merge by putting their events together.
//
// The package is pure; where events are kept is the ledger's business.
package record

import (
	"time"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// Version is the schema version of an event. A reader that meets a greater one must not
// write.
const Version = 1

// Verb says what an event tells.
type Verb string

// The verbs. Each effect has its intent, which is in the ledger before the effect happens.
const (
	// IntendCreate claims the opening of an issue.
	IntendCreate Verb = "intend-create"
	// Opened tells that an issue is open under a number.
	Opened Verb = "opened"
	// Adopted tells that an existing issue was recognised by its marker.
	Adopted Verb = "adopted"
	// IntendClose claims the closing of an issue.
	IntendClose Verb = "intend-close"
	// Closed tells that we closed the issue, with the reason in Reason.
	Closed Verb = "closed"
	// Done tells that a person closed the issue as completed.
	Done Verb = "done"
	// Skipped tells that a person closed the issue as not planned.
	Skipped Verb = "skipped"
	// Updated tells that the issue was edited; Owner and Due carry what now holds.
	Updated Verb = "updated"
	// Lost tells that the issue is gone from the forge.
	Lost Verb = "lost"
	// IntendNotify claims the sending of the notice in Notice.
	IntendNotify Verb = "intend-notify"
	// Notified tells that the notice in Notice was sent.
	Notified Verb = "notified"
	// Released takes back the intents of its Nonce: nothing was done, and anybody may claim
	// anew at once.
	Released Verb = "released"
	// Renamed tells that the occurrence was known as From before.
	Renamed Verb = "renamed"
	// Commanded tells that the command in the comment Comment was accepted. Its key is the
	// occurrence that it is about, which need not be the one whose issue has the comment.
	Commanded Verb = "commanded"
	// IntendAnswer claims the reply to the comment Comment; with Reason it is a refusal, which
	// whoever takes the claim over repeats.
	IntendAnswer Verb = "intend-answer"
	// Answered tells that whoever wrote the comment Comment has an answer: accepted, or
	// refused for the reason in Reason.
	Answered Verb = "answered"
	// Started tells that an issue which a person wrote started a run, and stands for the
	// whole of it. Due is the day from which the run counts.
	Started Verb = "started"
	// Decided tells that the client's file was seen for the first time with the answer Arg to
	// the question of a step. Its key is that of the step, without a turn.
	Decided Verb = "decided"
)

// Event is one line of the ledger. It carries no secrets and no e-mail addresses.
type Event struct {
	V   int       `json:"v"`
	At  time.Time `json:"at"`
	Key string    `json:"k"`
	// Verb says what happened.
	Verb Verb `json:"e"`
	// Number is the issue on the forge.
	Number int `json:"n,omitempty"`
	// Parent is the tracking issue under which the forge shows this one, or refused to for
	// good: either way there is nothing to do about it again.
	Parent int `json:"parent,omitempty"`
	// Run names the run that wrote the event, and Nonce the claim, so that a writer
	// recognises its own.
	Run   string `json:"run,omitempty"`
	Nonce string `json:"nonce,omitempty"`
	// Owner is who the issue was assigned to: a person's id or role:<id>.
	Owner string `json:"owner,omitempty"`
	// Due is the due date that the issue shows.
	Due civil.Date `json:"due,omitempty"`
	// Notice names a message: kind, number, day and channel.
	Notice string `json:"notice,omitempty"`
	// Reason is why an issue was closed, in a few words; of a command, what was said with it
	// on one line; of an answer, why the command was refused.
	Reason string `json:"reason,omitempty"`
	// From is the former key of a renamed occurrence.
	From string `json:"from,omitempty"`
	// Comment is the forge's id of the comment that held a command.
	Comment string `json:"comment,omitempty"`
	// Command is the word of the command, such as done, and Arg what it was given: an option,
	// a date. With a Done that sign-offs made, Arg is the option that they hold for.
	Command string `json:"cmd,omitempty"`
	Arg     string `json:"arg,omitempty"`
	// By is the id of the person who did it, and Role the role for which.
	By   string `json:"by,omitempty"`
	Role string `json:"role,omitempty"`
	// Of is the hash of what was signed off.
	Of string `json:"of,omitempty"`
	// UID is the name of a meeting in calendars, for a notice that invites to it or calls it
	// off; empty for all others. The fields below go with it.
	UID string `json:"uid,omitempty"`
	// Sequence tells the versions of an invitation apart: the greater one is the newer.
	Sequence int `json:"seq,omitempty"`
	// When is the begin and the end that it names, with a slash between them, and To are the
	// ids of the persons it goes to, sorted and with a comma between them.
	When string `json:"when,omitempty"`
	To   string `json:"to,omitempty"`
	// Spec is a fingerprint of what it says.
	Spec string `json:"spec,omitempty"`
}
