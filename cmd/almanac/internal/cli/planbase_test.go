package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/preview"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

// history is a Git repository of generated files.
type history struct {
	t   testing.TB
	dir string
	c   *Command
}

func newHistory(t testing.TB, clients int) *history {
	h := &history{t: t, dir: t.TempDir()}
	cache := t.TempDir()
	h.c = &Command{Stdout: io.Discard, Stderr: io.Discard, Dir: h.dir, Now: time.Now, Getenv: func(name string) string {
		if name == "XDG_CACHE_HOME" {
			return cache
		}
		return ""
	}}
	if err := loadtest.Write(h.dir, clients); err != nil {
		t.Fatal(err)
	}
	h.git("init", "-q")
	h.commit()
	return h
}

func (h *history) git(args ...string) {
	cmd := exec.Command("git", append([]string{"-c", "user.name=Pat Example", "-c", "user.email=pat@northwind.example", "-c", "gc.auto=0"}, args...)...)
	cmd.Dir = h.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (h *history) commit() {
	h.git("add", "--all")
	h.git("commit", "-q", "-m", "change", "--allow-empty")
}

// edit replaces text in a file, which must hold it; without new text the file goes.
func (h *history) edit(name, old, new string) {
	path := filepath.Join(h.dir, filepath.FromSlash(name))
	b, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(b, []byte(old)) {
		h.t.Fatalf("%s: no %q: %v", name, old, err)
	}
	h.write(name, strings.Replace(string(b), old, new, 1))
}

func (h *history) write(name, text string) {
	path := filepath.Join(h.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

// revisions opens the base HEAD, and the folder or a head.
func (h *history) revisions(base, head string) *revisions {
	r, err := h.c.openRevisions(&options{asOf: "2026-04-13"}, &baseOptions{ref: base, head: head})
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *history) compare(r *revisions) *preview.Preview {
	span, err := civil.ParseSpan("90 days")
	if err != nil {
		h.t.Fatal(err)
	}
	p, err := preview.Compare(r.inputs(span, nil))
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// earlier moves a step of a client's process.
func (h *history) earlier(client int) {
	h.edit(loadtest.ClientFile(client), "due: 10 weeks before", "due: 9 weeks before")
}

// fields are those of a client who has steps soon.
const fields = "alignment-date: 2026-05-20\nteam: {vcio: dana, account-manager: marcus, engineer: priya}\nprocesses: [{template: vcio}]\n"

// TestBaseReadsEnough: what is left unread changes nothing. Each change is previewed by
// reading as little as its files ask for, from a folder and from a commit, and by reading
// and comparing everything.
func TestBaseReadsEnough(t *testing.T) {
	for _, tt := range []struct {
		name  string
		few   bool // the files that differ, and what they refer to, are enough
		items bool
		edit  func(h *history)
	}{
		{"nothing", true, false, func(*history) {}},
		{"clients", true, true, func(h *history) { h.earlier(3); h.earlier(17) }},
		{"a client more", true, true, func(h *history) {
			h.write("clients/new.yaml", "kind: Client\nid: brand-new\nname: Brand New\n"+fields)
		}},
		{"a client less", true, true, func(h *history) { h.git("rm", "-q", loadtest.ClientFile(7)) }},
		{"an invalid client", true, true, func(h *history) { h.edit(loadtest.ClientFile(4), "kind: Client", "kind: Cliend"); h.earlier(6) }},
		{"a template", false, true, func(h *history) {
			h.edit("templates/essential-care.yaml", "due: 2 weeks before", "due: 3 weeks before")
		}},
		{"a template and a client", false, true, func(h *history) {
			h.edit("templates/onboarding.yaml", "title: Sign-up documents", "title: Papers")
			h.earlier(3)
		}},
		{"an invalid template", false, false, func(h *history) { h.edit("templates/essential-care.yaml", "title:", "titel:") }},
		{"a person", false, true, func(h *history) { h.edit("people/dana.yaml", "from: 2026-12-21", "from: 2026-04-20") }},
		{"the organization", false, true, func(h *history) { h.edit("almanac.yaml", "country: us", "country: de") }},
		{"what is left out", false, true, func(h *history) { h.write(".almanacignore", loadtest.ClientFile(2)+"\n") }},
		{"a link", false, true, func(h *history) {
			if err := os.Symlink("../.kept/other.yaml", filepath.Join(h.dir, "clients", "other.yaml")); err != nil {
				h.t.Fatal(err)
			}
			h.write(".kept/other.yaml", "kind: Client\nid: other\nname: Other\n"+fields)
		}},
		{"CUE", false, true, func(h *history) {
			h.write("clients/more.cue", "package more\nmore: {kind: \"Client\", id: \"more\", name: \"More\", \"alignment-date\": \"2026-05-20\", processes: [{template: \"vcio\"}],\n\tteam: {vcio: \"dana\", \"account-manager\": \"marcus\", engineer: \"priya\"}}\n")
		}},
		{"other files", true, false, func(h *history) { h.write("README.md", "# Read me\n"); h.write("logos/x.svg", "<svg/>") }},
	} {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			h := newHistory(t, 30)
			tt.edit(h)
			folder := h.revisions("HEAD", "")
			h.checkReading(folder, tt.few)
			got := h.compare(folder)
			h.commit()
			tree := h.revisions("HEAD~1", "HEAD")
			h.checkReading(tree, tt.few)
			if diff := cmp.Diff(got, h.compare(tree)); diff != "" {
				t.Errorf("-folder +commit:\n%s", diff)
			}
			if got.Empty() == tt.items {
				t.Errorf("%d items, %d not compared", len(got.Items), len(got.NotCompared))
			}
			all := h.revisions("HEAD~1", "HEAD")
			if err := all.load(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			want := h.compare(all)
			// The load is told of the clients that are compared.
			got.Load, want.Load = nil, nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-everything +what differs:\n%s", diff)
			}
		})
	}
}

// checkReading reads both sides and checks whether more than a few files were read.
func (h *history) checkReading(r *revisions, few bool) {
	if err := r.read(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	if got := len(r.after.Clients) < 20; got != few {
		h.t.Errorf("%d clients were read", len(r.after.Clients))
	}
}

func TestDelta(t *testing.T) {
	for _, tt := range []struct {
		name    string
		plain   bool
		file    bool
		unclear bool
	}{
		{"clients/acme.yaml", true, true, false},
		{"clients/acme.YML", true, true, false},
		{"logos/acme.svg", true, false, false},
		{"logos/acme.svg", false, false, true},
		{"clients/acme.cue", true, false, true},
		{"cue.mod/module.cue", true, false, true},
		{"cue.mod/pkg/x.txt", true, false, true},
		{".almanacignore", true, false, true},
		{".github/workflows/ci.yaml", true, false, true},
		{"clients/.draft.yaml", true, false, true},
		{".github/CODEOWNERS", true, false, false},
	} {
		d := &delta{}
		d.note(tt.name, tt.plain)
		if d.unclear != tt.unclear || slices.Contains(d.files, tt.name) != tt.file {
			t.Errorf("%s: %+v", tt.name, d)
		}
	}
}

// BenchmarkPlanBase previews a change of ten client files, and one of a template that all
// clients use, between commits and from a folder. The cache is warm.
func BenchmarkPlanBase(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		h := newHistory(b, n)
		measure := func(name string) {
			h.commit()
			h.git("gc", "-q")
			b.Run(fmt.Sprintf("%s/commit/%d", name, n), func(b *testing.B) { h.benchmark(b, "HEAD") })
			b.Run(fmt.Sprintf("%s/folder/%d", name, n), func(b *testing.B) { h.benchmark(b, "") })
		}
		for i := range 10 {
			h.earlier(i * 9)
		}
		measure("clients")
		h.edit("templates/essential-care.yaml", "due: 2 weeks before", "due: 3 weeks before")
		measure("template")
	}
}

// benchmark compares the last commit but one with a head.
func (h *history) benchmark(b *testing.B, head string) {
	preview := func() int {
		r := h.revisions("HEAD~1", head)
		if err := r.read(context.Background()); err != nil {
			b.Fatal(err)
		}
		return len(h.compare(r).Items)
	}
	items := preview()
	if items == 0 {
		b.Fatal("nothing differs")
	}
	for b.Loop() {
		preview()
	}
	b.ReportMetric(float64(items), "items")
}
