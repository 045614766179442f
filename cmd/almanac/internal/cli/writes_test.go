package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/forge/github/githubtest"
)

// bureau is a repository of clients who are all alike, one file for each kind of thing.
func bureau(clients int) map[string]string {
	files := map[string]string{
		"almanac.yaml": `kind: Organization
id: northwind
name: Northwind IT
timezone: America/Chicago
working-days: [mon, tue, wed, thu, fri]
roles: [{id: vcio, title: vCIO}, {id: engineer, title: Engineer}]
github: {repository: northwind/client-operations}
policies: {limits: {creates-per-run: 50}}
`,
		"people.yaml": `kind: Person
id: dana
name: Dana Whitfield
github: dana-w
roles: [vcio]
---
kind: Person
id: lee
name: Lee Okafor
github: lee-k
roles: [vcio]
---
kind: Person
id: priya
name: Priya Raman
github: priya-n
roles: [engineer]
`,
		"process.yaml": `kind: ProcessTemplate
id: yearly
title: Yearly round
steps:
  - {id: audit, type: audit, title: IT audit, due: 1 day after, open: 4 weeks, owner: vcio}
`,
	}
	for n := range clients {
		files["clients.yaml"] += fmt.Sprintf(`---
kind: Client
id: client-%02d
name: Client %02[1]d
alignment-date: 2026-05-04
team: {vcio: dana, engineer: priya}
processes: [{template: yearly, since: 2026-01-01}]
`, n)
	}
	return files
}

// replaceAll changes every occurrence of a text in a file.
func (o *office) replaceAll(name, old, new string) {
	o.t.Helper()
	path := filepath.Join(o.root, name)
	b, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(b), old) {
		o.t.Fatalf("%s has no %q: %v", name, old, err)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(b), old, new)), 0o644); err != nil {
		o.t.Fatal(err)
	}
}

// changesOf are the kinds of changes, in an order in which one follows the other, and what
// leads to one of each for every client.
var changesOf = []struct {
	name, action string
	lead         func(o *office)
	// comment says that a person reads why on the issue, which is the second write.
	comment bool
}{
	{"open", "create", func(*office) {}, false},
	{"edit", "update", func(o *office) { o.replaceAll("process.yaml", "title: IT audit", "title: Audit of all of IT") }, false},
	{"move date", "update", func(o *office) { o.replaceAll("process.yaml", "due: 1 day after", "due: 1 week after") }, false},
	{"hand-over", "update", func(o *office) { o.replaceAll("clients.yaml", "vcio: dana", "vcio: lee") }, true},
	{"re-assign", "update", func(o *office) { o.replaceAll("process.yaml", "owner: vcio", "owner: engineer") }, true},
	{"mark overdue", "update", func(o *office) { o.clock.Advance(5 * 7 * 24 * time.Hour) }, false},
	{"everything", "update", func(o *office) {
		o.replaceAll("process.yaml", "title: Audit of all of IT, due: 1 week after, open: 4 weeks, owner: engineer", "title: Audit, due: 8 weeks after, open: 9 weeks, owner: vcio, tags: [yearly]")
	}, true},
	{"close", "close", func(o *office) {
		o.replaceAll("clients.yaml", "processes:", "inactive: [{from: 2026-01-01, reason: moved away}]\nprocesses:")
	}, true},
}

// countWrites lives through every kind of change for a number of clients, and returns the
// writes for each change by kind, with the creation of labels apart.
func countWrites(t testing.TB, clients int) map[string]float64 {
	t.Helper()
	o := officeOf(t, bureau(clients))
	o.hub.SetAssignable("dana-w", "lee-k", "priya-n")
	per := map[string]float64{}
	for _, c := range changesOf {
		o.clock.Advance(time.Hour)
		c.lead(o)
		n, approve := o.planned(c.action)
		if n != clients {
			t.Fatalf("%s: the plan has %d, want %d", c.name, n, clients)
		}
		labels := len(o.hub.Labels())
		o.hub.Reset()
		if out, talk, code := o.run("reconcile", "--approve", approve); code != ExitOK {
			t.Fatalf("%s: exit %d\n%s%s", c.name, code, out, talk)
		}
		_, writes := o.hub.Totals()
		made := o.hub.Count("issues/create-label")
		if made != len(o.hub.Labels())-labels {
			t.Errorf("%s: %d requests made %d labels", c.name, made, len(o.hub.Labels())-labels)
		}
		per[c.name] = float64(writes-made) / float64(clients)
		if comments := o.hub.Count("issues/create-comment"); c.comment != (comments == clients) || !c.comment && comments > 0 {
			t.Errorf("%s: %d comments", c.name, comments)
		}
	}
	return per
}

// planned counts the changes of a plan to issues, all of which must be of one kind. What is
// sent to people goes to the log here. Where a gate blocks it, it returns the approval.
func (o *office) planned(action string) (n int, approve string) {
	o.t.Helper()
	out, talk, code := o.run("plan", "-o", "json")
	var p struct {
		Changes []struct{ Action string }
		Blocked struct{ Approve string }
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil || code != ExitOK && code != ExitBlocked {
		o.t.Fatalf("exit %d, %v\n%s%s", code, err, out, talk)
	}
	for _, c := range p.Changes {
		switch c.Action {
		case action:
			n++
		case "notify":
		default:
			o.t.Fatalf("a change is %q, want %q\n%s", c.Action, action, out)
		}
	}
	return n, p.Blocked.Approve
}

// TestWrites: a change takes two writes at most, whatever it is and however many there are.
// A label that is new to the repository takes one more, once.
func TestWrites(t *testing.T) {
	for _, clients := range []int{1, 10, 50} {
		for name, n := range countWrites(t, clients) {
			if n > 2 || n < 1 {
				t.Errorf("%d changes, %s: %g writes for each", clients, name, n)
			}
		}
	}
}

// BenchmarkWrites reports the writes for each change, by kind and by how many there are.
func BenchmarkWrites(b *testing.B) {
	for _, clients := range []int{1, 10, 50} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			var per map[string]float64
			for b.Loop() {
				per = countWrites(b, clients)
			}
			for name, n := range per {
				b.ReportMetric(n, "writes/"+strings.ReplaceAll(name, " ", "-"))
			}
		})
	}
}

// officeOf is an office with files of its own.
func officeOf(t testing.TB, files map[string]string) *office {
	t.Helper()
	root := filepath.Join(t.TempDir(), "repository")
	for name, text := range files {
		if err := os.MkdirAll(root, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return openOffice(t, root, githubtest.Options{})
}
