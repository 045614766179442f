// Package plan compares what ought to be with what is, and says what has to change.
//
// What ought to be follows from the files and a day (package due); what is are the issues
// that a forge shows and the entries of the ledger. The answer is a Plan: data that can be
// saved, shown, hashed and carried out, never closures. The package is pure, and a plan
// does not depend on the order of anything that goes in.
//
// The rules it keeps:
//
//   - What a person closed stays closed, as done or as skipped. Nothing is opened twice.
//     What we closed ourselves is opened again, under its number, once it is wanted again.
//     An issue that a person opens again is open: one that they had closed is closed by us
//     only when it becomes obsolete or is called off, one that we had closed not at all.
//   - Absence is not deletion: issues of a client without a file are reported, not closed.
//     Issues of a client whose files have errors are left alone.
//   - A step whose `after` steps are not done is not opened, however late it gets. If its
//     issue is open already it carries the label blocked.
//   - The issue of a whole run lists the steps of the run. It is closed by us, as completed,
//     when all of them have ended, which no gate counts; a person who closes it earlier
//     closes nothing else.
//   - What fell due before the catch-up window and was never opened is missed: reported
//     for a year, not opened. What had to wait for others counts from the day it was free.
//   - Where the organization wants milestones, an issue without one is put into that of its
//     run. Whichever other one a person chose stays, and so does one whose client or
//     template was called otherwise before.
//   - Nobody outside the organization is written to, except that a heads-up of a step with
//     party: client goes to the contacts that it names, each in a message of its own, where
//     the policy client-email is allowed.
//   - Issues that are not ours are never touched and never in a change. One that asks for a
//     run is ours once the ledger knows it, and until then it gets at most one comment for
//     each thing that is to be mended.
//   - A run that would close too much, or that sees nothing where something must be, is
//     blocked whole. An approval is for one plan, byte by byte. What people decided in a run
//     within the last days closes what it closes, and no gate counts that.
package plan

