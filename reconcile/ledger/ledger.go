// Package ledger keeps the events of package record, in a branch of a Git repository or in
// a folder. Both hold the same files:
//
//	meta.json           {"schema": 1, "installation": "northwind", "heartbeat": "..."}
//	v1/<client>.jsonl   the events of one client, a line each, in the order of writing
//
// Lines are only ever added, and an Update is one step: all of it is there or nothing, and
// of two writers at the same moment the second decides again on what the first has written.
// A version written by a later almanac is never written to. A file that cannot be read
// freezes its client; the others go on.
package ledger

import (
	"context"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Schema is the version of the layout that this package writes. A ledger of a greater one
// cannot be read.
const Schema = 1

// Ledger is a ledger that can also be looked into.
type Ledger interface {
	reconcile.Ledger
	// Log returns what was written for a client, newest first; all clients for the empty
	// id, and at most max entries where max is above 0. An absent ledger has no entries.
	Log(ctx context.Context, client string, max int) ([]Commit, error)
	// Verify returns what is wrong with the ledger, in the order of files and, for a Git
	// ledger, oldest commit first. Nothing wrong, or no ledger at all, is an empty answer.
	Verify(ctx context.Context) ([]Problem, error)
}

// Commit is one step in which events were written.
type Commit struct {
	At time.Time
	// Author wrote it: a name for a Git ledger, the run for a folder.
	Author string
	// Message is one line.
	Message string
	// Events are those that the step added, for the client that was asked for. Lines that
	// cannot be read are left out.
	Events []record.Event
}

// Problem is one thing that a sound ledger does not have.
type Problem struct {
	// Commit is the hash of the commit that brought it, empty for the present content.
	Commit string
	// File is the path within the ledger, empty for the ledger as a whole.
	File string
	// Line is 1-based; 0 means the whole file.
	Line int
	// Text says what is wrong: lower case, one line.
	Text string
}
