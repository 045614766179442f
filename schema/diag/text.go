package diag

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// TextOptions say how WriteText shows faults. The zero value shows them plainly.
type TextOptions struct {
	// Color adds ANSI colours.
	Color bool
	// Source returns a line of a file, counted from 1, for the fault to be shown in it. It
	// reports false where there is no such line. nil shows no lines.
	Source func(file string, line int) (string, bool)
}

// ANSI sequences.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[1;31m"
	yellow = "\x1b[1;33m"
	cyan   = "\x1b[36m"
	reset  = "\x1b[0m"
)

// paint puts s in a colour if colours are wanted.
func (o TextOptions) paint(color, s string) string {
	if !o.Color {
		return s
	}
	return color + s + reset
}

// WriteText writes faults for people, in the order of Compare:
//
//	clients/acme.yaml:3:1: unknown field "naem" [schema/unknown-field]
//	  3 | naem: Acme Dental
//	    | ^~~~
//	    = did you mean "name"?
//
// A last line counts them. Nothing is written for no faults.
func WriteText(w io.Writer, l List, o TextOptions) error {
	var b bytes.Buffer
	sorted := l.Sorted()
	files := map[string]bool{}
	for _, d := range sorted {
		files[d.File] = true
		o.fault(&b, d)
	}
	if len(sorted) > 0 {
		fmt.Fprintf(&b, "%s in %s\n", count(sorted), plural(len(files), "file"))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// fault writes one fault.
func (o TextOptions) fault(b *bytes.Buffer, d Diagnostic) {
	message := Visible(d.Message)
	color := red
	if d.Severity == Warning {
		message, color = o.paint(yellow, "warning: ")+message, yellow
	}
	fmt.Fprintf(b, "%s: %s [%s]\n", o.paint(bold, place(d)), message, Visible(d.Rule))
	margin := "    "
	if line, ok := o.line(d); ok {
		number := fmt.Sprintf("%3d", d.Line)
		margin = strings.Repeat(" ", len(number)+1)
		text, caret := excerpt(line, d.Column, d.EndColumn)
		fmt.Fprintf(b, "%s | %s\n%s| %s\n", number, text, margin, o.paint(color, caret))
	}
	if d.Hint != "" {
		fmt.Fprintf(b, "%s= %s\n", margin, o.paint(cyan, Visible(d.Hint)))
	}
}

// longestLine is the length in bytes of the longest line that is shown in part. A line is
// looked through for each fault in it, and one of a file on a single line may have thousands.
const longestLine = 16 << 10

// line returns the source line of a fault that has one and a column in it.
func (o TextOptions) line(d Diagnostic) (string, bool) {
	if o.Source == nil || d.Line == 0 || d.Column == 0 {
		return "", false
	}
	line, ok := o.Source(d.File, d.Line)
	return line, ok && len(line) <= longestLine
}
