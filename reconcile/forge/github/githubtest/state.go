package githubtest

import (
	"slices"
	"strings"
	"time"
)

// Issue is an issue or a pull request as the server keeps it.
type Issue struct {
	Number int
	Title  string
	// Body nil is shown as null.
	Body *string
	// State is open or closed; Reason is completed, not_planned, duplicate, reopened or "".
	State, Reason string
	// Labels are the names as they are written in the repository.
	Labels, Assignees []string
	// Author "" is an account that is gone.
	Author string
	// Parent is the issue of which it is a sub-issue, 0 for none.
	Parent int
	// Milestone is the number of the milestone that it belongs to, 0 for none.
	Milestone int
	// Comments are their texts, in order.
	Comments                 []Comment
	PullRequest, Locked      bool
	Created, Updated, Closed time.Time
}

// Comment is one comment of an issue.
type Comment struct {
	ID           int
	Author, Body string
	At           time.Time
	// Edited is when the text was last changed, zero for never.
	Edited time.Time
}

// Label is a label of the repository.
type Label struct {
	ID                       int
	Name, Color, Description string
}

// Access is what a token may do.
type Access int

const (
	// Write may do everything with issues.
	Write Access = iota
	// NoPush may open issues and comment, but labels and assignees are dropped without a
	// word, and nobody else's issues can be changed.
	NoPush
	// ReadOnly may read.
	ReadOnly
	// None does not see the repository.
	None
)

// Account is whom a token belongs to.
type Account struct {
	Login  string
	Access Access
	// Integration is a token that may not ask whose it is: that of a workflow or an app.
	Integration bool
}

// account is a token in use.
type account struct {
	Account
	expires     time.Time
	windowEnds  time.Time
	used        int
	madeContent []time.Time
}

// record is an issue with its past.
type record struct {
	Issue
	id int
	// past are its versions, oldest first; each holds from its Updated on.
	past []version
	// gone is set after a deletion, movedTo after a transfer.
	gone    bool
	movedTo string
}

type version struct {
	from  time.Time
	issue Issue
}

type repository struct {
	id           int
	owner, name  string
	earlierNames []string
	public       bool
	archived     bool
	issuesOff    bool
	noSubIssues  bool
	issues       []*record
	labels       []Label
	milestones   []Milestone
	assignable   []string
	// reactions are those beside comments, by the id of the comment.
	reactions map[int][]Reaction
	// access is what logins may do, by login in lower case.
	access map[string]access
	nextID int
	lag    time.Duration
}

func newRepository(fullName string) repository {
	owner, name, _ := strings.Cut(fullName, "/")
	return repository{id: 4711, owner: owner, name: name, nextID: 1000, reactions: map[int][]Reaction{}, access: map[string]access{}, assignable: []string{owner}}
}

func (r *repository) newID() int {
	r.nextID++
	return r.nextID
}

// issue returns the record with a number, or nil.
func (r *repository) issue(number int) *record {
	if number < 1 || number > len(r.issues) {
		return nil
	}
	return r.issues[number-1]
}

// add keeps a new issue and gives it its number.
func (r *repository) add(i Issue, now time.Time) *record {
	i.Number = len(r.issues) + 1
	i.Created = now
	rec := &record{Issue: i, id: r.newID()}
	r.complete(rec.Comments, nil, now)
	r.issues = append(r.issues, rec)
	rec.touch(now)
	return rec
}

// touch ends a change: the new version is kept for lists that lag.
func (r *record) touch(now time.Time) {
	r.Updated = now
	if r.State == "" {
		r.State = "open"
	}
	if r.State == "closed" && r.Closed.IsZero() {
		r.Closed = now
	}
	if r.State == "open" {
		r.Closed = time.Time{}
	}
	r.past = append(r.past, version{now, r.clone()})
}

// clone returns a copy that shares nothing.
func (i Issue) clone() Issue {
	i.Labels, i.Assignees, i.Comments = slices.Clone(i.Labels), slices.Clone(i.Assignees), slices.Clone(i.Comments)
	return i
}

// at returns the issue as it was at a time, and false before it was made.
func (r *record) at(t time.Time) (Issue, bool) {
	for i := len(r.past) - 1; i >= 0; i-- {
		if !r.past[i].from.After(t) {
			return r.past[i].issue, true
		}
	}
	return Issue{}, false
}

// label returns the name of a label as the repository writes it, and makes it where it is
// new.
func (r *repository) label(name string) string {
	if i := r.labelIndex(name); i >= 0 {
		return r.labels[i].Name
	}
	r.labels = append(r.labels, Label{ID: r.newID(), Name: name, Color: "ededed"})
	return name
}

func (r *repository) labelIndex(name string) int {
	return slices.IndexFunc(r.labels, func(l Label) bool { return strings.EqualFold(l.Name, name) })
}

func hasFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

func dropFold(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return strings.EqualFold(s, name) })
}
