package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// explanation is the JSON contract of `why`. Fields are added, never renamed.
type explanation struct {
	FormatVersion int            `json:"format_version"`
	AsOf          civil.Date     `json:"as_of"`
	Key           string         `json:"key"`
	Occurrence    *occurrenceRow `json:"occurrence"`
	Facts         []factRow      `json:"facts"`
	History       []eventRow     `json:"history"`
	// shared says that the key is that of an issue which clients share, and that there is one.
	shared bool
	// Issue is the number on the forge, 0 where there is none.
	Issue int `json:"issue"`
	// Shared is the key of the issue that several clients share; empty for a step with one of
	// its own. Issue is then the number of that one.
	Shared string `json:"shared"`
	// Run is how the run stands that the step belongs to; null where nothing is known of it.
	Run *runState `json:"run"`
	// Waiting is what the step waits for, and SignOffs are those that it has or asks for.
	Waiting  []waitRow    `json:"waiting"`
	SignOffs []signOffRow `json:"sign_offs"`
}

type factRow struct {
	Rule   string     `json:"rule"`
	Text   string     `json:"text"`
	Before civil.Date `json:"before"`
	After  civil.Date `json:"after"`
	File   string     `json:"file"`
	Line   int        `json:"line"`
}

type eventRow struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Run  string    `json:"run"`
}

func newWhy(c *Command, o *options) *cobra.Command {
	e := &engineOptions{options: o}
	var output string
	cmd := &cobra.Command{
		Use:   "why KEY",
		Short: "Say why a step falls on its day and belongs to its owner, or why it is not there",
		Long: `Why tells every rule that made the date and the owner of a step, each with file and line,
and then what happened to it so far. The key is CLIENT/TEMPLATE/CYCLE/STEP, with /TURN for
a repeated step; almanac list occurrences shows keys.

For a step that is not there, or not open, it tells the condition that keeps it away, what
is not decided yet and how to decide it, which steps, answers, fields and sign-offs it waits
for and from whom, which sign-offs are void and why, and how its run ended.`,
		Example: `  almanac why acme-dental/vcio/2026/annual-strategy
  almanac why kestrel-logistics/extra-care/1/removal`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkKey(args[0]); err != nil {
				return err
			}
			s, err := c.session(cmd.Context(), e)
			if err != nil {
				return err
			}
			view, world, err := s.view(cmd.Context())
			if err != nil {
				return err
			}
			x := s.explain(args[0], view, world.History.Events())
			if !s.explainShared(&x, view) {
				s.explainRun(&x, view)
				if err := s.meant(&x, view); err != nil {
					return err
				}
			}
			if output == "json" {
				return writeJSON(c.Stdout, x)
			}
			return x.write(c.Stdout)
		},
	}
	addOutput(cmd, &output, "text", "json")
	addEngineFlags(cmd, e)
	return cmd
}

// explain puts together what made an occurrence and what happened to it.
func (s *session) explain(key string, view *plan.View, events []record.Event) explanation {
	trace, found := s.engine.Explain(key)
	x := explanation{FormatVersion: 1, AsOf: s.w.today, Key: key, Facts: []factRow{}, History: []eventRow{}, Waiting: []waitRow{}, SignOffs: []signOffRow{}}
	keys := []string{key}
	if found {
		row := rowOf(&trace.Occurrence, view.State(&trace.Occurrence))
		x.Occurrence, x.Key = &row, row.Key
		keys = append(keys, trace.Occurrence.Previous...)
		keys = append(keys, row.Key)
		if is := view.Issue(row.Key); is != nil {
			x.Issue = is.Number
		}
	}
	for _, f := range trace.Facts {
		x.Facts = append(x.Facts, s.fact(f))
	}
	for _, e := range events {
		for _, k := range keys {
			if e.Key == k {
				x.History = append(x.History, eventRow{At: e.At, What: told(e), Run: e.Run})
				break
			}
		}
	}
	return x
}

// fact finds the line that a fact comes from.
func (s *session) fact(f due.Fact) factRow {
	r := factRow{Rule: string(f.Rule), Text: f.Text, Before: f.Before, After: f.After, File: f.Source.File}
	if f.Source.File != "" {
		r.Line, _, _ = s.w.loaded.Locate(f.Source, f.Path)
	}
	return r
}

