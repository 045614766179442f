// Package diag holds the faults found in people's files: values, never errors. A fault
// says where it is, which rule found it, what was found, what was expected and what to do.
package diag

import (
	"cmp"
	"slices"
)

// Severity says how bad a fault is.
type Severity uint8

// The severities, worst first.
const (
	// Error makes the document invalid: nothing is done for it until it is mended.
	Error Severity = iota
	// Warning is worth mending; the document is used all the same.
	Warning
)

// String returns the lower-case name.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diagnostic is one fault in one file.
type Diagnostic struct {
	// File is the path from the root of the repository, with forward slashes.
	File string
	// Line and Column are 1-based; a column counts characters (runes), not bytes. 0 means
	// that the fault belongs to the whole file.
	Line, Column int
	// EndColumn is the column after the last character of what is wrong, on the same line;
	// 0 means that it is not known.
	EndColumn int
	Severity  Severity
	// Rule is the id of the rule, such as `schema/unknown-field` or `lint/unknown-role`.
	Rule string
	// Path leads to the value within its document: `steps.2.owner`.
	Path string
	// Message says what was found and what was expected: lower case, one line, no full stop.
	Message string
	// Hint says what to do; it may be empty.
	Hint string
	// Because is the invalid file without which there would be no fault here; mostly empty.
	Because string
}

// List is a set of faults. The zero List is none.
type List []Diagnostic

// Compare orders by file, line, column, severity, what is because of another fault last, rule,
// path and message.
func Compare(a, b Diagnostic) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Severity, b.Severity),
		cmp.Compare(a.Because, b.Because),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Message, b.Message),
	)
}

// Sorted returns the faults in the order of Compare, equal ones once.
func (l List) Sorted() List {
	s := slices.Clone(l)
	slices.SortFunc(s, Compare)
	return slices.CompactFunc(s, func(a, b Diagnostic) bool { return Compare(a, b) == 0 })
}

// Count returns the number of errors and of warnings.
func (l List) Count() (errors, warnings int) {
	for _, d := range l {
		if d.Severity == Error {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

// HasErrors reports whether any fault is an error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}