import (
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// FormatVersion is the version of the JSON form of a Plan. Fields are added to it, never
// renamed.
const FormatVersion = 1

// Action says what a change does.
type Action string

// The actions, in the order in which those of one key come.
const (
	// Adopt puts an existing issue under its key into the ledger. The forge is not changed.
	Adopt Action = "adopt"
	// Update edits an open issue, or opens again one that we had closed.
	Update Action = "update"
	// Create opens an issue.
	Create Action = "create"
	// Close closes an issue.
	Close Action = "close"
	// Notify sends one notice by one channel.
	Notify Action = "notify"
	// Answer comments on an issue that asks for a run and cannot start it, which is not ours,
	// or on one of ours that was closed without the answer to its question.
	Answer Action = "answer"
)

// Plan is what has to change. Every list is sorted by key, and by number or name where a
// key comes twice, apart from Deferred, which is sorted by due date first; none is nil.
type Plan struct {
	FormatVersion int        `json:"format_version"`
	AsOf          civil.Date `json:"as_of"`
	Commit        string     `json:"commit"`
	Changes       []Change   `json:"changes"`
	// Deferred are issues that a limit keeps for a later run.
	Deferred []Held `json:"deferred"`
	// Missed are occurrences that were never opened and are too old to be.
	Missed []Held `json:"missed"`
	// Waiting are occurrences whose time has come and that wait for other steps.
	Waiting []Held `json:"waiting"`
	// Orphans are open issues whose client has no file any more.
	Orphans []Stray `json:"orphans"`
	// Foreign are issues that carry a marker or the label and are not ours.
	Foreign []Stray `json:"foreign"`
	// Frozen are the clients that nothing is done for until their files, or their part of the
	// ledger, are mended.
	Frozen []Frost `json:"frozen"`
	// Refused are recipients who are not written to.
	Refused []Refusal `json:"refused"`
	// Blocked is the gate that keeps the plan from being carried out, or nil.
	Blocked *Blocked `json:"blocked"`
	// Approved says that a gate would block the plan and was lifted by its approval.
	Approved bool    `json:"approved,omitempty"`
	Summary  Summary `json:"summary"`
	// Commands are what people wrote in comments and what became of it, which the plan takes
	// for granted. Make leaves them empty: who makes the plan has heard them before.
	Commands []Command `json:"commands,omitempty"`
	// Records are what the ledger has to know without anything being done for it: what
	// people closed, issues that are gone, keys that were renamed. Time, run and nonce are
	// the writer's. They are written with the claims, and not at all when blocked.
	Records []record.Event `json:"-"`
}

// Empty reports whether there is nothing to do and nothing to record.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 && len(p.Records) == 0 }

// Command is a command that somebody wrote in a comment.
type Command struct {
	// Comment is the id of the comment, and Issue the number of the issue that it stands on.
	Comment string `json:"comment"`
	Issue   int    `json:"issue"`
	// Key is that of the step, or of the issue where no step is meant.
	Key string `json:"key"`
	// Command is the word, and Argument what was given to it: an option, a day.
	Command  string `json:"command"`
	Argument string `json:"argument,omitempty"`
	// By is the id of the person who wrote it.
	By       string `json:"by"`
	Accepted bool   `json:"accepted"`
	// Reason is what was said with an accepted command, or why it was refused.
	Reason string `json:"reason"`
	// Again names the run that may have replied before; it was stopped.
	Again string `json:"again,omitempty"`
}

// Summary counts the changes by action. None are the open issues that agree already.
type Summary struct {
	Create int `json:"create"`
	Update int `json:"update"`
	Close  int `json:"close"`
	Adopt  int `json:"adopt"`
	Notify int `json:"notify"`
	Answer int `json:"answer,omitempty"`
	None   int `json:"none"`
	// Stale are heads-ups that are no longer worth sending.
	Stale int `json:"stale"`
}

// Change is one thing to do. Which of the pointers are set follows from the action.
type Change struct {
	Action Action `json:"action"`
	Key    string `json:"key"`
	// Reason says why, in plain words.
	Reason string `json:"reason"`
	// Fields are the names of what differs, sorted: assignee, body, labels, milestone,
	// parent, state, title.
	Fields []string `json:"fields"`
	// Before and After hold the fields by name, as strings or sorted lists of strings. The
	// body is given by its fingerprint.
	Before Values `json:"before"`
	After  Values `json:"after"`
	Source Place  `json:"source"`
	// Number is the issue, 0 for one that is to be created.
	Number int `json:"number,omitempty"`
	// Client is the id of the client, Title the title of the issue and Due the due date;
	// the last is zero for what has none.
	Client string     `json:"client"`
	Title  string     `json:"title"`
	Due    civil.Date `json:"due"`

	// Issue is set for Create.
	Issue *NewIssue `json:"-"`
	// Edit is set for Update, and for Close where the body has to say more before.
	Edit *Edit `json:"-"`
	// Whole says that the issue stands for the whole run of a plan. Group is the one under
	// which the issue is to be shown, for Create and Update; nil where there is nothing to
	// do about it.
	Whole bool   `json:"-"`
	Group *Group `json:"-"`
	// In is the key of the issue that the step is spoken of on, where it has none of its own.
	In string `json:"-"`
	// CloseReason is set for Close.
	CloseReason issue.CloseReason `json:"-"`
	// Comment is added to the issue with the change: always for Close, for Update where the
	// owner changes, and all that Answer does. It is Markdown.
	Comment string `json:"-"`
	// Notice is set for Notify.
	Notice *Notice `json:"-"`
	// Record is what the ledger has to be told once the change is made: Opened, Adopted,
	// Updated, Closed or Notified, the last for Answer too; Opened too for an issue that is opened again. Time, run and
	// nonce are the writer's, and so are the number of a new issue and the parent.
	Record record.Event `json:"-"`
}

// Values are fields of an issue by name: strings or lists of strings.
type Values map[string]any

// Place is where something is written.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// NewIssue is an issue to be opened.
type NewIssue struct {
	Title, Body       string
	Labels, Assignees []string
	// Milestone is a title, "" for none.
	Milestone string
}

// Edit is what changes on an issue. The body is given by its region and marker, so that
// they can be merged with the body as it is at that moment: issue.Merge.
type Edit struct {
	// Title is nil where it stays.
	Title *string
	// Milestone is a title, "" where it stays.
	Milestone string
	// Body says that region and marker have to be merged in.
	Body   bool
	Region string
	Marker issue.Marker
	// Reopen says that the issue is closed and has to be opened.
	Reopen                        bool
	AddLabels, RemoveLabels       []string
	AddAssignees, RemoveAssignees []string
}

// Group is the issue under which another is to be shown.
type Group struct {
	// Key is that of the whole run.
	Key string
	// Number is 0 where the issue is opened by the same plan.
	Number int
}

// Notice is one message for one channel.
type Notice struct {
	// ID is the same for the same message in every run, Name is what the ledger calls it.
	ID, Name string
	// Channel is the id of a channel, empty for the log.
	Channel string
	// To are ids of persons, or role:<id> of a pool without people, sorted; or one contact of a
	// client, client:<client>/<contact>.
	To []string
	// Outside says that it goes to that contact and must hold nothing but what is meant for it.
	Outside bool
	// Title and Text are plain text. URL is the issue, empty while it is to be created.
	Title, Text, URL string
	// Kind is one of package due, or one of those below.
	Kind due.NoticeKind
	// Client and Owner are names for people; Owner is empty where nobody has it.
	Client, Owner string
	// Invite is what calendars are told, for the kinds that do so; nil for all others.
	Invite *meeting.Invitation
	// Together names what goes out as one message in a run. A notice without it is a
	// message of its own.
	Together string
}

// Assigned tells somebody that a step is theirs now. It goes out with the change of the
// issue, and belongs to no day of the step.
const Assigned due.NoticeKind = "assigned"

// Finished tells those who are to know it that a step is done, on the day on which it ended.
const Finished due.NoticeKind = "done"

// An invitation asks people to a meeting, an update tells them that it is otherwise by now,
// and a cancel takes it out of their calendars.
const (
	Invite       due.NoticeKind = "invite"
	InviteUpdate due.NoticeKind = "invite-update"
	InviteCancel due.NoticeKind = "invite-cancel"
)

// Held is an occurrence that is not opened, and why.
type Held struct {
	Key    string     `json:"key"`
	Client string     `json:"client"`
	Title  string     `json:"title"`
	Due    civil.Date `json:"due"`
	Reason string     `json:"reason"`
	// WaitsFor are keys; only for waiting occurrences.
	WaitsFor []string `json:"waits_for,omitempty"`
	Source   Place    `json:"source"`
}

// Stray is an issue that is left alone, and why.
type Stray struct {
	Key    string `json:"key"`
	Client string `json:"client"`
	Number int    `json:"number"`
	Title  string `json:"title"`
	Reason string `json:"reason"`
}

// Frost is a client for whom nothing is done, why, and how many open issues that leaves.
type Frost struct {
	Client string `json:"client"`
	Reason string `json:"reason"`
	Issues int    `json:"issues"`
}

// Refusal is a recipient who is not written to.
type Refusal struct {
	Key    string `json:"key"`
	Person string `json:"person"`
	Reason string `json:"reason"`
}

// Blocked says which gate keeps a plan from being carried out.
type Blocked struct {
	Rule string `json:"rule"`
	// Client is the client that the gate is about, empty for the whole run.
	Client string `json:"client,omitempty"`
	// Limit is the greatest number that passes, Got the one that is planned.
	Limit int `json:"limit"`
	Got   int `json:"got"`
	// Message says the same in words.
	Message string `json:"message"`
	// Approve is what Inputs.Approve must be for this very plan to pass.
	Approve string `json:"approve"`
	// Stale says that an approval was given and is for another plan.
	Stale bool `json:"stale,omitempty"`
}

// The rules of gates.
const (
	// RuleEmpty: the files want nothing at all, while issues are open.
	RuleEmpty = "desired-empty"
	// RuleUnseen: the forge shows none of the issues that the ledger holds open.
	RuleUnseen = "nothing-observed"
	// RuleGone: too large a part of the issues that the ledger holds open are not on the forge.
	RuleGone = "issues-gone"
	// RuleCloses: too large a part of the open issues would be closed.
	RuleCloses = "closes"
)
