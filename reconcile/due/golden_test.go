package due

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/node"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestGolden reads every archive of testdata: documents, instructions in the comment, and
// what comes of them in `want`. The instructions are
//
//	as-of: DATE
//	window: FROM TO
//	explain: KEY       any number of times
//	notices: yes       lists the notices too
//	then: TITLE        answers all so far, and begins again with nothing known
//
// and what is known beside the files:
//
//	ended: KEY DATE [skipped]
//	decided: RUN QUESTION OPTION
//	over: RUN DATE
//	moved: KEY DATE WHY
//	taken: KEY PERSON
//	started: CLIENT TEMPLATE RUN DATE
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := answer(t, a)
			last := len(a.Files) - 1
			if *update {
				a.Files[last].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if a.Files[last].Name != "want" {
				t.Fatal("the last file must be want")
			}
			if diff := cmp.Diff(string(a.Files[last].Data), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// answer follows the instructions of an archive.
func answer(t *testing.T, a *txtar.Archive) string {
	t.Helper()
	cat := decode(t, a.Files[:len(a.Files)-1])
	var b strings.Builder
	q := question{facts: &Facts{}}
	for line := range strings.Lines(string(a.Comment)) {
		verb, rest, ok := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case !ok || strings.HasPrefix(line, "#"):
		case verb == "as-of":
			q.asOf = civil.MustParse(rest)
		case verb == "window":
			from, to, _ := strings.Cut(rest, " ")
			q.windows = append(q.windows, Window{civil.MustParse(from), civil.MustParse(to)})
		case verb == "explain":
			q.explain = append(q.explain, rest)
		case verb == "notices":
			q.notices = true
		case verb == "then":
			q.answer(t, cat, &b)
			fmt.Fprintf(&b, "\n== %s\n", rest)
			q = question{facts: &Facts{}, asOf: q.asOf}
		case !learn(q.facts, verb, strings.Fields(rest)):
			t.Fatalf("unknown instruction %q", line)
		}
	}
	q.answer(t, cat, &b)
	return b.String()
}

// question is what one part of an archive asks.
type question struct {
	asOf    civil.Date
	windows []Window
	explain []string
	notices bool
	facts   *Facts
}

func (q *question) answer(t *testing.T, cat *schema.Catalog, b *strings.Builder) {
	t.Helper()
	e, err := New(cat, Options{AsOf: q.asOf, Facts: q.facts})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range q.windows {
		fmt.Fprintf(b, "%s to %s\n", w.From, w.To)
		for _, o := range e.Occurrences(w) {
			b.WriteString(row(&o, q.notices))
		}
	}
	for _, key := range q.explain {
		b.WriteString(trace(e, key))
	}
}

// learn adds one thing to what is known, unless the verb is none of those.
func learn(f *Facts, verb string, arg []string) bool {
	switch verb {
	case "ended":
		set(&f.Ended, arg[0], Ending{On: civil.MustParse(arg[1]), Skipped: len(arg) > 2})
	case "decided":
		made := f.Decisions[arg[0]]
		set(&made, arg[1], arg[2])
		set(&f.Decisions, arg[0], made)
	case "over":
		set(&f.Over, arg[0], Over{On: civil.MustParse(arg[1])})
	case "moved":
		set(&f.Moved, arg[0], Move{To: civil.MustParse(arg[1]), Why: strings.Join(arg[2:], " ")})
	case "taken":
		set(&f.Taken, arg[0], arg[1])
	case "started":
		a := schema.Assignment{Template: arg[1], Run: arg[2], Start: civil.MustParse(arg[3])}
		set(&f.Started, arg[0], append(f.Started[arg[0]], a))
	default:
		return false
	}
	return true
}

func set[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = v
}

// decode reads documents into a catalog.
func decode(t testing.TB, files []txtar.File) *schema.Catalog {
	t.Helper()
	cat := &schema.Catalog{}
	for _, f := range files {
		docs, faults := node.Parse(f.Name, f.Data)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		for i, n := range docs {
			_, kind := node.Lookup(n, "kind")
			if kind == nil {
				t.Fatalf("%s: no kind", f.Name)
			}
			source := schema.Source{File: f.Name, Document: i, Pos: schema.Pos{Line: n.Line, Column: n.Column}}
			if err := put(cat, n, schema.Kind(kind.Value), source); err != nil {
				t.Fatal(err)
			}
		}
	}
	cat.Index()
	return cat
}

func put(cat *schema.Catalog, n *node.Node, kind schema.Kind, s schema.Source) error {
	switch kind {
	case schema.KindOrganization:
		cat.Organization = &schema.Organization{}
		return fill(n, cat.Organization, s)
	case schema.KindPerson:
		cat.People = append(cat.People, &schema.Person{})
		return fill(n, cat.People[len(cat.People)-1], s)
	case schema.KindClient:
		cat.Clients = append(cat.Clients, &schema.Client{})
		return fill(n, cat.Clients[len(cat.Clients)-1], s)
	case schema.KindProcessTemplate:
		cat.Processes = append(cat.Processes, &schema.ProcessTemplate{})
		return fill(n, cat.Processes[len(cat.Processes)-1], s)
	case schema.KindOnboardingPlan:
		cat.Plans = append(cat.Plans, &schema.OnboardingPlan{})
		return fill(n, cat.Plans[len(cat.Plans)-1], s)
	case schema.KindPlaybook:
		cat.Playbooks = append(cat.Playbooks, &schema.Playbook{})
		return fill(n, cat.Playbooks[len(cat.Playbooks)-1], s)
	}
	return fmt.Errorf("unknown kind %q", kind)
}

func fill(n *node.Node, d schema.Document, s schema.Source) error {
	err := node.Decode(n, d)
	d.Head().Source = s
	return err
}

// row writes an occurrence as one line, with its notices below.
func row(o *Occurrence, notices bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s", o.Key, day(o.Due))
	if o.Nominal != o.Due {
		fmt.Fprintf(&b, " (%s)", day(o.Nominal))
	}
	if o.Unscheduled != "" {
		fmt.Fprintf(&b, " unscheduled: %s", o.Unscheduled)
	}
	if o.Undecided != "" {
		fmt.Fprintf(&b, " undecided: %s", o.Undecided)
	}
	fmt.Fprintf(&b, "  opens %s  %s", orDash(o.Opens.String()), orDash(o.Owner.String()))
	if len(o.With) > 0 {
		fmt.Fprintf(&b, " with %s", people(o.With))
	}
	if o.Exception != nil {
		fmt.Fprintf(&b, "  exception: %s", o.Exception.Reason)
	}
	if o.Moved != (Move{}) {
		fmt.Fprintf(&b, "  moved to %s: %s", o.Moved.To, o.Moved.Why)
	}
	if o.Cancelled() {
		b.WriteString("  cancelled")
	}
	for _, old := range o.Previous {
		fmt.Fprintf(&b, "\n  formerly %s", old)
	}
	for _, n := range o.Notices {
		if notices {
			fmt.Fprintf(&b, "\n  %s %s %d to %s via %s", n.On, n.Kind, n.N, orDash(people(n.To)), orDash(strings.Join(n.Via, ",")))
		}
	}
	return b.String() + "\n"
}

// trace writes what Explain says.
func trace(e *Engine, key string) string {
	var b strings.Builder
	tr, ok := e.Explain(key)
	fmt.Fprintf(&b, "\nexplain %s: ", key)
	if ok {
		b.WriteString(row(&tr.Occurrence, false))
	} else {
		b.WriteString("none\n")
	}
	for _, f := range tr.Facts {
		at := strings.TrimSuffix(f.Source.File+" "+f.Path, " ")
		fmt.Fprintf(&b, "  %-11s %s [%s]\n", f.Rule, f.Text, at)
	}
	return b.String()
}

func people(l []Holder) string {
	var s []string
	for _, h := range l {
		s = append(s, h.String())
	}
	return strings.Join(s, ",")
}

func day(d civil.Date) string {
	if d == 0 {
		return "-"
	}
	return d.Weekday().String()[:3] + " " + d.String()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
