// Package ticket judges issues by which people ask for a run of a playbook, through an issue
// form or by hand. It is pure.
//
// Nothing in such an issue is trusted. The label only finds it: a form sets it for anybody.
// It starts a run if its author is a person of the files and may do on the repository what
// commands need, the field that names the client names one, and every answer can be used.
// The issue then stands for the whole run, whose key has the number of the issue, so that
// one issue never starts two. Otherwise the author is told once what to mend, and nothing
// else happens.
//
// Fields are read from what people wrote, never from our own part of the body, as long as
// the run goes on: who edits them voids what was signed off before.
package ticket

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/intake"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// Inputs are everything that requests are judged by. Nothing in them is changed.
type Inputs struct {
	Catalog *schema.Catalog
	// AsOf is today in Zone, the time zone of the organization; nil means UTC.
	AsOf civil.Date
	Zone *time.Location
	// Found are open issues that carry a label of Labels and are not known to be ours, in any
	// order.
	Found []issue.Issue
	// Entries are what the ledger holds.
	Entries record.Entries
	// Identity is the login under which we open issues: those ask for nothing. Where it is
	// empty, whoever can write the forge is believed whatever name stands beside an issue.
	Identity string
	// Permissions are what authors may do on the repository, by login, and Unknown says why
	// that could not be found out.
	Permissions map[string]string
	Unknown     map[string]error
	// Invalid are the playbooks whose file has errors, by id, with the reason: nothing begins
	// by them, and nobody who asks is told to mend anything.
	Invalid map[string]string
	// Client says which clients the run is about, and for schema.AllClients whether it is about
	// requests that name none; nil means all.
	Client func(id string) bool
}

// Request is an issue by which a person asks for a run, and what becomes of it.
type Request struct {
	Issue    issue.Issue
	Playbook *schema.Playbook
	// Client is the id of the client, schema.AllClients where none is named.
	Client string
	// Start is what the ledger is told of a run that begins; the zero Event for all others.
	Start record.Event
	// Mend says what has to be mended, in words, and Waits why nothing can be said yet. Where
	// the run begins both are empty.
	Mend  []string
	Waits string
}

// Starts reports whether a run begins.
func (r *Request) Starts() bool { return r.Start.Verb != "" }

// Labels returns the labels by which people ask for runs, sorted.
func Labels(cat *schema.Catalog) []string {
	var l []string
	for _, p := range cat.Playbooks {
		if p.OpensFrom != nil && cat.Template(p.ID) == schema.Template(p) {
			l = append(l, p.OpensFrom.Label)
		}
	}
	slices.Sort(l)
	return slices.Compact(l)
}

// Form reads the fields of a run from what people wrote in its issue. Answers that cannot be
// used are left out.
func Form(body string, fields []schema.Field) map[string]schema.Value {
	values, _ := intake.Parse(issue.Written(body), fields)
	return values
}

// Judge says what becomes of the issues that ask for runs, by number. Those that have
// started one are not among them.
func Judge(in Inputs) []Request {
	if len(in.Found) == 0 || in.Catalog.Organization == nil {
		return nil
	}
	known := map[int]bool{}
	for _, e := range in.Entries {
		known[e.Number] = true
	}
	var l []Request
	for i := range in.Found {
		is := &in.Found[i]
		if known[is.Number] || in.Identity != "" && strings.EqualFold(is.Author, in.Identity) {
			continue
		}
		known[is.Number] = true // it may be found by several labels
		if r, ok := in.judge(is); ok && (in.Client == nil || in.Client(r.Client)) {
			l = append(l, r)
		}
	}
	slices.SortFunc(l, func(a, b Request) int { return cmp.Compare(a.Issue.Number, b.Issue.Number) })
	return l
}

