package plan

import (
	"maps"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/schema/civil"
)

func TestFrozen(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"client":       with("acme.yaml", "name: Acme Dental", "nam: Acme Dental"),
		"template":     with("vcio.yaml", "title: vCIO process", "titel: vCIO process"),
		"organization": with("almanac.yaml", "timezone:", "timezon:"),
		"no kind":      with("acme.yaml", "kind: Client", "kind: Cliant"),
		"no id":        with("acme.yaml", "id: acme", "idd: acme"),
		"emptied":      overwritten("acme.yaml", ""),
		"no document":  overwritten("acme.yaml", "nothing here\n"),
		"a conflict":   overwritten("acme.yaml", "<<<<<<< HEAD\n"),
	} {
		t.Run(name, func(t *testing.T) {
			w := started(t)
			w.AsOf = civil.MustParse("2026-05-01")
			w.read(t, files)
			p := w.plan(t)
			if !p.Empty() || len(p.Frozen) != 1 || p.Blocked != nil {
				t.Fatal(brief(p))
			}
			if f := p.Frozen[0]; !strings.Contains(f.Reason, ".yaml:") || name != "organization" && (f.Client != "acme" || f.Issues != 1) {
				t.Errorf("%+v", f)
			}
		})
	}
}

// overwritten returns the files with another text for one of them.
func overwritten(file, text string) map[string]string {
	files := maps.Clone(northwind)
	files[file] = text
	return files
}
