package diag_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/diag"
)

func TestFolded(t *testing.T) {
	broken := diag.Diagnostic{File: "templates/vcio.yaml", Line: 9, Column: 1, Rule: "yaml/syntax", Message: "no key"}
	waits := func(file string, line int) diag.Diagnostic {
		return diag.Diagnostic{File: file, Line: line, Column: 3, Rule: "lint/broken-reference", Because: "templates/vcio.yaml", Message: "template \"vcio\" cannot be used"}
	}
	one := func(message string) diag.Diagnostic {
		return diag.Diagnostic{File: "templates/vcio.yaml", Line: 9, Column: 1, Rule: "lint/broken-reference", Because: "templates/vcio.yaml", Message: message,
			Hint: "mend this file; nothing has to be changed there"}
	}
	other := diag.Diagnostic{File: "clients/a.yaml", Line: 2, Severity: diag.Warning, Rule: "lint/logo", Message: "no logo"}
	for _, tt := range []struct {
		name     string
		in, want diag.List
	}{
		{"none", nil, diag.List{}},
		{"a cause that waits for nobody", diag.List{broken, other}, diag.List{other, broken}},
		{"one", diag.List{waits("clients/a.yaml", 4), broken},
			diag.List{broken, one("1 other file rests on this one and waits for it: clients/a.yaml")}},
		{"many, two in one file, and a fault of its own", diag.List{
			waits("clients/a.yaml", 4), waits("clients/a.yaml", 9), waits("clients/b.yaml", 4), other,
			waits("clients/c.yaml", 4), waits("clients/d.yaml", 4), waits("clients/e.yaml", 4), broken,
		}, diag.List{other, broken, one("5 other files rest on this one and wait for it: clients/a.yaml, clients/b.yaml, clients/c.yaml and 2 more")}},
		{"the cause is not told here", diag.List{waits("clients/a.yaml", 4), other}, diag.List{other, waits("clients/a.yaml", 4)}},
		{"two that wait for each other", diag.List{
			{File: "a", Line: 1, Rule: "lint/broken-reference", Because: "b"}, {File: "b", Line: 1, Rule: "lint/broken-reference", Because: "a"},
		}, diag.List{
			{File: "a", Line: 1, Rule: "lint/broken-reference", Because: "b"}, {File: "b", Line: 1, Rule: "lint/broken-reference", Because: "a"},
		}},
	} {
		got := tt.in.Folded()
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(got, got.Folded()); diff != "" {
			t.Errorf("%s: folded twice is something else:\n%s", tt.name, diff)
		}
	}
}
