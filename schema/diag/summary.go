package diag

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// SummaryBudget is the most that WriteSummary writes, in bytes. GitHub refuses a job summary
// over 1 MiB as a whole; other parts of it need room too.
const SummaryBudget = 900 << 10

// WriteSummary writes faults as Markdown for the summary of a job: a table with errors
// first. What does not fit into SummaryBudget is counted in a last line. Text out of files is
// shown as it is, whatever Markdown or HTML is in it.
func WriteSummary(w io.Writer, l List) error {
	sorted := worstFirst(l)
	if len(sorted) == 0 {
		_, err := io.WriteString(w, "No faults found.\n")
		return err
	}
	// The last line takes less than this.
	const reserve = 128
	var b bytes.Buffer
	fmt.Fprintf(&b, "**%s**\n\n| | Where | What | Rule |\n|---|---|---|---|\n", count(sorted))
	for i, d := range sorted {
		row := summaryRow(d)
		if b.Len()+len(row) > SummaryBudget-reserve {
			fmt.Fprintf(&b, "\n%s left out here for want of room.\n", plural(len(sorted)-i, "more fault"))
			break
		}
		b.WriteString(row)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// summaryRow returns the line of a table for one fault.
func summaryRow(d Diagnostic) string {
	what := markdown(d.Message)
	if d.Hint != "" {
		what += "<br>" + markdown(d.Hint)
	}
	return fmt.Sprintf("| %s | %s | %s | %s |\n", d.Severity, markdown(place(d)), what, markdown(d.Rule))
}

// markdown escapes text for a cell of a table: punctuation that GitHub's Markdown gives a
// meaning, and mentions and issue numbers, which a backslash does not stop.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range Visible(s) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@' || r == '#':
			b.WriteRune(r)
			b.WriteRune('\u200b')
		case strings.ContainsRune("\\`*_[]>|~$!", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
