package diag

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// annotations is how many errors, and how many warnings, become annotations. GitHub shows
// ten of each for a step and drops the rest without a word; the tenth says what is missing.
const annotations = 9

// WriteGitHub writes faults as workflow commands, errors first, which GitHub Actions turns
// into annotations of the files in a pull request. At most nine errors and nine warnings are
// written; a tenth says how many there are besides. WriteSummary has them all.
func WriteGitHub(w io.Writer, l List) error {
	var b bytes.Buffer
	var written [Warning + 1]int
	for _, d := range worstFirst(l) {
		written[d.Severity]++
		if written[d.Severity] <= annotations {
			annotate(&b, d)
		}
	}
	for severity, n := range written {
		if n > annotations {
			word := Severity(severity).String()
			fmt.Fprintf(&b, "::%s title=almanac::%s, see the job summary\n", word, plural(n-annotations, "more "+word))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// annotate writes the command for one fault. What is not known is left out.
func annotate(b *bytes.Buffer, d Diagnostic) {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+property(value)) }
	if d.File != "" {
		add("file", Visible(d.File))
	}
	if d.Line > 0 {
		add("line", fmt.Sprint(d.Line))
		if d.Column > 0 {
			add("col", fmt.Sprint(d.Column))
		}
		if d.EndColumn > d.Column {
			add("endColumn", fmt.Sprint(d.EndColumn))
		}
	}
	add("title", Visible(d.Rule))
	text := Visible(d.Message)
	if d.Hint != "" {
		text += "\n" + Visible(d.Hint)
	}
	fmt.Fprintf(b, "::%s %s::%s\n", d.Severity, strings.Join(properties, ","), data(text))
}

// data escapes the text of a workflow command, by the runner's own rules.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a property of a workflow command.
func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
