package plan

import (
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// InvalidTemplates returns the templates whose file has errors, by every id that may name
// them, with the reason. Of one that cannot be read the former ids are not known.
func InvalidTemplates(cat *schema.Catalog, faults diag.List) map[string]string {
	return invalidTemplates(cat, firstErrors(cat, faults))
}

func invalidTemplates(cat *schema.Catalog, errors map[string]string) map[string]string {
	invalid := map[string]string{}
	for _, d := range cat.Documents() {
		t, ok := d.(schema.Template)
		why, faulty := errors[d.Head().Source.File]
		if !ok || !faulty {
			continue
		}
		for _, id := range append([]string{d.Head().ID}, d.Head().Previously...) {
			if cat.Template(id) == t {
				invalid[id] = why
			}
		}
	}
	for _, b := range cat.Broken {
		if b.ID != "" && mayBeTemplate(b) {
			invalid[b.ID] = errors[b.Source.File]
		}
	}
	return invalid
}

// mayBeTemplate reports whether a document that cannot be used is a template, as far as it
// tells.
func mayBeTemplate(b schema.Broken) bool {
	switch b.Kind {
	case schema.KindClient, schema.KindPerson, schema.KindOrganization:
		return false
	}
	return true
}

// FrozenRuns returns the clients in a run that an issue has started, and that goes on, of a
// playbook whose file has errors: by id, with the reason. No client's file tells of such a
// run, so Frozen does not find it. A playbook that is gone may be in any file that cannot
// be read. The map is never nil.
func FrozenRuns(cat *schema.Catalog, faults diag.List, entries record.Entries) map[string]string {
	errors := firstErrors(cat, faults)
	invalid, lost := invalidTemplates(cat, errors), ""
	if i := slices.IndexFunc(cat.Broken, mayBeTemplate); i >= 0 {
		lost = errors[cat.Broken[i].Source.File]
	}
	var keys []string
	for key, e := range entries {
		if e.Started != nil && e.State != record.Ended {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	frozen := map[string]string{}
	for _, key := range keys {
		part := strings.Split(key, "/")
		c, why := cat.Client(part[0]), invalid[part[1]]
		if why == "" && cat.Template(part[1]) == nil {
			why = lost
		}
		if c != nil && why != "" && frozen[c.ID] == "" {
			frozen[c.ID] = why
		}
	}
	return frozen
}
