package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/progress"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/load"
)

var update = flag.Bool("update", false, "rewrite golden files")

// inputs reads an archive: files of a repository, and what the ledger holds.
func inputs(t *testing.T, a *txtar.Archive, asOf string) Inputs {
	t.Helper()
	files := fstest.MapFS{}
	var events []record.Event
	for _, f := range a.Files {
		switch {
		case f.Name == "ledger":
			for line := range strings.Lines(string(f.Data)) {
				var e record.Event
				if err := json.Unmarshal([]byte(line), &e); err != nil {
					t.Fatal(err)
				}
				events = append(events, e)
			}
		case strings.HasSuffix(f.Name, ".yaml"):
			files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	r, err := load.Load(t.Context(), files, load.Options{})
	if err != nil || len(r.Faults) > 0 {
		t.Fatal(err, r.Faults)
	}
	in := Inputs{Catalog: r.Catalog, Playbook: r.Catalog.Playbooks[0], AsOf: civil.MustParse(asOf), Entries: record.Fold(events)}
	in.Day = func(e record.Event) civil.Date { return civil.Of(e.At) }
	in.Progress = progress.Look(progress.Inputs{Catalog: in.Catalog, AsOf: in.AsOf, Entries: in.Entries})
	if in.Engine, err = due.New(in.Catalog, due.Options{AsOf: in.AsOf, Facts: in.Progress.Facts()}); err != nil {
		t.Fatal(err)
	}
	return in
}

const archive = "testdata/care.txtar"

// TestGolden holds every form of the report of a year with all that can become of a run.
func TestGolden(t *testing.T) {
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	r := Make(inputs(t, a, "2026-06-15"))
	var markdown, table, data bytes.Buffer
	if err := r.WriteMarkdown(&markdown); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteCSV(&table); err != nil {
		t.Fatal(err)
	}
	e := json.NewEncoder(&data)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"care.md": markdown.Bytes(), "care.csv": table.Bytes(), "care.json": data.Bytes()} {
		file := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(file, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// edited reads the archive with texts replaced.
func edited(t *testing.T, replace ...string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	r := strings.NewReplacer(replace...)
	for i := range a.Files {
		a.Files[i].Data = []byte(r.Replace(string(a.Files[i].Data)))
	}
	return a
}

// TestRenamed: what was written under former ids of a client, a playbook or a step counts.
func TestRenamed(t *testing.T) {
	want := Make(inputs(t, edited(t), "2026-06-15"))
	for name, replace := range map[string][]string{
		"client":   {`"k":"acme/`, `"k":"acme-old/`, "id: acme\n", "id: acme\npreviously: [acme-old]\n"},
		"playbook": {"/care/", "/extra/", "id: care\n", "id: care\npreviously: [extra]\n"},
		"steps":    {"from: decision, until: removal", "from: verdict, until: goodbye", "required-for: cause", "required-for: why", "id: decision,", "id: decision, previously: [verdict],", "id: removal,", "id: removal, previously: [goodbye],", "id: cause,", "id: cause, previously: [why],"},
	} {
		if diff := cmp.Diff(want, Make(inputs(t, edited(t, replace...), "2026-06-15"))); diff != "" {
			t.Errorf("%s: -as it was +renamed:\n%s", name, diff)
		}
	}
}

// TestPlanned: a run that is written down for a later day has not placed anybody yet.
func TestPlanned(t *testing.T) {
	a := edited(t, "from: decision, until: removal, when: {placement: [place]}", "until: removal", "start: 2026-06-11", "start: 2026-06-16")
	for asOf, want := range map[string]State{"2026-06-15": Pending, "2026-06-16": Active} {
		r := Make(inputs(t, a, asOf))
		e := r.Episodes[len(r.Episodes)-1]
		if e.Client != "cobalt" || e.State != want || (e.Placed != 0) != (want == Active) {
			t.Errorf("as of %s: %+v, want %s", asOf, e, want)
		}
	}
}

// TestWindow: an episode is told of if any of its days lies in the window, and which entry it
// is counts those outside too.
func TestWindow(t *testing.T) {
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	in := inputs(t, a, "2026-06-15")
	for _, test := range []struct{ from, to, want string }{
		{"", "", "acme 1, birch 1, acme 2, cobalt 1"},
		{"", "2026-03-01", "acme 1"},
		{"2026-04-01", "", "birch 1, acme 2, cobalt 1"},
		{"2026-03-20", "2026-03-20", "acme 1"},
		{"2026-04-01", "2026-04-30", "birch 1"},
	} {
		in.Window = due.Window{}
		if test.from != "" {
			in.Window.From = civil.MustParse(test.from)
		}
		if test.to != "" {
			in.Window.To = civil.MustParse(test.to)
		}
		var got []string
		for _, e := range Make(in).Episodes {
			got = append(got, e.Client+" "+e.Run)
			if e.Client == "acme" && e.Run == "2" && e.Entry != 2 {
				t.Errorf("the second time of acme counts as entry %d", e.Entry)
			}
		}
		if g := strings.Join(got, ", "); g != test.want {
			t.Errorf("%s to %s: %s, want %s", test.from, test.to, g, test.want)
		}
	}
}

// TestNamed: a step and a field may be named, and the usual ones are found by themselves.
func TestNamed(t *testing.T) {
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	in := inputs(t, a, "2026-06-15")
	in.RootCause, in.Criterion = "announce", "size"
	r := Make(in)
	if r.RootCause != "announce" || r.Criterion != "size" || r.Episodes[0].RootCauseDays != 1 || !slices.Equal(r.Episodes[0].Criteria, []string{"small"}) {
		t.Errorf("%s, %s: %+v", r.RootCause, r.Criterion, r.Episodes[0])
	}
	b := *in.Playbook
	b.Fields = slices.Clone(b.Fields[:2])
	if s, f := RootCauseStep(&b, ""), CriterionField(&b, ""); s != "" || f != nil {
		t.Errorf("step %q, field %v", s, f)
	}
	if RootCauseStep(in.Playbook, "nothing") != "" || CriterionField(in.Playbook, "nothing") != nil {
		t.Error("something is found that is not there")
	}
}

// FuzzCSV: no cell begins with anything that a spreadsheet reckons with, nor does what it is
// cut into by one that parts cells by semicolons, and what is written is read back as so
// many cells.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "plain", "=1+1", " =1+1", "\t=cmd", "+49 30", "-2", "@SUM(A1)", "\ufeff=1", "a\"b", "line\nline", "'=1", "Acme;=1+1", "a; @SUM(A1);b", "a\n-2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := Report{Episodes: []Episode{{Client: "acme", Name: text, Outcome: text, Criteria: []string{text}}}}
		var b bytes.Buffer
		if err := r.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != len(columns) {
			t.Fatalf("%v: %q", err, rows)
		}
		for _, cell := range rows[1] {
			for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
				if bare := strings.TrimSpace(part); bare != "" && strings.ContainsAny(bare[:1], "=+-@|%") {
					t.Errorf("%q is left as %q", text, cell)
				}
			}
		}
	})
}

// TestDays: the day of a note is that of the organization, not that of the ledger's clock.
func TestDays(t *testing.T) {
	a, err := txtar.ParseFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	in := inputs(t, a, "2026-06-15")
	before := Make(in).Summary.WeeksWithNote
	in.Day = func(e record.Event) civil.Date { return civil.Of(e.At.AddDate(1, 0, 0).Add(time.Hour)) }
	if after := Make(in).Summary.WeeksWithNote; after != before-2 {
		t.Errorf("%d weeks with notes, a year later %d", before, after)
	}
}
