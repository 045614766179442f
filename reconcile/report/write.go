package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// columns are those of the rows of episodes.
var columns = []string{"client", "name", "run", "state", "recommended by", "recommended on", "placed on", "ended on", "outcome", "entry",
	"weeks", "weeks with note", "announcements", "on time", "days to root cause", "criteria"}

// none stands in tables for what has not come to pass.
const none = "-"

// row returns an episode as text, without anything for what has not come to pass.
func (e *Episode) row() []string {
	days := ""
	if e.RootCauseDays >= 0 {
		days = strconv.Itoa(e.RootCauseDays)
	}
	n := strconv.Itoa
	return []string{e.Client, e.Name, e.Run, string(e.State), e.RecommendedBy, e.Recommended.String(), e.Placed.String(), e.Ended.String(), e.Outcome,
		n(e.Entry), n(e.Weeks), n(e.WeeksWithNote), n(e.Announcements), n(e.AnnouncedOnDay), days, strings.Join(e.Criteria, "; ")}
}

// Table returns the episodes as a table for a terminal, and lines that sum them up.
func (r *Report) Table() (head []string, rows [][]string, lines []string) {
	head = []string{"CLIENT", "STATE", "RECOMMENDED", "PLACED", "ENDED", "WEEKS", "NOTES", "ANNOUNCED", "ROOT CAUSE", "CRITERIA"}
	for i := range r.Episodes {
		e := &r.Episodes[i]
		rows = append(rows, []string{e.Client, e.stateText(), e.Recommended.String(), cmp.Or(e.Placed.String(), none), cmp.Or(e.Ended.String(), none),
			strconv.Itoa(e.Weeks), part(e.WeeksWithNote, e.Weeks), part(e.AnnouncedOnDay, e.Announcements), daysText(e.RootCauseDays), strings.Join(e.Criteria, ", ")})
	}
	return head, rows, r.lines()
}

// stateText says how an episode stands, and that it is not the client's first.
func (e *Episode) stateText() string {
	if e.Entry > 1 {
		return string(e.State) + ", entry " + strconv.Itoa(e.Entry)
	}
	return string(e.State)
}

// lines sum the report up.
func (r *Report) lines() []string {
	s := &r.Summary
	l := []string{
		fmt.Sprintf("Episodes: %d, of which %d placed, %d of them again, and %d active now", s.Episodes, s.Placed, s.ReEntries, s.Active),
		"Weeks with a note: " + share(s.WeeksWithNote, s.Weeks),
		"Announcements on time: " + share(s.AnnouncedOnDay, s.Announcements),
	}
	cause := "no episode has one yet"
	if s.RootCauses > 0 {
		cause = fmt.Sprintf("%s in the middle of %d", daysText(s.RootCauseDays), s.RootCauses)
	}
	if r.RootCause != "" {
		l = append(l, "Time to root cause ("+r.RootCause+"): "+cause)
	}
	return l
}

func part(n, of int) string {
	if of == 0 {
		return none
	}
	return fmt.Sprintf("%d of %d", n, of)
}

func share(n, of int) string {
	if of == 0 {
		return "none so far"
	}
	return fmt.Sprintf("%s (%d %%)", part(n, of), (n*100+of/2)/of)
}

func daysText(n int) string {
	switch {
	case n < 0:
		return none
	case n == 1:
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}

// WriteCSV writes a row for each episode, after one with the names of the columns. A cell
// that a spreadsheet would take for a formula gets an apostrophe in front.
func (r *Report) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write(columns); err != nil {
		return err
	}
	for i := range r.Episodes {
		row := r.Episodes[i].row()
		for k := range row {
			row[k] = harmless(row[k])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// harmless returns a cell that no spreadsheet reckons with: what would begin a formula has an
// apostrophe before it. Texts out of files may come from strangers, and `=HYPERLINK(...)`
// would be run by whoever opens the list. Spreadsheets take leading blanks off, so those do
// not count, and where the decimal sign is a comma they part cells by semicolons.
func harmless(cell string) string {
	var b strings.Builder
	begins := true
	for _, r := range cell {
		switch {
		case strings.ContainsRune(";\t\r\n", r):
			begins = true
		case unicode.IsSpace(r) || r == '\ufeff':
		default:
			if begins && strings.ContainsRune("=+-@|%", r) {
				b.WriteByte('\'')
			}
			begins = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// WriteMarkdown writes the report for an issue or a page: what sums it up, the episodes, and
// how many there were by criterion. Texts out of files are made harmless.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", issue.Text(r.Title), span(r.From, r.To, r.AsOf))
	head, rows, lines := r.Table()
	for _, l := range lines {
		b.WriteString("- " + issue.Text(l) + "\n")
	}
	if len(rows) > 0 {
		b.WriteString("\n")
		tableRow(&b, head)
		b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	}
	for _, row := range rows {
		tableRow(&b, row)
	}
	if len(r.Criteria) > 0 {
		b.WriteString("\n")
		tableRow(&b, []string{"CRITERION", "EPISODES", "PLACED"})
		b.WriteString("|---|---|---|\n")
	}
	for _, c := range r.Criteria {
		tableRow(&b, []string{c.Value, strconv.Itoa(c.Episodes), strconv.Itoa(c.Placed)})
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func tableRow(b *strings.Builder, cells []string) {
	for _, c := range cells {
		if c == none {
			c = ""
		}
		b.WriteString("| " + issue.Cell(c) + " ")
	}
	b.WriteString("|\n")
}

// span says which days a report is about.
func span(from, to, asOf civil.Date) string {
	s := "As of " + asOf.String()
	if from != 0 {
		s += ", from " + from.String()
	}
	if to != 0 {
		s += ", to " + to.String()
	}
	return s + "."
}
