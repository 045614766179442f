package plan

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// Everybody is the entry of a map of frozen clients that stands for all of them.
const Everybody = "*"

// Frozen returns the clients for whom nothing may be done, by id, with the reason: those
// whose own file has errors, those in a template whose file has errors, and Everybody
// where the organization cannot be used. What was valid yesterday still has open issues;
// to work on with half of it would close or open the wrong ones.
func Frozen(cat *schema.Catalog, faults diag.List) map[string]string {
	errors := firstErrors(cat, faults)
	frozen := map[string]string{}
	if o := cat.Organization; o == nil {
		frozen[Everybody] = "there is no valid organization"
	} else if why, ok := errors[o.Source.File]; ok {
		frozen[Everybody] = why
	}
	for _, b := range cat.Broken {
		switch b.Kind {
		case schema.KindClient:
			if b.ID != "" {
				frozen[b.ID] = errors[b.Source.File]
			}
		case schema.KindOrganization:
			frozen[Everybody] = errors[b.Source.File]
		case schema.KindPerson, schema.KindProcessTemplate, schema.KindOnboardingPlan, schema.KindPlaybook:
		default: // what its kind was meant to be is not known
			if b.ID != "" {
				frozen[b.ID] = errors[b.Source.File]
			}
		}
	}
	templates := invalidTemplates(cat, errors)
	for _, c := range cat.Clients {
		if why, ok := errors[c.Source.File]; ok {
			frozen[c.ID] = why
		}
		for _, a := range c.Processes {
			why, broken := templates[a.Template]
			if _, already := frozen[c.ID]; broken && !already {
				frozen[c.ID] = why
			}
		}
	}
	return frozen
}

// Unread returns in words the files that may hold a client and do not even tell which one:
// empty ones, ones without permission, ones that are no document at all. A client that no
// other file describes may be in one of them and is not gone. The list is sorted.
func Unread(cat *schema.Catalog, faults diag.List) []string {
	errors := firstErrors(cat, faults)
	var l []string
	for _, b := range cat.Broken {
		known := b.Kind != "" && b.Kind != schema.KindClient && slices.Contains(schema.Kinds(), b.Kind)
		if b.ID == "" && !known {
			l = append(l, errors[b.Source.File])
		}
	}
	slices.Sort(l)
	return slices.Compact(l)
}

// firstErrors returns the first error of each file in words, also for files that hold a
// broken document.
func firstErrors(cat *schema.Catalog, faults diag.List) map[string]string {
	errors := map[string]string{}
	for _, d := range faults.Sorted() {
		if _, ok := errors[d.File]; !ok && d.Severity == diag.Error {
			errors[d.File] = fmt.Sprintf("%s: %s", place(d.File, d.Line), d.Message)
		}
	}
	for _, b := range cat.Broken {
		if _, ok := errors[b.Source.File]; !ok {
			errors[b.Source.File] = place(b.Source.File, b.Source.Pos.Line) + ": the file cannot be used"
		}
	}
	return errors
}

func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}
