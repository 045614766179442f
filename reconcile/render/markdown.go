package render

import (
	"fmt"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
)

// Sizes that GitHub takes, in bytes, with room for what else goes there.
const (
	// CommentSize is for a comment.
	CommentSize = 60_000
	// SummarySize is for the summary of a job, which holds 1 MiB.
	SummarySize = 1_000_000
)

// Markdown returns a plan as Markdown of at most size bytes, but never less than its sum
// and its gate. What does not fit is left out from the end: closes come first, then what
// is opened and changed, notices, and last what is left alone. Each part says how much of
// it is missing.
func Markdown(p *plan.Plan, size int) string {
	m := &markdown{size: size}
	m.b.WriteString("### Almanac: plan for " + p.AsOf.String() + commit(p.Commit) + "\n\n" + issue.Text(Sum(p)) + "\n")
	if b := p.Blocked; b != nil {
		m.b.WriteString("\n> [!CAUTION]\n> Blocked: " + issue.Text(sentence(b.Message)) + "\n")
		if b.Approve != "" {
			m.b.WriteString("> To carry out this very plan: " + issue.Code("almanac reconcile --approve "+b.Approve) + "\n")
		}
	}
	for _, a := range []plan.Action{plan.Close, plan.Create, plan.Update, plan.Adopt, plan.Notify, plan.Answer} {
		m.changes(p, a)
	}
	for _, l := range lists(p) {
		m.list(l)
	}
	return m.b.String()
}

func commit(hash string) string {
	if hash == "" {
		return ""
	}
	return " at " + issue.Code(hash[:min(len(hash), 12)])
}

// markdown collects parts as long as there is room.
type markdown struct {
	b    strings.Builder
	size int
}

// noteSize is kept free for saying that something is left out.
const noteSize = 60

// part adds a heading, the head of a table and its rows, as many as fit.
func (m *markdown) part(heading, head string, rows []string) {
	if len(rows) == 0 || m.b.Len()+len(heading)+len(head)+len(rows[0])+noteSize > m.size {
		if len(rows) > 0 && m.b.Len()+len(heading)+noteSize <= m.size {
			m.b.WriteString("\n" + heading + "\n\nNo room to show them.\n")
		}
		return
	}
	m.b.WriteString("\n" + heading + "\n\n" + head)
	for i, r := range rows {
		if m.b.Len()+len(r)+noteSize > m.size {
			fmt.Fprintf(&m.b, "\nand %d more\n", len(rows)-i)
			return
		}
		m.b.WriteString(r)
	}
}

var headings = map[plan.Action]string{
	plan.Close: "To close", plan.Create: "To create", plan.Update: "To update", plan.Adopt: "To adopt", plan.Notify: "To notify", plan.Answer: "To answer",
}

// changes adds the changes of one kind.
func (m *markdown) changes(p *plan.Plan, a plan.Action) {
	var rows []string
	for i := range p.Changes {
		if p.Changes[i].Action == a {
			rows = append(rows, changeRow(&p.Changes[i]))
		}
	}
	m.part(fmt.Sprintf("**%s %s (%d)**", symbol(a), headings[a], len(rows)), "| Issue | Client | Why |\n|---|---|---|\n", rows)
}

// symbol is one that Markdown leaves alone.
func symbol(a plan.Action) string {
	if a == plan.Update {
		return `\~`
	}
	return symbols[a]
}

func changeRow(c *plan.Change) string {
	title, why := issue.Cell(c.Title), issue.Cell(c.Reason)
	if c.Number > 0 {
		title = fmt.Sprintf("#%d %s", c.Number, title)
	}
	if c.Notice != nil {
		why += issue.Text(fmt.Sprintf(": to %s by %s", strings.Join(c.Notice.To, ", "), channel(c.Notice.Channel)))
	}
	return fmt.Sprintf("| %s | %s | %s |\n", title, issue.Cell(c.Client), why)
}

// LeftOver returns as Markdown of at most size bytes which changes of a plan did not end as
// planned, and why. outcomes are one for each change, in the same order; it is empty where
// all is done.
func LeftOver(p *plan.Plan, outcomes []Outcome, size int) string {
	var rows []string
	for i, o := range outcomes {
		c := &p.Changes[i]
		if o.Status == "done" && o.Error == "" {
			continue
		}
		title := issue.Cell(c.Title)
		if n := max(c.Number, o.Number); n > 0 {
			title = fmt.Sprintf("#%d %s", n, title)
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s |\n", title, c.Action, endings[o.Status], issue.Cell(o.Error)))
	}
	m := &markdown{size: size}
	m.part(fmt.Sprintf("**Not as planned (%d)**", len(rows)), "| Issue | What | How it ended | Why |\n|---|---|---|---|\n", rows)
	return m.b.String()
}

// endings say how a change ended, by the words of Outcome.Status.
var endings = map[string]string{
	"done": "done, but", "elsewhere": "left to another run", "deferred": "put off to the next run",
	"unknown": "sent, and no answer came; the next run finds out", "failed": "refused",
}

// list adds what is left alone for one reason.
func (m *markdown) list(l list) {
	rows := make([]string, len(l.rows))
	for i, r := range l.rows {
		rows[i] = "- " + issue.Text(r.what) + ": " + issue.Text(r.why) + "\n"
	}
	m.part(fmt.Sprintf("**%s (%d)**: %s", l.title, len(l.rows), l.about), "", rows)
}
