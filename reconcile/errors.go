package reconcile

import "errors"

// Errors that a caller decides by.
var (
	// ErrNotFound says that the forge has no such issue, or no longer.
	ErrNotFound = errors.New("no such issue")
	// ErrNoComment says that the forge has no such comment, or no longer.
	ErrNoComment = errors.New("no such comment")
	// ErrChanged says that somebody changed the text of an issue since it was read.
	ErrChanged = errors.New("its text was changed in the meantime")
	// ErrUnknownOutcome says that a write was sent and no answer came: it may have happened.
	ErrUnknownOutcome = errors.New("sent, but no answer came")
	// ErrNotGrouped says that the forge will never show an issue as a part of another: it has
	// no such thing, or the other one has too many. There is no use in asking again.
	ErrNotGrouped = errors.New("not shown under the issue of its run")
	// ErrDeferred says that the forge takes no more for now; the rest waits for a later run.
	ErrDeferred = errors.New("the forge takes no more for now")
	// ErrNotAll says that a message went out, and not to everybody whom it is for.
	ErrNotAll = errors.New("not sent to everybody")
)
