package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// TestFrozenRuns: who is in a run that an issue started is left alone while its playbook
// cannot be used, by whatever id the ledger calls the two.
func TestFrozenRuns(t *testing.T) {
	run := func(key string, state record.State) record.Entries {
		return record.Entries{key: {Key: key, State: state, Number: 7, Started: &record.Event{Number: 7}}}
	}
	fault := diag.List{{File: "licence.yaml", Line: 5, Severity: diag.Error, Message: "no"}}
	broken := func(k schema.Kind, id string) []schema.Broken {
		return []schema.Broken{{Source: schema.Source{File: "licence.yaml"}, Kind: k, ID: id}}
	}
	const key, acme, why = "acme/licence/t7/whole-run", "acme", "licence.yaml:5: no"
	for name, tt := range map[string]struct {
		entries record.Entries
		there   bool // the playbook is in the catalog
		broken  []schema.Broken
		faults  diag.List
		frozen  bool
	}{
		"fine":                          {run(key, record.IsOpen), true, nil, nil, false},
		"a warning":                     {run(key, record.IsOpen), true, nil, diag.List{{File: "licence.yaml", Severity: diag.Warning}}, false},
		"an error":                      {run(key, record.IsOpen), true, nil, fault, true},
		"under former ids":              {run("dentists/old/t7/whole-run", record.IsOpen), true, nil, fault, true},
		"over":                          {run(key, record.Ended), true, nil, fault, false},
		"no run of an issue":            {record.Entries{key: {Key: key, State: record.IsOpen}}, true, nil, fault, false},
		"unreadable":                    {run(key, record.IsOpen), false, broken(schema.KindPlaybook, "licence"), fault, true},
		"unreadable, by a former id":    {run("acme/old/t7/whole-run", record.IsOpen), false, broken(schema.KindPlaybook, "licence"), fault, true},
		"of no kind":                    {run(key, record.IsOpen), false, broken("Playbok", ""), fault, true},
		"taken out":                     {run(key, record.IsOpen), false, nil, nil, false},
		"taken out, a client's fault":   {run(key, record.IsOpen), false, broken(schema.KindClient, "birch"), fault, false},
		"somebody who is there no more": {run("zeta/licence/t7/whole-run", record.IsOpen), true, nil, fault, false},
	} {
		t.Run(name, func(t *testing.T) {
			cat := &schema.Catalog{Broken: tt.broken, Clients: []*schema.Client{{Meta: schema.Meta{ID: acme, Previously: []string{"dentists"}, Source: schema.Source{File: "acme.yaml"}}}}}
			if tt.there {
				cat.Playbooks = []*schema.Playbook{{TemplateHead: schema.TemplateHead{Meta: schema.Meta{ID: "licence", Kind: schema.KindPlaybook, Previously: []string{"old"}, Source: schema.Source{File: "licence.yaml"}}}}}
			}
			cat.Index()
			want := map[string]string{}
			if tt.frozen {
				want[acme] = why
			}
			if diff := cmp.Diff(want, FrozenRuns(cat, tt.faults, tt.entries)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
