package reconcile

import "errors"

// Errors that a caller decides by.
var (
	// ErrNotFound says that the forge has no such issue, or no longer.
	ErrNotFound = errors.New("no such issue")
	// ErrUnknownOutcome says that a write was sent and no answer came: it may have happened.
	ErrUnknownOutcome = errors.New("sent, but no answer came")
	// ErrDeferred says that the forge takes no more for now; the rest waits for a later run.
	ErrDeferred = errors.New("the forge takes no more for now")
	// ErrNotAll says that a message went out, and not to everybody whom it is for.
	ErrNotAll = errors.New("not sent to everybody")
)
