package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

func newLedger(c *Command, o *options) *cobra.Command {
	return group("ledger", "Look into the record of what was claimed, done and sent",
		c.ledgerLog(o), c.ledgerShow(o), c.ledgerVerify(o), c.ledgerRebuild(o))
}

// ledgerCommand makes a command that works on the ledger.
func (c *Command) ledgerCommand(o *options, use, short, example string, run func(context.Context, *session, []string) error) *cobra.Command {
	e := &engineOptions{options: o}
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.session(cmd.Context(), e)
			if err != nil {
				return err
			}
			return run(cmd.Context(), s, args)
		},
	}
	if cmd.Name() == "verify" { // the whole, or nothing
		addPlaceFlags(cmd, e)
	} else {
		addEngineFlags(cmd, e)
	}
	return cmd
}

func (c *Command) ledgerLog(o *options) *cobra.Command {
	most := 0
	cmd := c.ledgerCommand(o, "log [CLIENT]", "Tell what was written, newest first", "  almanac ledger log acme-dental --most 20",
		func(ctx context.Context, s *session, args []string) error {
			log, err := s.log(ctx, firstOf(args), most)
			if err != nil {
				return err
			}
			p := &printer{w: c.Stdout}
			for _, l := range log {
				p.line("%s  %s  %s", l.At.UTC().Format(time.RFC3339), l.Author, l.Message)
				for _, e := range l.Events {
					p.line("    %s  %s", e.Key, told(e))
				}
			}
			if len(log) == 0 {
				c.talk("the ledger (%s) has nothing for this", s.ledger.Name())
			}
			return p.err
		})
	cmd.Args = cobra.MaximumNArgs(1)
	cmd.Flags().IntVar(&most, "most", 0, "at most so many entries; 0 for all")
	return cmd
}

// means reports whether the flags mean the client of a key.
func (s *session) means(key string) bool { return s.client == nil || s.client(record.Client(key)) }

// log returns what was written for a client, or for those that the flags mean. What is about
// no client, such as a heartbeat, is there where all clients are meant.
func (s *session) log(ctx context.Context, client string, most int) ([]ledger.Commit, error) {
	if s.client == nil {
		return s.ledger.Log(ctx, client, most)
	}
	all, err := s.ledger.Log(ctx, client, 0)
	var l []ledger.Commit
	for _, c := range all {
		c.Events = slices.DeleteFunc(c.Events, func(e record.Event) bool { return !s.means(e.Key) })
		if len(c.Events) > 0 && (most <= 0 || len(l) < most) {
			l = append(l, c)
		}
	}
	return l, err
}

// ledgerState is what `ledger show` says of one key. Fields are added, never renamed.
type ledgerState struct {
	Key    string `json:"key" yaml:"key"`
	State  string `json:"state" yaml:"state"`
	Number int    `json:"number" yaml:"number"`
	Owner  string `json:"owner" yaml:"owner"`
	Due    string `json:"due" yaml:"due"`
	Claim  string `json:"claim" yaml:"claim"`
	// Unsent are messages that were claimed and of which nobody knows whether they went out.
	Unsent []string `json:"unsent" yaml:"unsent"`
}

func (c *Command) ledgerShow(o *options) *cobra.Command {
	output := ""
	cmd := c.ledgerCommand(o, "show [CLIENT]", "Show how every occurrence stands in the ledger", "  almanac ledger show acme-dental -o json",
		func(ctx context.Context, s *session, args []string) error {
			h, err := s.ledger.Load(ctx)
			if err != nil {
				return err
			}
			t := table{Columns: []string{"KEY", "STATE", "ISSUE", "OWNER", "DUE"}}
			data := []ledgerState{}
			for _, key := range sortedKeys(h.Entries) {
				if want := firstOf(args); want != "" && record.Client(key) != want || !s.means(key) {
					continue
				}
				r := stateOf(h.Entries[key])
				data = append(data, r)
				t.Rows = append(t.Rows, []string{r.Key, r.State, fmt.Sprint(r.Number), r.Owner, r.Due})
			}
			t.Data = data
			return writeTable(c.Stdout, output, t)
		})
	cmd.Args = cobra.MaximumNArgs(1)
	addOutput(cmd, &output, "table", "json", "yaml")
	return cmd
}

func stateOf(e *record.Entry) ledgerState {
	r := ledgerState{Key: e.Key, State: "none", Number: e.Number, Owner: e.Owner, Due: e.Due.String(), Unsent: []string{}}
	switch e.State {
	case record.Intent:
		r.State, r.Claim = "claimed", e.Claim.Run
	case record.IsOpen:
		r.State = "open"
	case record.Ended:
		r.State = string(e.Outcome)
	}
	for _, name := range sortedKeys(e.Notices) {
		if e.Notices[name].Verb == record.IntendNotify {
			r.Unsent = append(r.Unsent, name)
		}
	}
	return r
}

