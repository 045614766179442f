package record

import (
	"time"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// State is how far an occurrence has come. States are ordered: folding keeps the greater.
type State uint8

// The states, in order.
const (
	// None: nothing is known of it.
	None State = iota
	// Intent: somebody claimed to open it; whether the issue exists is not known yet.
	Intent
	// IsOpen: it has an issue.
	IsOpen
	// Ended: its issue is closed, or it will never have one again.
	Ended
)

// Entry is what all events of one occurrence add up to.
type Entry struct {
	Key   string
	State State
	// Outcome is the verb that ended it: Done, Skipped, Closed or Lost.
	Outcome Verb
	// EndedAt is when that was written down, zero while it has not ended.
	EndedAt time.Time
	// Number is the issue, 0 while there is none.
	Number int
	// Parent is the tracking issue under which it was grouped, 0 while it was not.
	Parent int
	// Claim is the newest intent to create. Close is the newest intent to close that is not
	// older than the newest opening.
	Claim, Close Claim
	// Owner and Due are what the issue was last given by us.
	Owner string
	Due   civil.Date
	// Sealed is the newest Done that names what was signed off, and Started what started the
	// run that the entry stands for; nil where there is none.
	Sealed, Started *Event
	// Decided is the newest answer that was seen in the client's file, nil where none was.
	Decided *Event
	// Commands are the commands that were accepted, one for each comment, in the order of
	// CompareCommands. Their keys are those under which they were written down.
	Commands []Event
	// Answered holds the answers by the id of the comment, and Answering the newest claim to
	// reply.
	Answered, Answering map[string]Event
	// Notices maps the name of a notice to Notified, or to IntendNotify while it is not
	// known whether it went out.
	Notices map[string]Event
}

// skew is how far the clocks of the forge and of the ledger may be apart.
const skew = 5 * time.Minute

// EndedBefore reports whether what the forge says happened at an instant came after the end
// of an occurrence, whichever of their clocks is fast.
func (e *Entry) EndedBefore(t time.Time) bool { return t.After(e.EndedAt.Add(skew)) }

// Entries are the entries by key.
type Entries map[string]*Entry

// Claim is what is kept of an intent to create or to close: an event is five times as large,
// and there is an entry for every step of all years. The zero Claim stands for none.
type Claim struct {
	Verb               Verb
	At                 time.Time
	Run, Nonce, Reason string
}

// Claim returns what is kept of an intent.
func (e *Event) Claim() Claim { return Claim{e.Verb, e.At, e.Run, e.Nonce, e.Reason} }
