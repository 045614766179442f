package post

// Error says why a message did not go out. It names the channel and the host, and nothing
// else of what is configured: no address, no path, no answer of a server.
type Error struct {
	Channel, Host string
	// What says what happened, and what to do.
	What string
	// Down says that the next message by the same channel would fare no better.
	Down bool
	// Is is reconcile.ErrUnknownOutcome, reconcile.ErrDeferred or reconcile.ErrNotAll, or
	// nil: it did not go out.
	Is error
}

// Error returns one line.
func (e *Error) Error() string {
	where := "channel " + e.Channel
	if e.Host != "" {
		where += " (" + e.Host + ")"
	}
	return where + ": " + e.What
}

// Unwrap returns what a caller decides by.
func (e *Error) Unwrap() error { return e.Is }