func (c *Command) ledgerVerify(o *options) *cobra.Command {
	cmd := c.ledgerCommand(o, "verify", "Check that the ledger is whole and was only ever added to", "  almanac ledger verify --ledger git:origin",
		func(ctx context.Context, s *session, _ []string) error {
			found, err := s.ledger.Verify(ctx)
			if err != nil {
				return err
			}
			if err := s.ledgerThere(ctx, found); err != nil {
				return err
			}
			p := &printer{w: c.Stdout}
			for _, f := range found {
				where := f.File
				if f.Line > 0 {
					where = fmt.Sprintf("%s:%d", f.File, f.Line)
				}
				p.line("%.12s %s: %s", f.Commit, where, f.Text)
			}
			if p.err == nil && len(found) > 0 {
				return &exitError{code: ExitInvalid, err: errors.New(plural(len(found), "problem") + " in the ledger"), hints: []string{
					"a client whose part cannot be read is left alone; take the ledger back to a sound version",
					"where there is none, delete it and have it made anew: almanac ledger rebuild"}}
			}
			p.line("the ledger (%s) is sound", s.ledger.Name())
			return p.err
		})
	cmd.Args = cobra.NoArgs
	return cmd
}

// ledgerThere is an error where verify found nothing because there is no ledger.
func (s *session) ledgerThere(ctx context.Context, found []ledger.Problem) error {
	if len(found) > 0 {
		return nil
	}
	h, err := s.ledger.Load(ctx)
	if err == nil && !h.Exists {
		err = hinted(fmt.Errorf("there is no ledger (%s)", s.ledger.Name()),
			"the first run makes it; one that was lost is made anew by almanac ledger rebuild",
			"one that is elsewhere is named with --ledger")
	}
	return err
}

func (c *Command) ledgerRebuild(o *options) *cobra.Command {
	dryRun := false
	cmd := c.ledgerCommand(o, "rebuild", "Write the issues that carry our marker into a ledger that lost them",
		"  almanac ledger rebuild --dry-run",
		func(ctx context.Context, s *session, _ []string) error {
			issues, err := s.forge.List(ctx, time.Time{})
			if err != nil {
				return fmt.Errorf("list issues (%s): %w", s.forge.Name(), err)
			}
			return c.rebuild(ctx, s, issues, dryRun)
		})
	cmd.Args = cobra.NoArgs
	cmd.Long = `Rebuild lists every issue of this installation by its marker and writes into the ledger
what it does not have: under which number it is open, done or skipped. It changes no issue.
What was sent cannot be told from issues: a reminder may go out once more.`
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print what would be written and write nothing")
	return cmd
}

// rebuild writes an event for every issue of ours that the ledger does not know. Of two
// issues with one key the lowest number counts.
func (c *Command) rebuild(ctx context.Context, s *session, issues []issue.Issue, dryRun bool) error {
	id := s.w.catalog.Organization.ID
	p := &printer{w: c.Stdout}
	decide := func(h *reconcile.History) (reconcile.Batch, error) {
		b := reconcile.Batch{Installation: id}
		known := map[string]bool{}
		for _, i := range issues {
			m, ok := issue.ParseMarker(i.Body)
			if !ok || m.Installation != id || known[m.Key.String()] || !s.means(m.Key.String()) {
				continue
			}
			key := m.Key.String()
			known[key] = true
			if e := h.Entries[key]; e != nil && e.State > record.Intent {
				continue
			}
			b.Events = append(b.Events, rebuilt(key, i, c.Now(), c.runName())...)
		}
		b.Message = "rebuild from " + plural(len(b.Events), "marker")
		return b, nil
	}
	h, err := s.ledger.Load(ctx)
	if err != nil {
		return err
	}
	b, err := decide(h)
	if err != nil {
		return err
	}
	for _, e := range b.Events {
		p.line("%s  %s", e.Key, told(e))
	}
	if len(b.Events) == 0 {
		p.line("the ledger (%s) knows every issue of %s already", s.ledger.Name(), id)
	}
	if dryRun || len(b.Events) == 0 || p.err != nil {
		return p.err
	}
	_, err = s.ledger.Update(ctx, decide)
	return err
}

// rebuilt are the events that an issue stands for.
func rebuilt(key string, i issue.Issue, now time.Time, run string) []record.Event {
	e := record.Event{V: record.Version, At: now.UTC().Truncate(time.Millisecond), Key: key, Verb: record.Adopted, Number: i.Number, Run: run}
	if i.State == issue.Open {
		return []record.Event{e}
	}
	ended := e
	ended.Verb = record.Done
	if i.Reason != issue.Completed && i.Reason != "" {
		ended.Verb = record.Skipped
	}
	return []record.Event{e, ended}
}
