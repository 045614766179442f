package diag_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sources are the files that the sample is about.
var sources = map[string]string{
	"clients/acme.yaml":  "kind: Client\nid: acme\nnaem: Acme Dental\nteam:\n  vcio: diana\n",
	"clients/株式会社.yaml":  "kind: Client\nname: 株式会社ノース, {a: 日本}\nlogo: \t👩‍👩‍👧 é x\n",
	"people/a,b:c%.yaml": "kind: Person\nname: \x1b[31m\u202eevil\n",
}

// sample holds a fault of every form, unsorted and one of them twice.
func sample() diag.List {
	return diag.List{
		{File: "clients/株式会社.yaml", Line: 2, Column: 20, EndColumn: 22, Severity: diag.Error,
			Rule: "schema/type", Path: "name.a", Message: "a list, where text is expected"},
		{File: "clients/株式会社.yaml", Line: 3, Column: 16, EndColumn: 17, Severity: diag.Warning,
			Rule: "lint/odd", Path: "logo", Message: "x after an emoji and a combining mark"},
		{File: "clients/acme.yaml", Line: 3, Column: 1, EndColumn: 5, Severity: diag.Error,
			Rule: "schema/unknown-field", Path: "naem", Message: `unknown field "naem"`, Hint: `did you mean "name"?`},
		{File: "clients/acme.yaml", Line: 3, Column: 1, EndColumn: 5, Severity: diag.Error,
			Rule: "schema/unknown-field", Path: "naem", Message: `unknown field "naem"`, Hint: `did you mean "name"?`},
		{File: "clients/acme.yaml", Line: 5, Column: 9, Severity: diag.Warning,
			Rule: "lint/unknown-person", Path: "team.vcio", Message: `no person has the id "diana" | <b>@dana</b> #1`},
		{File: "clients/gone.yaml", Line: 7, Column: 1, Severity: diag.Error,
			Rule: "yaml/syntax", Message: "100% wrong,\nin two lines: ##[add-mask]x"},
		{File: "people/a,b:c%.yaml", Line: 2, Column: 7, EndColumn: 18, Severity: diag.Error,
			Rule: "schema/pattern", Path: "name", Message: "direction \u202e and \x1b[31m red"},
		{File: "::error file=x::y", Severity: diag.Error, Rule: "yaml/encoding", Message: "::set-output name=x::y"},
		{Severity: diag.Error, Rule: "lint/organization", Message: "no document of kind Organization"},
	}
}

func line(file string, n int) (string, bool) {
	lines := strings.SplitAfter(sources[file], "\n")
	if n > len(lines) {
		return "", false
	}
	return lines[n-1], true
}

// printers are all printers, by the name of their golden file.
var printers = map[string]func(io.Writer, diag.List) error{
	"text": func(w io.Writer, l diag.List) error { return diag.WriteText(w, l, diag.TextOptions{Source: line}) },
	"bare": func(w io.Writer, l diag.List) error { return diag.WriteText(w, l, diag.TextOptions{}) },
	"color": func(w io.Writer, l diag.List) error {
		return diag.WriteText(w, l, diag.TextOptions{Source: line, Color: true})
	},
	"json":    func(w io.Writer, l diag.List) error { return diag.WriteJSON(w, l, 3) },
	"github":  diag.WriteGitHub,
	"summary": diag.WriteSummary,
	"sarif": func(w io.Writer, l diag.List) error {
		return diag.WriteSARIF(w, l, diag.SARIFOptions{
			Version: "1.2.3", Rules: map[string]string{"schema/type": "a value has the wrong type"},
		})
	},
	"junit": diag.WriteJUnit,
}

func TestPrinters(t *testing.T) {
	lists := map[string]diag.List{"sample": sample(), "empty": nil}
	want := map[string]bool{}
	for name, write := range printers {
		for kind, list := range lists {
			file := filepath.Join("testdata", kind+"."+name)
			want[file] = true
			t.Run(kind+"/"+name, func(t *testing.T) {
				golden(t, file, printed(t, write, list))
			})
		}
	}
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, f := range files {
		if !want[f] {
			t.Errorf("%s belongs to no printer", f)
		}
	}
}

func printed(t *testing.T, write func(io.Writer, diag.List) error, l diag.List) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, l); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}
