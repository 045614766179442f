package preview

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// WriteText writes a preview for a terminal or a log: by client, template and day. What it
// repeats from files is made harmless for both.
func WriteText(w io.Writer, p *Preview) error {
	var b bytes.Buffer
	line := func(format string, args ...any) {
		b.WriteString(issue.LogLine(diag.Visible(fmt.Sprintf(format, args...))) + "\n")
	}
	line("%s (%s)", p.counts(), p.headline())
	items := byClient(p.Items)
	for i := range items {
		it := &items[i]
		if i == 0 || items[i-1].Client != it.Client || items[i-1].Template != it.Template {
			b.WriteString("\n")
			line("%s · %s", it.Client, it.Template)
		}
		line("  %-6s  %s  %s, %s", it.Action, it.when(), it.Title, it.owner())
		for _, s := range []string{it.rolled(), it.Reason, it.Key + ", " + it.Source.String()} {
			if s != "" {
				line("          %s", s)
			}
		}
	}
	p.textHolidays(&b, line)
	p.textLoad(&b, line)
	if len(p.NotCompared) > 0 {
		b.WriteString("\n")
		line("cannot be compared")
		for _, n := range p.NotCompared {
			line("  %s  (%s) %s", who(n.Client), n.Side, n.Reason)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (p *Preview) textHolidays(b *bytes.Buffer, line func(string, ...any)) {
	if len(p.Holidays) == 0 {
		return
	}
	b.WriteString("\n")
	line("days off hit")
	steps, named := weekends(p.Holidays)
	for _, h := range named {
		line("  %s  %s: %s", issue.Day(h.Date), h.Name, strings.Join(h.Keys, ", "))
	}
	if steps > 0 {
		line("  weekends: %s", plural(steps, "step"))
	}
}

func (p *Preview) textLoad(b *bytes.Buffer, line func(string, ...any)) {
	if len(p.Load) == 0 {
		return
	}
	b.WriteString("\n")
	line("steps per person and %s, of the clients compared", p.LoadBy)
	width := 0
	for _, l := range p.Load {
		width = max(width, len(cmp.Or(l.Person, "nobody")))
	}
	for _, l := range p.Load {
		line("  %-*s  %s  %d → %d", width, cmp.Or(l.Person, "nobody"), l.label(p.LoadBy), l.Before, l.After)
	}
}

// who writes the id of a client, or words for all of them or for none.
func who(id string) string {
	switch id {
	case Everybody:
		return "every client"
	case "":
		return "whatever is in a file"
	}
	return id
}

// byClient returns the items by client, template, day and key.
func byClient(items []Item) []Item {
	l := slices.Clone(items)
	slices.SortFunc(l, func(a, b Item) int {
		return cmp.Or(strings.Compare(a.Client, b.Client), strings.Compare(a.Template, b.Template),
			compareDates(a.due(), b.due()), strings.Compare(a.Key, b.Key))
	})
	return l
}
