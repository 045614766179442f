package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// crowd returns a repository with so many clients that are in the process.
func crowd(n int) map[string]string {
	files := maps.Clone(northwind)
	delete(files, "acme.yaml")
	for i := range n {
		id := fmt.Sprintf("c%02d", i)
		files[id+".yaml"] = strings.Replace(northwind["acme.yaml"], "id: acme", "id: "+id, 1)
	}
	return files
}

// remove takes a step out for the first so many clients of a crowd.
func remove(files map[string]string, n int) {
	for i := range n {
		name := fmt.Sprintf("c%02d.yaml", i)
		files[name] = strings.Replace(files[name], "    since:", "    overrides: {audit: {remove: true}}\n    since:", 1)
	}
}

func TestCreateLimits(t *testing.T) {
	w := newWorld("2026-04-01")
	files := crowd(7)
	files["almanac.yaml"] = strings.Replace(files["almanac.yaml"], "channels:", "policies: {limits: {creates-per-run: 5, creates-per-client: 1}}\nchannels:", 1)
	files["vcio.yaml"] = strings.Replace(files["vcio.yaml"], "due: 2 months after", "due: 58 days before", 1)
	w.read(t, files)
	p := w.plan(t)
	if p.Summary.Create != 5 || len(p.Deferred) != 9 || p.Blocked != nil {
		t.Fatal(brief(p))
	}
	for _, c := range p.Changes {
		if !strings.HasSuffix(c.Key, "/audit") {
			t.Errorf("%s comes before an older one", c.Key)
		}
	}
	w.reconcile(t, 4)
	if len(w.issues) != 14 {
		t.Errorf("%d issues", len(w.issues))
	}
}

func TestCloseGate(t *testing.T) {
	for _, tt := range []struct{ open, closes, limit int }{
		{9, 3, -1}, {9, 4, 3}, {10, 2, -1}, {10, 3, 2}, {12, 3, -1}, {12, 4, 3}, {40, 10, -1}, {40, 11, 10}, {3, 3, -1},
	} {
		w := newWorld("2026-04-01")
		files := crowd(tt.open)
		w.read(t, files)
		w.reconcile(t, 1)
		remove(files, tt.closes)
		w.read(t, files)
		p := w.plan(t)
		switch {
		case tt.limit < 0:
			if p.Blocked != nil {
				t.Errorf("%d of %d: %+v", tt.closes, tt.open, p.Blocked)
			}
			continue
		case p.Blocked == nil || p.Blocked.Rule != RuleCloses || p.Blocked.Limit != tt.limit || p.Blocked.Got != tt.closes:
			t.Errorf("%d of %d: %+v", tt.closes, tt.open, p.Blocked)
			continue
		}
		w.Approve = p.Blocked.Approve
		if p := w.plan(t); p.Blocked != nil || !p.Approved {
			t.Errorf("%d of %d: the approval does not count: %+v", tt.closes, tt.open, p.Blocked)
		}
		files = crowd(tt.open)
		remove(files, tt.closes+1)
		w.read(t, files)
		if p := w.plan(t); p.Blocked == nil || !p.Blocked.Stale {
			t.Errorf("%d of %d: a stale approval counts: %+v", tt.closes, tt.open, p.Blocked)
		}
	}
}

// TestClientGate holds that what is not asked for in a client's own file is watched for
// each client, and what is asked for is not.
func TestClientGate(t *testing.T) {
	w := newWorld("2026-04-01")
	files := crowd(20)
	steps := "steps:\n"
	for i := range 5 {
		steps += fmt.Sprintf("  - {id: s%d, title: Step %d, due: 2 months before, owner: vcio}\n", i, i)
	}
	files["five.yaml"] = "kind: ProcessTemplate\nid: five\ntitle: Five\n" + steps
	files["c00.yaml"] += "  - template: five\n    since: 2026-01-01\n"
	w.read(t, files)
	w.reconcile(t, 1)
	files["c00.yaml"] = strings.Replace(files["c00.yaml"], "template: five", "template: weekly", 1)
	w.read(t, files)
	if p := w.plan(t); p.Blocked == nil || p.Blocked.Client != "c00" || p.Blocked.Got != 5 || p.Blocked.Limit != 3 {
		t.Errorf("%+v", p.Blocked)
	}
	files["c00.yaml"] = strings.Replace(files["c00.yaml"], "processes:", "inactive: [{from: 2026-03-01}]\nprocesses:", 1)
	w.read(t, files)
	if p := w.plan(t); p.Blocked != nil || p.Summary.Close != 6 {
		t.Error(brief(p))
	}
}

