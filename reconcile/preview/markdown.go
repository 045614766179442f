package preview

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// DefaultBudget is the number of bytes that a comment on GitHub safely holds: it takes
// 65,536 characters.
const DefaultBudget = 60_000

const (
	// sections is how many bytes are kept for what follows the tables.
	sections = 6_000
	// smallest is the least budget that holds the counts and the sections.
	smallest = sections + 2_000
	// most is how many rows a section has at most, and longestCell how many characters a
	// cell.
	most        = 20
	longestCell = 200
)

// WriteMarkdown writes a preview for a job summary or a comment on a pull request: counts
// first, then a table for each client, in at most budget bytes (0 means DefaultBudget; at
// least 8,000). What does not fit is left out in the order of its importance: drops stay
// longest, then moves, additions and other changes, each the sooner the better. The values
// may come from strangers; each is made harmless for where it stands.
func WriteMarkdown(w io.Writer, p *Preview, budget int) error {
	budget = max(cmp.Or(budget, DefaultBudget), smallest)
	var head, tail bytes.Buffer
	fmt.Fprintf(&head, "**Preview: %s** (%s)\n", issue.Text(p.counts()), issue.Text(p.headline()))
	p.markdownFrozen(&tail)
	p.markdownHolidays(&tail)
	p.markdownLoad(&tail)
	tables := p.tables(budget - head.Len() - tail.Len())
	_, err := w.Write(slices.Concat(head.Bytes(), tables, tail.Bytes()))
	return err
}

// tables writes as many items as fit.
func (p *Preview) tables(budget int) []byte {
	shown, left := p.choose(budget)
	var b bytes.Buffer
	for i := range shown {
		if i == 0 || shown[i-1].Client != shown[i].Client {
			b.WriteString(heading(shown[i].Client))
		}
		b.WriteString(row(&shown[i]))
		if i+1 == len(shown) || shown[i+1].Client != shown[i].Client {
			if n := left[shown[i].Client]; n > 0 {
				fmt.Fprintf(&b, "\nand %d more for this client\n", n)
			}
			delete(left, shown[i].Client)
		}
	}
	rest := 0
	for _, n := range left {
		rest += n
	}
	if rest > 0 {
		fmt.Fprintf(&b, "\nand %d more for %s\n", rest, plural(len(left), "other client"))
	}
	return b.Bytes()
}

// choose returns the most important items that fit, by client, and how many of each client
// are left out.
func (p *Preview) choose(budget int) (shown []Item, left map[string]int) {
	l := slices.Clone(p.Items)
	slices.SortFunc(l, func(a, b Item) int {
		return cmp.Or(cmp.Compare(rank(a.Action), rank(b.Action)), compareDates(a.due(), b.due()), strings.Compare(a.Key, b.Key))
	})
	left = map[string]int{}
	seen := map[string]bool{}
	full := false
	const more = len("\nand 1000000 more for 1000000 other clients\n")
	budget -= more
	for i := range l {
		need := len(row(&l[i]))
		if !seen[l[i].Client] {
			need += len(heading(l[i].Client)) + more
		}
		if full = full || need > budget; full {
			left[l[i].Client]++
			continue
		}
		seen[l[i].Client] = true
		budget -= need
		shown = append(shown, l[i])
	}
	return byClient(shown), left
}

func heading(client string) string {
	return "\n### " + issue.Text(short(client)) + "\n\n| | Due | Step | Owner | Why |\n|---|---|---|---|---|\n"
}

func row(i *Item) string {
	when := issue.Cell(i.when())
	if s := i.rolled(); s != "" {
		when += "<br>" + cell(s)
	}
	return fmt.Sprintf("| %s | %s | %s<br>%s | %s | %s (%s) |\n", i.Action, when, cell(i.Title), issue.Cell(i.Key),
		cell(i.owner()), cell(i.Reason), cell(i.Source.String()))
}

// cell is issue.Cell, shortened.
func cell(s string) string { return issue.Cell(short(s)) }

func short(s string) string {
	if utf8.RuneCountInString(s) <= longestCell {
		return s
	}
	return string([]rune(s)[:longestCell-1]) + "…"
}

func (p *Preview) markdownFrozen(b *bytes.Buffer) {
	if len(p.NotCompared) == 0 {
		return
	}
	b.WriteString("\n**Cannot be compared**\n\n")
	list(b, len(p.NotCompared), func(i int) string {
		n := p.NotCompared[i]
		return fmt.Sprintf("%s (%s): %s", issue.Text(who(n.Client)), n.Side, cell(n.Reason))
	})
}

func (p *Preview) markdownHolidays(b *bytes.Buffer) {
	if len(p.Holidays) == 0 {
		return
	}
	b.WriteString("\n**Days off hit**\n\n")
	steps, named := weekends(p.Holidays)
	list(b, len(named), func(i int) string {
		h := named[i]
		return fmt.Sprintf("%s, %s: %s", issue.Day(h.Date), cell(h.Name), plural(len(h.Keys), "step"))
	})
	if steps > 0 {
		fmt.Fprintf(b, "- weekends: %s\n", plural(steps, "step"))
	}
}

func (p *Preview) markdownLoad(b *bytes.Buffer) {
	if len(p.Load) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**Steps per person and %s**, of the clients compared\n\n", p.LoadBy)
	list(b, len(p.Load), func(i int) string {
		l := &p.Load[i]
		return fmt.Sprintf("%s, %s: %d → %d", cell(cmp.Or(l.Person, "nobody")), l.label(p.LoadBy), l.Before, l.After)
	})
}

// list writes a list, as much of it as its share of the sections holds.
func list(b *bytes.Buffer, n int, entry func(int) string) {
	budget := sections/3 - 200
	for i := range n {
		s := "- " + entry(i) + "\n"
		if i == most || len(s) > budget {
			fmt.Fprintf(b, "- and %d more\n", n-i)
			return
		}
		budget -= len(s)
		b.WriteString(s)
	}
}
