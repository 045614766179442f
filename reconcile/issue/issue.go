// Package issue is what an occurrence looks like on a forge: its key, the marker that makes
// an issue ours, the region of the body that we write, and the text in it, with every value
// made harmless for the place it stands in. It is pure and knows no forge.
package issue

import "time"

// State of an issue on a forge.
type State string

// The states.
const (
	Open   State = "open"
	Closed State = "closed"
)

// CloseReason says why an issue is closed, in GitHub's words.
type CloseReason string

// The reasons. An issue that is closed without a reason counts as completed.
const (
	Completed  CloseReason = "completed"
	NotPlanned CloseReason = "not_planned"
	Duplicate  CloseReason = "duplicate"
)

// Issue is an issue as a forge shows it.
type Issue struct {
	// Number is the forge's own, from 1.
	Number int
	Title  string
	// Body is Markdown with line feeds only.
	Body   string
	State  State
	Reason CloseReason
	// Labels are sorted; they are compared without regard to case.
	Labels []string
	// Assignees are logins of the forge, sorted.
	Assignees []string
	// Milestone is the title of the milestone that it belongs to, "" for none.
	Milestone string
	// Author is the login that opened the issue.
	Author string
	// URL is where a person looks at it: an address, or the path of a file.
	URL string
	// Created, Updated and Closed are instants in UTC; Closed is zero while it is open.
	Created, Updated, Closed time.Time
}

// OwnershipLabel marks every issue of ours.
const OwnershipLabel = "almanac"