func TestFilter(t *testing.T) {
	w := newWorld("2026-04-01")
	files := crowd(12)
	w.read(t, files)
	w.Client = func(id string) bool { return id == "c03" }
	if p := w.plan(t); p.Summary.Create != 1 {
		t.Error(brief(p))
	}
	w.Client = nil
	w.reconcile(t, 1)
	for name := range files {
		if name[0] == 'c' {
			files[name] = strings.Replace(files[name], "processes:", "inactive: [{from: 2026-03-01}]\nprocesses:", 1)
		}
	}
	w.read(t, files)
	w.Client = func(id string) bool { return id == "c03" || id == "c04" }
	p := w.plan(t)
	if p.Blocked != nil || p.Summary.Close != 2 {
		t.Error(brief(p))
	}
	w.Client = nil
	if p := w.plan(t); p.Blocked == nil || p.Blocked.Got != 12 || p.Blocked.Limit != 3 {
		t.Error(brief(p))
	}
}

// TestChangedMind holds that no gate keeps people from deciding otherwise about a run, and
// that one does where it is the template that asks for something else.
func TestChangedMind(t *testing.T) {
	const steps = 5
	template := "kind: Playbook\nid: care\ntitle: Care\nowner: dana\nsteps:\n" +
		"  - {id: ask, title: Ask, owner: vcio, due: on start, decide: {id: way, question: \"Which way?\", options: [far, near]}}\n"
	for i := range steps {
		template += fmt.Sprintf("  - {id: s%d, title: Step %d, owner: vcio, due: 1 week after start, after: [ask], when: {way: [far]}}\n", i, i)
	}
	template += "  - {id: last, title: Last, owner: vcio, due: 8 weeks after start, ends: completed}\n"
	client := func(way string) string {
		return "kind: Client\nid: acme\nname: Acme Dental\nteam: {vcio: dana, director: noor}\nprocesses:\n  - template: care\n    start: 2026-05-04\n    decisions: {way: " + way + "}\n"
	}
	w := newWorld("2026-05-04")
	w.ledger = true
	files := map[string]string{"almanac.yaml": careOrganization, "care.yaml": template, "acme.yaml": client("far")}
	read := func(name, text string) {
		files[name] = text
		w.read(t, files)
	}
	w.read(t, files)
	w.reconcile(t, 3)
	w.close(w.byKey(t, "acme/care/1/ask").Number, issue.Completed)
	w.AsOf = w.AsOf.AddDays(10)
	w.reconcile(t, 3)
	read("care.yaml", strings.ReplaceAll(template, "[far]", "[near]"))
	if p := w.plan(t); p.Blocked == nil || p.Summary.Close != steps {
		t.Errorf("the template: %s", brief(p))
	}
	read("care.yaml", template)
	read("acme.yaml", client("near"))
	if p := w.plan(t); p.Blocked != nil || p.Summary.Close != steps {
		t.Errorf("the client: %s", brief(p))
	}
	w.reconcile(t, 3)
}

// TestSameBytes: a plan is the same bytes however often it is made, of files that are read anew
// each time, and so is the sum by which a blocked one is approved.
func TestSameBytes(t *testing.T) {
	const runs = 100
	w := newWorld("2026-04-01")
	files := crowd(12)
	w.read(t, files)
	w.reconcile(t, 1)
	remove(files, 8)
	files["c11.yaml"] = "kind: Client\nid: c11\n" // one that is left alone
	first := ""
	for i := range runs {
		w.read(t, files)
		p := w.plan(t)
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Blocked == nil || p.Blocked.Approve == "" || len(p.Frozen) == 0 || len(p.Changes) < 8 {
			t.Fatalf("not the plan that was meant: %s", text)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Fatalf("plan %d differs:\n%s\n%s", i+1, text, first)
		}
	}
}
