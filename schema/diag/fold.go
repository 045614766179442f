package diag

import (
	"fmt"
	"slices"
	"strings"
)

// maxNamed is how many files a folded fault names.
const maxNamed = 3

// Folded returns the faults as people read them: those that are only there because another
// file of the list is invalid become one, beside the first error of that file, which says
// how many files wait for it. One slip in a template would else be told once for every
// client, and the client that comes first by its name before the slip itself.
//
// The list is sorted. Programs want every fault; so the other forms are not folded.
func (l List) Folded() List {
	sorted := l.Sorted()
	causes := map[string]Diagnostic{}
	for _, d := range sorted {
		if _, known := causes[d.File]; !known && d.Severity == Error && d.Because == "" {
			causes[d.File] = d
		}
	}
	waiting := map[string]List{}
	out := List{}
	for _, d := range sorted {
		if _, told := causes[d.Because]; told && d.Because != d.File {
			waiting[d.Because] = append(waiting[d.Because], d)
		} else {
			out = append(out, d)
		}
	}
	for file, faults := range waiting {
		out = append(out, folded(causes[file], faults))
	}
	return out.Sorted()
}

// folded makes one of the faults that a cause has elsewhere.
func folded(cause Diagnostic, l List) Diagnostic {
	var files []string
	for _, d := range l {
		files = append(files, d.File)
	}
	files = slices.Compact(files)
	names, rest, wait := files[:min(len(files), maxNamed)], "", "rest on this one and wait for it"
	if len(files) == 1 {
		wait = "rests on this one and waits for it"
	}
	if n := len(files) - len(names); n > 0 {
		rest = fmt.Sprintf(" and %d more", n)
	}
	return Diagnostic{File: cause.File, Line: cause.Line, Column: cause.Column, EndColumn: cause.EndColumn, Rule: l[0].Rule, Because: cause.File,
		Message: fmt.Sprintf("%s %s: %s%s", plural(len(files), "other file"), wait, strings.Join(names, ", "), rest),
		Hint:    "mend this file; nothing has to be changed there"}
}
