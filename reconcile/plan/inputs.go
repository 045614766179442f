package plan

import (
	"time"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/reconcile/ticket"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Inputs are everything that a plan depends on. Nothing in them is changed.
type Inputs struct {
	Catalog *schema.Catalog
	// AsOf is today in the organization's time zone.
	AsOf civil.Date
	// Zone is that time zone, to know on which day something was sent; nil means UTC.
	Zone *time.Location
	// Commit names the version of the files; it is only shown.
	Commit string
	// Engine works on Catalog with the same AsOf, for all clients or at least for those of
	// Client: what it does not know is taken for obsolete.
	Engine *due.Engine
	// Progress is what became of runs, on the same day and of the same ledger and issues; its
	// facts are those of Engine. Nil means that nothing is known.
	Progress *progress.Progress
	// Observed are the issues that the forge shows, in any order: all open ones with the
	// ownership label, and closed ones as far as they are known.
	Observed []issue.Issue
	// Gone are numbers that the ledger holds open and that the forge says it has not.
	Gone []int
	// Identity is the login under which we open issues; empty where anybody who can write
	// the forge is trusted.
	Identity string
	// Entries are what the ledger holds, and LedgerExists tells an empty one from none.
	Entries      record.Entries
	LedgerExists bool
	// Requests are the issues that ask for runs, judged on the same day. Entries and Observed
	// hold those that begin already: see the function Join of package ticket.
	Requests []ticket.Request
	// Frozen are the clients that are left alone, with the reason: see the function Frozen.
	Frozen map[string]string
	// Unread are files that may hold any client: see the function Unread. A client that no
	// file describes is left alone while there are any.
	Unread []string
	// Client says which clients the run is about, by current id; nil means all. Issues,
	// gates and their denominators are those of these clients only.
	Client func(id string) bool
	// Groups says that the forge can show one issue as a part of another.
	Groups bool
	// Approve is the approval that a blocked plan gave, or empty.
	Approve string
	// BaseURL leads to the files, such as https://github.com/o/r/blob/main; without it the
	// link is the path within the repository.
	BaseURL string
}
