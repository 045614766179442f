// Package reconcile makes the forge agree with the files, again and again.
//
//	observe  →  plan  →  claim (ledger)  →  act (forge, notifier)  →  record (ledger)
//
// What ought to be is worked out from the files at a commit, the ledger, the issues on the
// forge and a day; nothing depends on when a run happened before. Every effect is claimed
// in the ledger before it happens, by a compare-and-swap, so that a crash, a lost answer or
// a second run at the same moment makes no second issue. Running twice changes nothing.
package reconcile

import (
	"context"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Forge is where issues live. An adapter returns whole answers or an error: a page that
// could not be read is an error, never an empty list. Errors carry no secret.
type Forge interface {
	Reader
	// Create opens an issue and returns it as the forge has it. An error that wraps
	// ErrUnknownOutcome means that it may exist all the same; it is never tried again blindly.
	// An issue that comes with an error exists, and is not all that was asked for.
	Create(ctx context.Context, n NewIssue) (issue.Issue, error)
	// Edit changes the fields that are set and returns the issue as the forge has it.
	// Labels and assignees are added and removed; those that people put there stay. An error
	// that wraps ErrChanged means that nothing was done to the text, see Edit.Was.
	Edit(ctx context.Context, number int, e Edit) (issue.Issue, error)
	// Comment adds a comment to an issue.
	Comment(ctx context.Context, number int, text string) error
	// React shows beside a comment what became of it. It is idempotent. An error that wraps
	// ErrNoComment means that the comment is gone, and nobody is left to be told.
	React(ctx context.Context, id string, r Reaction) error
}

// Reaction is what is shown beside a comment.
type Reaction string

// The reactions.
const (
	Accepted Reaction = "accepted"
	Refused  Reaction = "refused"
)

// Grouper is what a Forge has besides where it can show issues as parts of another one.
type Grouper interface {
	// Group shows child as a part of parent. It is idempotent, and leaves a child that is a
	// part of something else where it is. An error that wraps ErrNotGrouped is for good.
	Group(ctx context.Context, parent, child int) error
}

// Reader is the part of a Forge that changes nothing; a plan gets no more.
type Reader interface {
	// Name says in a few words where the issues are, for people.
	Name() string
	// List returns every issue that carries the ownership label, by number: all open ones,
	// and the closed ones that changed at or after since (the zero time: all).
	List(ctx context.Context, since time.Time) ([]issue.Issue, error)
	// Get returns one issue, or an error that wraps ErrNotFound.
	Get(ctx context.Context, number int) (issue.Issue, error)
	// Clock returns the forge's own time, or the zero time where it has none.
	Clock(ctx context.Context) (time.Time, error)
	// Identity returns the login under which Create opens issues, or "" where anybody who
	// can write the forge is trusted.
	Identity(ctx context.Context) (string, error)
	// Comments returns the comments on all issues, ours and others, that were made or edited
	// at or after since (the zero time: all), by when they were made and then by id. It may
	// hold earlier ones where the forge cannot tell, and one that came while it was read may
	// be missing until the next time.
	Comments(ctx context.Context, since time.Time) ([]issue.Comment, error)
	// GetComment returns one comment as it is now, or an error that wraps ErrNoComment.
	GetComment(ctx context.Context, id string) (issue.Comment, error)
	// Permission returns what a login may do where the issues are: admin, maintain, write,
	// triage, read or none. Whoever is not known has none; what cannot be found out is an
	// error, never a permission.
	Permission(ctx context.Context, login string) (string, error)
	// Requests returns the open issues, by number, that carry a label and not the ownership
	// label. People put the label there, and on a forge where anybody may open issues a form
	// does it for them: it finds, and proves nothing.
	Requests(ctx context.Context, label string) ([]issue.Issue, error)
}

// NewIssue is an issue to be opened.
type NewIssue struct {
	Title, Body       string
	Labels, Assignees []string
	// Milestone is the title of the milestone that it belongs to, which is made where it is
	// missing; "" for none.
	Milestone string
}

// Edit is a change to an issue. A nil field stays as it is.
type Edit struct {
	Title, Body *string
	// Was, where set, is the text that Body was made from. Where the issue has another one by
	// now, because somebody ticked a box, Body is not written.
	Was *string
	// Milestone is the title of the milestone that the issue is moved into, which is made
	// where it is missing; with "" the issue stays where it is.
	Milestone string
	State     *issue.State
	// Reason goes with State closed.
	Reason                        issue.CloseReason
	AddLabels, RemoveLabels       []string
	AddAssignees, RemoveAssignees []string
}

// LedgerReader is the part of a Ledger that changes nothing.
type LedgerReader interface {
	// Name says in a few words where the ledger is, for people.
	Name() string
	// Load reads everything. An absent ledger is an empty History with Exists false. An error
	// says that it is about reading the ledger, and where that is.
	Load(ctx context.Context) (*History, error)
}

// Ledger is the append-only record of what was claimed, done and sent.
type Ledger interface {
	LedgerReader
	// Update adds the events that decide returns, as one atomic step on top of the history
	// that it was given: when somebody else wrote in between, decide is called again with
	// the newer history. No events and no later heartbeat, no write. The History that now
	// holds is returned; it must not be changed. An error leaves the ledger as it was,
	// unless it wraps ErrUnknownOutcome.
	Update(ctx context.Context, decide func(*History) (Batch, error)) (*History, error)
}

// Batch is what one Update writes.
type Batch struct {
	Events []record.Event
	// Message is the line that the history of the ledger shows.
	Message string
	// Heartbeat, where set, becomes the time of the last success.
	Heartbeat time.Time
	// Installation is the organization id. The first one that is set becomes that of the
	// ledger, and Update refuses any other; empty asks for nothing.
	Installation string
}

// History is the content of a ledger at one moment.
type History struct {
	// Exists tells an empty ledger from none at all.
	Exists bool
	// Head names the version that was read: a commit, or a content hash.
	Head string
	// Installation is the organization id that the ledger belongs to.
	Installation string
	// Heartbeat is the time of the last success.
	Heartbeat time.Time
	// Entries are the folded events by key.
	Entries record.Entries
	// All reads the events again, for Events; nil stands for none. They are not kept, because
	// those of a year take more memory than everything else in a run, and few ask for them.
	All func() []record.Event
	// Damaged are the client files that cannot be read, with the reason; those clients
	// are frozen.
	Damaged map[string]error
}

// Events returns all events, by client file and then in the order they were written. They
// are read anew each time, and the caller's own.
func (h *History) Events() []record.Event {
	if h.All == nil {
		return nil
	}
	return h.All()
}

// Notifier delivers messages. No error means that the channel has taken it. An error that
// wraps ErrUnknownOutcome means that it may have, one that wraps ErrDeferred that it takes
// no more for now, and one that wraps ErrNotAll that it has, but not for everybody.
type Notifier interface {
	Send(ctx context.Context, m Message) error
}
