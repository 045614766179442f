package render

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/load"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestGolden reads every archive of testdata: a repository, what the forge shows
// (issues.json, bodies included), the ledger (ledger.jsonl; no file, no ledger), and what
// is shown of the plan. The comment gives the inputs, one a line:
//
//	as-of: DATE
//	client: ID
//	approve: HASH, or `what the plan asks for`
//	gone: NUMBER
//
// A want file that an archive has is compared: want.txt, want.md, want.json and
// want.bodies, which shows the bodies of new issues.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p := planOf(t, a)
			wants := 0
			for i, f := range a.Files {
				got, ok := shown(t, p, f.Name)
				if !ok {
					continue
				}
				wants++
				if d := cmp.Diff(string(f.Data), got); d != "" && !*update {
					t.Errorf("%s: -want +got:\n%s", f.Name, d)
				}
				a.Files[i].Data = []byte(got)
			}
			if wants == 0 {
				t.Fatal("nothing is wanted")
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// shown returns what a want file ought to hold.
func shown(t *testing.T, p *plan.Plan, name string) (string, bool) {
	switch name {
	case "want.txt":
		return Text(p, Style{}), true
	case "want.md":
		return Markdown(p, CommentSize), true
	case "want.json":
		b, err := JSON(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(b), true
	case "want.bodies":
		var l []string
		for _, c := range p.Changes {
			if c.Issue != nil {
				l = append(l, "# "+c.Issue.Title+"\n"+strings.Join(c.Issue.Labels, " ")+"\n"+strings.Join(c.Issue.Assignees, " ")+"\n\n"+c.Issue.Body+"\n")
			}
			if c.Comment != "" {
				l = append(l, "comment on "+c.Key+": "+c.Comment+"\n")
			}
			if c.Notice != nil {
				l = append(l, "message "+c.Notice.ID+"\n"+c.Notice.Title+"\n"+c.Notice.Text+"\n")
			}
		}
		return strings.Join(l, "\n"), true
	case "want.records":
		var l []string
		for _, e := range p.Records {
			l = append(l, strings.Join(strings.Fields(string(e.Verb)+" "+e.Key+" "+e.From+" "+e.Reason), " ")+"\n")
		}
		return strings.Join(l, ""), true
	}
	return "", false
}

// planOf makes the plan of an archive.
func planOf(t *testing.T, a *txtar.Archive) *plan.Plan {
	t.Helper()
	in := plan.Inputs{Commit: "0123456789abcdef0123", BaseURL: "https://github.com/northwind/client-operations/blob/main"}
	repo := fstest.MapFS{}
	for _, f := range a.Files {
		switch {
		case f.Name == "issues.json":
			if err := json.Unmarshal(f.Data, &in.Observed); err != nil {
				t.Fatal(err)
			}
		case f.Name == "ledger.jsonl":
			var events []record.Event
			for line := range bytes.Lines(f.Data) {
				e, err := record.Decode(string(line))
				if err != nil {
					t.Fatalf("%s: %v", f.Name, err)
				}
				events = append(events, e)
			}
			in.Entries, in.LedgerExists = record.Fold(events), true
		case !strings.HasPrefix(f.Name, "want."):
			repo[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	r, err := load.Load(t.Context(), repo, load.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in.Catalog, in.Frozen = r.Catalog, plan.Frozen(r.Catalog, r.Faults)
	approve := instructions(t, string(a.Comment), &in)
	if in.Engine, err = due.New(in.Catalog, due.Options{AsOf: in.AsOf}); err != nil {
		t.Fatal(err)
	}
	p := plan.Make(in)
	if approve {
		if p.Blocked == nil {
			t.Fatal("nothing to approve")
		}
		in.Approve = p.Blocked.Approve
		p = plan.Make(in)
	}
	return p
}

// instructions reads the comment of an archive into the inputs.
func instructions(t *testing.T, comment string, in *plan.Inputs) (approve bool) {
	t.Helper()
	for line := range strings.Lines(comment) {
		verb, rest, ok := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case !ok || strings.HasPrefix(line, "#"):
		case verb == "as-of":
			in.AsOf = civil.MustParse(rest)
		case verb == "client":
			in.Client = func(id string) bool { return id == rest }
		case verb == "identity":
			in.Identity = rest
		case verb == "approve" && rest == "what the plan asks for":
			approve = true
		case verb == "approve":
			in.Approve = rest
		case verb == "gone":
			var n int
			if err := json.Unmarshal([]byte(rest), &n); err != nil {
				t.Fatal(err)
			}
			in.Gone = append(in.Gone, n)
		default:
			t.Fatalf("unknown instruction %q", line)
		}
	}
	return approve
}
