package diag

import (
	"bytes"
	"encoding/json"
	"io"
)

// FormatVersion is the version of the JSON that WriteJSON writes. Fields are added to a
// version, never renamed or taken away.
const FormatVersion = 1

// report is the document that WriteJSON writes.
type report struct {
	FormatVersion int     `json:"format_version"`
	Documents     int     `json:"documents"`
	Diagnostics   []entry `json:"diagnostics"`
}

// entry is one fault of a report.
type entry struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndColumn int    `json:"end_column"`
	Severity  string `json:"severity"`
	Rule      string `json:"rule"`
	Path      string `json:"path"`
	Message   string `json:"message"`
	Hint      string `json:"hint"`
}

// WriteJSON writes faults for programs, in the order of Compare, with the number of
// documents that were read. Every field is always there; what is not known is 0 or empty.
func WriteJSON(w io.Writer, l List, documents int) error {
	r := report{FormatVersion: FormatVersion, Documents: documents, Diagnostics: []entry{}}
	for _, d := range l.Sorted() {
		r.Diagnostics = append(r.Diagnostics, entry{
			File: d.File, Line: d.Line, Column: d.Column, EndColumn: d.EndColumn,
			Severity: d.Severity.String(), Rule: d.Rule, Path: d.Path, Message: d.Message, Hint: d.Hint,
		})
	}
	return writeJSON(w, r)
}

// writeJSON writes v as indented JSON that is safe to show on a terminal.
func writeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(printable(b.Bytes()))
	return err
}
