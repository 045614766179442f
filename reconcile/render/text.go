// Package render shows a plan: as text for a terminal and a log, as Markdown for a pull
// request and a job summary, and as JSON for programs. It is pure, and every value from a
// file or a forge is made harmless for the place it is shown in.
package render

import (
	"fmt"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/plan"
)

// Style says how text is shown.
type Style struct {
	// Color marks the actions with ANSI colours.
	Color bool
	// All shows every line of long lists; otherwise only the first of each.
	All bool
}

// few is how many lines of a list are shown unless all are asked for.
const few = 20

// symbols stand before each action.
var symbols = map[plan.Action]string{plan.Adopt: "=", plan.Update: "~", plan.Create: "+", plan.Close: "-", plan.Notify: "!", plan.Answer: "?"}

var colors = map[plan.Action]string{plan.Adopt: "36", plan.Update: "33", plan.Create: "32", plan.Close: "31", plan.Notify: "35", plan.Answer: "35"}

// Text returns a plan as lines of text: the changes by client, what is left alone and why,
// the sum, and what to do next. No line of it is taken for a command by a workflow runner.
func Text(p *plan.Plan, s Style) string {
	t := &text{style: s}
	t.line("Plan for %s%s", p.AsOf, at(p.Commit))
	client := ""
	for i := range p.Changes {
		c := &p.Changes[i]
		if i == 0 || c.Client != client {
			client = c.Client
			t.line("")
			t.line("%s", client)
		}
		t.change(c)
	}
	for _, l := range lists(p) {
		t.list(l)
	}
	t.line("")
	t.line("%s", Sum(p))
	for _, l := range next(p) {
		t.line("%s", l)
	}
	return t.b.String()
}

func at(commit string) string {
	if commit == "" {
		return ""
	}
	return " at " + commit[:min(len(commit), 12)]
}

// text collects lines.
type text struct {
	b     strings.Builder
	style Style
}

// line adds one line, made harmless.
func (t *text) line(format string, a ...any) {
	t.b.WriteString(issue.LogLine(fmt.Sprintf(format, a...)) + "\n")
}

// change adds the lines of one change.
func (t *text) change(c *plan.Change) {
	head := fmt.Sprintf("%s %-6s", symbols[c.Action], c.Action)
	rest := " " + c.Key
	if c.Number > 0 {
		rest += fmt.Sprintf("  #%d", c.Number)
	}
	if t.style.Color {
		// The escapes are ours, so they go around what was made harmless.
		t.b.WriteString("  \x1b[" + colors[c.Action] + "m" + head + "\x1b[0m" + issue.LogLine(rest) + "\n")
	} else {
		t.line("  %s%s", head, rest)
	}
	const indent = "           "
	if c.Notice != nil {
		t.line("%s%s", indent, c.Notice.Title)
		t.line("%sto %s by %s", indent, strings.Join(c.Notice.To, ", "), channel(c.Notice.Channel))
	} else if c.Title != "" {
		t.line("%s%s", indent, c.Title)
	}
	t.line("%s%s", indent, c.Reason)
	if c.Action == plan.Update {
		for _, f := range c.Fields {
			t.line("%s%s", indent, field(c, f))
		}
	}
}

func channel(id string) string {
	if id == "" {
		return "the log"
	}
	return id
}

// field shows what becomes of one field.
func field(c *plan.Change, name string) string {
	switch {
	case name == "body":
		return "body: brought up to date"
	case name == "labels" && c.Edit != nil:
		var l []string
		for _, s := range c.Edit.AddLabels {
			l = append(l, "+"+s)
		}
		for _, s := range c.Edit.RemoveLabels {
			l = append(l, "-"+s)
		}
		return "labels: " + strings.Join(l, " ")
	}
	return fmt.Sprintf("%s: %s → %s", name, value(c.Before[name]), value(c.After[name]))
}

func value(v any) string {
	if s, ok := v.(string); ok && s != "" {
		return s
	}
	return "nobody"
}

// list adds a list with its heading, if there is anything in it.
func (t *text) list(l list) {
	if len(l.rows) == 0 {
		return
	}
	t.line("")
	t.line("%s (%d): %s", l.title, len(l.rows), l.about)
	for i, r := range l.rows {
		if i == few && !t.style.All {
			t.line("  and %d more", len(l.rows)-few)
			return
		}
		t.line("  %s: %s", r.what, r.why)
	}
}