// judge says what becomes of one issue, and false where it is not this run's business.
func (in *Inputs) judge(is *issue.Issue) (Request, bool) {
	r := Request{Issue: *is, Client: schema.AllClients}
	books := in.books(is)
	if len(books) == 0 {
		return r, false
	}
	r.Playbook = books[0]
	who, why := in.author(is.Author)
	switch {
	case in.Unknown[is.Author] != nil:
		r.Waits = "it could not be found out what " + is.Author + " may do: " + in.Unknown[is.Author].Error()
		return r, true
	case why != "":
		r.Mend = []string{why}
		return r, true
	case len(books) > 1:
		r.Mend = []string{"it has the labels of several playbooks: leave one of " + labels(books)}
		return r, true
	case in.Invalid[r.Playbook.ID] != "":
		r.Waits = "the file of the playbook has errors: " + in.Invalid[r.Playbook.ID]
		return r, true
	}
	client, faults, waits := in.answers(is, r.Playbook)
	if client != nil {
		r.Client = client.ID
	}
	if waits != "" {
		r.Waits = waits
		return r, true
	}
	if r.Mend = faults; len(faults) == 0 {
		r.Start = record.Event{V: record.Version, Verb: record.Started, Number: is.Number, By: who.ID, Due: in.day(is.Created),
			Key: client.ID + "/" + r.Playbook.ID + "/t" + strconv.Itoa(is.Number) + "/" + schema.WholeRun}
	}
	return r, true
}

// books returns the playbooks whose label an issue has, by id.
func (in *Inputs) books(is *issue.Issue) (l []*schema.Playbook) {
	for _, p := range in.Catalog.Playbooks {
		has := func(label string) bool { return strings.EqualFold(label, p.OpensFrom.Label) }
		if p.OpensFrom != nil && in.Catalog.Template(p.ID) == schema.Template(p) && slices.ContainsFunc(is.Labels, has) {
			l = append(l, p)
		}
	}
	slices.SortFunc(l, func(a, b *schema.Playbook) int { return strings.Compare(a.ID, b.ID) })
	return l
}

func labels(l []*schema.Playbook) string {
	names := make([]string, len(l))
	for i, p := range l {
		names[i] = p.OpensFrom.Label
	}
	return strings.Join(names, ", ")
}

// author returns the person who has a login, or why they cannot ask for a run.
func (in *Inputs) author(login string) (*schema.Person, string) {
	p := in.Catalog.Login(login, in.Identity == "")
	if p == nil {
		return nil, "no person in the files has the login " + login + ": write it as github into the person's file"
	}
	have, want := in.Permissions[login], in.Catalog.Organization.CommandPermission()
	if !issue.Permits(have, want) {
		return nil, login + " has the permission " + cmp.Or(have, "none") + " on the repository, and who asks for a run needs " + want
	}
	return p, ""
}

func (in *Inputs) day(t time.Time) civil.Date {
	switch {
	case t.IsZero():
		return in.AsOf
	case in.Zone == nil:
		return civil.Of(t.UTC())
	}
	return civil.Of(t.In(in.Zone))
}

// Name is what the ledger calls the answer to a request that cannot start a run. It is the
// same as long as there is the same to mend.
func (r *Request) Name() string {
	sum := sha256.Sum256([]byte(strings.Join(r.Mend, "\n")))
	return "request/" + strconv.Itoa(r.Issue.Number) + "/" + hex.EncodeToString(sum[:4])
}

// Key is where the ledger keeps the answers to a request.
func (r *Request) Key() string {
	return schema.AllClients + "/" + r.Playbook.ID + "/t" + strconv.Itoa(r.Issue.Number) + "/" + schema.WholeRun
}

// Answer returns the comment that says what has to be mended, as Markdown. Its last line is
// the Mark of its name.
func (r *Request) Answer() string {
	var b strings.Builder
	b.WriteString("This issue asks for **" + issue.Text(r.Playbook.Title) + "** and starts nothing yet:\n\n")
	for _, s := range r.Mend {
		b.WriteString("- " + issue.Text(s) + "\n")
	}
	b.WriteString("\nThe issue is read again in every run: once that is mended, it stands for the run.\n\n")
	return b.String() + Mark(r.Name())
}

// Mark returns a line that nobody sees, by which a comment with an answer is found again.
func Mark(name string) string { return "<!-- almanac:" + name + " -->" }

// Join adds the runs that begin to what the ledger holds, and their issues to those that are
// observed, as they will be once the ledger is written.
func Join(entries record.Entries, observed []issue.Issue, requests []Request) (record.Entries, []issue.Issue) {
	if !slices.ContainsFunc(requests, func(r Request) bool { return r.Starts() }) {
		return entries, observed
	}
	all := make(record.Entries, len(entries)+len(requests))
	for key, e := range entries {
		all[key] = e
	}
	observed = slices.Clone(observed)
	for i := range requests {
		if r := &requests[i]; r.Starts() && all[r.Start.Key] == nil {
			all[r.Start.Key] = record.Fold([]record.Event{r.Start})[r.Start.Key]
			observed = append(observed, r.Issue)
		}
	}
	return all, observed
}