// told says in words what an event tells.
func told(e record.Event) string {
	n := fmt.Sprintf("#%d", e.Number)
	if e.Number == 0 { // a step without an issue of its own
		switch e.Verb {
		case record.Updated:
			return "given to " + cmp.Or(e.Owner, "nobody") + ", due " + e.Due.String() + reasonGiven(e.Reason)
		case record.Done, record.Skipped:
			return string(e.Verb)
		}
	}
	if e.Reason != "" && (e.Verb == record.Done || e.Verb == record.Skipped) { // people said so in the run
		return "closed by almanac, " + n + ": " + e.Reason
	}
	switch e.Verb {
	case record.IntendCreate:
		return "claimed, to open an issue"
	case record.Opened:
		return fmt.Sprintf("opened as %s for %s, due %s", n, cmp.Or(e.Owner, "nobody"), e.Due)
	case record.Adopted:
		return "recognised as " + n
	case record.Updated:
		return fmt.Sprintf("changed: %s for %s, due %s", n, cmp.Or(e.Owner, "nobody"), e.Due)
	case record.IntendClose:
		return "claimed, to close " + n
	case record.Closed:
		return "closed by almanac: " + cmp.Or(e.Reason, "no longer wanted")
	case record.Done:
		return "done: somebody closed " + n
	case record.Skipped:
		return "skipped: somebody closed " + n + " as not planned"
	case record.Lost:
		return n + " is gone"
	case record.IntendNotify:
		return "claimed, to send " + e.Notice + guests(e)
	case record.Notified:
		return "sent " + e.Notice + guests(e)
	case record.Released:
		return "claim taken back: nothing was done"
	case record.Renamed:
		return "renamed from " + e.From
	case record.Commanded:
		return e.By + " wrote " + strings.TrimSpace("/"+e.Command+" "+e.Arg) + reasonGiven(e.Reason)
	case record.IntendAnswer:
		return "claimed, to answer a comment on " + n
	case record.Answered:
		return "answered" + cmp.Or(reasonGiven(e.Reason), ": accepted")
	case record.Started:
		return "started by " + n
	case record.Decided:
		return "seen in the client's file: decided " + e.Arg
	}
	return string(e.Verb)
}

// reasonGiven puts a reason after what it is the reason for.
func reasonGiven(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// guests says of an invitation whom it went to and when the meeting is; nothing of any other
// notice.
func guests(e record.Event) string {
	if e.UID == "" {
		return ""
	}
	when, _, _ := strings.Cut(e.When, "/")
	if at, err := time.Parse(meeting.InstantForm, when); err == nil {
		when = at.Format("2006-01-02 15:04 MST")
	} else if at, err := time.Parse(meeting.DayForm, when); err == nil {
		when = at.Format("2006-01-02")
	}
	return fmt.Sprintf(" to %s for %s", strings.ReplaceAll(e.To, ",", ", "), when)
}

// write tells the explanation for people.
func (x *explanation) write(w io.Writer) error {
	p := &printer{w: w}
	x.headline(p)
	p.line("")
	for _, f := range x.Facts {
		text := f.Text
		if f.After != 0 && f.After != f.Before {
			text = fmt.Sprintf("%s  %s", f.After, text)
		} else {
			text = "            " + text
		}
		if f.File != "" {
			text += fmt.Sprintf("  [%s:%d]", f.File, f.Line)
		}
		p.line("  %-11s %s", f.Rule, text)
	}
	x.writeRun(p)
	if len(x.History) > 0 {
		p.line("")
		p.line("So far:")
		for _, e := range x.History {
			p.line("  %s  %s (%s)", e.At.UTC().Format("2006-01-02 15:04"), e.What, e.Run)
		}
	}
	return p.err
}

// day writes a date with its day of the week.
func day(d civil.Date) string {
	if d == 0 {
		return ""
	}
	return issue.Day(d)
}

// printer writes lines that cannot be mistaken for commands, and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err != nil {
		return
	}
	_, p.err = fmt.Fprintln(p.w, diag.Visible(fmt.Sprintf(format, args...)))
}
