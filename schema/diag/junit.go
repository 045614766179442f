package diag

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"strings"
)

// WriteJUnit writes faults as the XML that test reporters read: one suite with one case for
// each file that has faults. A file with errors failed; one that only has warnings passed and
// shows them as its output. Without faults there is one case, which passed, since many
// reporters take a suite without cases for a failure.
func WriteJUnit(w io.Writer, l List) error {
	var cases bytes.Buffer
	tests, failures := 0, 0
	for file := range byFile(l.Sorted()) {
		tests++
		if file.HasErrors() {
			failures++
		}
		writeCase(&cases, file)
	}
	if tests == 0 {
		tests = 1
		cases.WriteString("    <testcase classname=\"almanac\" name=\"all files\"/>\n")
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	counts := fmt.Sprintf(`name="almanac" tests="%d" failures="%d" errors="0"`, tests, failures)
	fmt.Fprintf(&b, "<testsuites %s>\n  <testsuite %s skipped=\"0\">\n", counts, counts)
	b.Write(cases.Bytes())
	b.WriteString("  </testsuite>\n</testsuites>\n")
	_, err := w.Write(b.Bytes())
	return err
}

// byFile yields the faults of each file of a sorted list.
func byFile(sorted List) iter.Seq[List] {
	return func(yield func(List) bool) {
		for len(sorted) > 0 {
			n := 1
			for n < len(sorted) && sorted[n].File == sorted[0].File {
				n++
			}
			if !yield(sorted[:n]) {
				return
			}
			sorted = sorted[n:]
		}
	}
}

// writeCase writes the case of one file.
func writeCase(b *bytes.Buffer, file List) {
	name := place(Diagnostic{File: file[0].File})
	fmt.Fprintf(b, "    <testcase classname=\"almanac\" name=\"%s\">\n", escapeXML(name))
	if file.HasErrors() {
		fmt.Fprintf(b, "      <failure type=\"error\" message=\"%s\">%s</failure>\n", count(file), faultLines(file))
	} else {
		fmt.Fprintf(b, "      <system-out>%s</system-out>\n", faultLines(file))
	}
	b.WriteString("    </testcase>\n")
}

// faultLines returns one line of escaped XML for each fault.
func faultLines(file List) string {
	var lines []string
	for _, d := range file {
		line := fmt.Sprintf("%s: %s: %s [%s]", place(d), d.Severity, Visible(d.Message), Visible(d.Rule))
		if d.Hint != "" {
			line += " (" + Visible(d.Hint) + ")"
		}
		lines = append(lines, escapeXML(line))
	}
	return strings.Join(lines, "\n")
}

// escapeXML escapes visible text for an element or an attribute; XML 1.0 has no other
// characters left to refuse than the two last of the first plane.
func escapeXML(s string) string {
	var b bytes.Buffer
	// A bytes.Buffer never fails.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
