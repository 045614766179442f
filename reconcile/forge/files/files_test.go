package files_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/files"
	"github.com/almanac-gitops/almanac/reconcile/forge/forgetest"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/schema/node"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clock is a time that tests move on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newClock() *clock { return &clock{now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)} }

// person edits the files of a folder as text.
type person struct {
	t   *testing.T
	dir string
}

func (p person) file(number int) string { return filepath.Join(p.dir, strconv.Itoa(number)+".md") }

func (p person) read(number int) string {
	p.t.Helper()
	text, err := os.ReadFile(p.file(number))
	check(p.t, err)
	return string(text)
}

func (p person) write(number int, text string) {
	p.t.Helper()
	check(p.t, os.WriteFile(p.file(number), []byte(text), 0o666))
}

// replace rewrites what a pattern matches, which must be there, once.
func (p person) replace(number int, pattern, with string) {
	p.t.Helper()
	re, text := regexp.MustCompile(pattern), p.read(number)
	at := re.FindStringIndex(text)
	if at == nil {
		p.t.Fatalf("%q does not match:\n%s", pattern, text)
	}
	p.write(number, text[:at[0]]+with+text[at[1]:])
}

func harness(t *testing.T) forgetest.Harness {
	p := person{t, filepath.Join(t.TempDir(), "out", "issues")}
	c := newClock()
	return forgetest.Harness{
		Forge:   files.New(p.dir, files.Options{Now: c.Now}),
		Advance: c.Advance,
		CloseByHand: func(n int, r issue.CloseReason) {
			with := "state: closed\n"
			if r != issue.Completed {
				with += "state_reason: " + strings.ReplaceAll(string(r), "_", " ") + "\n"
			}
			p.replace(n, `(?m)^state: open\n(state_reason: .*\n)?`, with)
		},
		ReopenByHand: func(n int) { p.replace(n, `(?m)^state: closed\n(state_reason: .*\n)?`, "state: open\n") },
		EditBody:     func(n int, body string) { p.replace(n, `(?s)\n---\n.*$`, "\n---\n"+body+"\n") },
		EditTitle: func(n int, title string) {
			p.replace(n, `(?m)^title: .*\n`, "title: '"+strings.ReplaceAll(title, "'", "''")+"'   # mended\n")
		},
		AddLabel:    func(n int, label string) { p.replace(n, `(?m)^labels:\n`, "labels:\n  - "+label+"\n") },
		RemoveLabel: func(n int, label string) { p.replace(n, `(?m)^ +- `+label+`\n`, "") },
		AddAssignee: func(n int, login string) { p.replace(n, `(?m)^assignees:\n`, "assignees:\n  - \"@"+login+"\"\n") },
		AddComment: func(n int, text string) {
			entry := "\n  - author: \"@dana\"\n    at: " + c.Now().Format(time.RFC3339) + "\n    text: " + text
			if !strings.Contains(p.read(n), "\ncomments:\n") {
				entry = "\ncomments:" + entry
			}
			p.replace(n, `\n---\n`, entry+"\n---\n")
		},
		Reactions:   p.reactions,
		Permissions: map[string]string{"dana-w": "admin", "stranger": "admin"},
		Delete:      func(n int) { check(t, os.Remove(p.file(n))) },
		Comments:    p.comments,
	}
}

func (p person) reactions(id string) []string {
	number, _, _ := strings.Cut(id, "-")
	n, err := strconv.Atoi(number)
	check(p.t, err)
	_, entry, found := strings.Cut(p.read(n), "    id: "+id+"\n    reaction: ")
	if !found {
		return nil
	}
	word, _, _ := strings.Cut(entry, "\n")
	return []string{word}
}

func (p person) comments(number int) []string {
	front, _, _ := strings.Cut(strings.TrimPrefix(p.read(number), "---\n"), "\n---\n")
	docs, faults := node.Parse("", []byte(front))
	if len(faults) > 0 {
		p.t.Fatal(faults)
	}
	var l []string
	if _, comments := node.Lookup(docs[0], "comments"); comments != nil {
		for _, c := range comments.Content {
			_, text := node.Lookup(c, "text")
			l = append(l, text.Value)
		}
	}
	return l
}

func TestForge(t *testing.T) { forgetest.Run(t, harness) }

const marker = "<!-- almanac:v1 k=acme-dental/vcio/2026/audit i=northwind s=00c0ffee -->"

// TestFile holds the form of the files, through a life.
func TestFile(t *testing.T) {
	p, c := person{t, t.TempDir()}, newClock()
	f := files.New(p.dir, files.Options{Now: c.Now})
	_, err := f.Create(t.Context(), reconcile.NewIssue{Title: "Acme Dental Group: IT audit", Body: "Text\n\n" + marker,
		Labels: []string{"almanac", "client:acme-dental"}})
	check(t, err)
	c.Advance(time.Hour)
	check(t, f.Comment(t.Context(), 1, "Moved"))
	closed := issue.Closed
	_, err = f.Edit(t.Context(), 1, reconcile.Edit{State: &closed, Reason: issue.NotPlanned, AddAssignees: []string{"dana-w"}})
	check(t, err)
	const want = `---
number: 1
key: acme-dental/vcio/2026/audit
title: 'Acme Dental Group: IT audit'
state: closed
labels:
  - almanac
  - client:acme-dental
assignees:
  - dana-w
created: 2026-05-04T09:00:00Z
updated: 2026-05-04T10:00:00Z
comments:
  - author: almanac
    at: 2026-05-04T10:00:00Z
    text: Moved
state_reason: not_planned
closed: 2026-05-04T10:00:00Z
---

Text

` + marker + "\n"
	if diff := cmp.Diff(want, p.read(1)); diff != "" {
		t.Error(diff)
	}
}

// TestHandwriting has files as people write them. A change of almanac touches its own lines
// only.
func TestHandwriting(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"unknown fields, comments, order", `---
# Ask Dana first.
state: open   # for now
priority: {high: yes, why: "they called"}

# People who know:
labels: [almanac, 'client:acme']
title: IT audit
experts: [lee, priya]
---
Text
`, `---
# Ask Dana first.
state: closed
priority: {high: yes, why: "they called"}

# People who know:
labels:
  - almanac
  - client:acme
  - overdue
title: IT audit
experts: [lee, priya]
state_reason: completed
closed: 2026-05-04T09:00:00Z
updated: 2026-05-04T09:00:00Z
---

Text
`},
		{"fields in one line", "---\n{title: IT audit, labels: [almanac], vip: true}\n---\n\nText\n\n\n",
			"---\ntitle: IT audit\nlabels:\n  - almanac\n  - overdue\nvip: true\nstate_reason: completed\nstate: closed\nclosed: 2026-05-04T09:00:00Z\nupdated: 2026-05-04T09:00:00Z\n---\n\nText\n\n\n"},
		{"windows", "---\r\ntitle: IT audit\r\nlabels: almanac, vip\r\n---\r\n\r\nText\r\nmore\r\n",
			"---\r\ntitle: IT audit\r\nlabels:\r\n  - almanac\r\n  - overdue\r\n  - vip\r\nstate_reason: completed\r\nstate: closed\r\nclosed: 2026-05-04T09:00:00Z\r\nupdated: 2026-05-04T09:00:00Z\r\n---\r\n\r\nText\r\nmore\r\n"},
		{"no text", "---\ntitle: IT audit\nlabels: almanac\n---", "---\ntitle: IT audit\nlabels:\n  - almanac\n  - overdue\nstate_reason: completed\nstate: closed\nclosed: 2026-05-04T09:00:00Z\nupdated: 2026-05-04T09:00:00Z\n---\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := person{t, t.TempDir()}
			p.write(7, c.file)
			f := files.New(p.dir, files.Options{Now: newClock().Now})
			if l, err := f.List(t.Context(), time.Time{}); err != nil || len(l) != 1 || l[0].Number != 7 || l[0].Title != "IT audit" {
				t.Fatalf("list: %+v, %v", l, err)
			}
			if _, err := f.Edit(t.Context(), 7, reconcile.Edit{}); err != nil || p.read(7) != c.file {
				t.Errorf("an empty edit wrote the file: %v", err)
			}
			closed := issue.Closed
			i, err := f.Edit(t.Context(), 7, reconcile.Edit{State: &closed, AddLabels: []string{"overdue"}})
			check(t, err)
			if diff := cmp.Diff(c.want, p.read(7)); diff != "" {
				t.Error(diff)
			}
			again, err := f.Get(t.Context(), 7)
			check(t, err)
			if diff := cmp.Diff(i, again); diff != "" || i.Number != 7 || i.Reason != issue.Completed {
				t.Errorf("%+v: %s", i, diff)
			}
		})
	}
}

// TestUnreadable has files that people broke. None is passed over.
func TestUnreadable(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"no fields", "Just text\n", "7.md:1: expected a line `---`"},
		{"no end", "---\ntitle: x\nText\n", "7.md:1: the fields of the issue do not end"},
		{"syntax", "---\ntitle: x\nlabels: [a\n---\n", "7.md:"},
		{"twice", "---\ntitle: x\nstate: open\nstate: closed\n---\n", `7.md:4: "state" is written twice`},
		{"no mapping", "---\n- title\n---\n", "7.md:2: expected "},
		{"nothing", "---\n---\nText\n", "7.md:2: the file is empty"},
		{"state", "---\ntitle: x\nstate: done\n---\n", `7.md:3: the state is "done": expected open or closed`},
		{"reason", "---\nstate: closed\nstate_reason: bored\n---\n", `7.md:3: the reason is "bored": expected completed, not_planned or duplicate`},
		{"number", "---\nnumber: 8\n---\n", "7.md:2: the number is 8, but the file is named after 7"},
		{"number word", "---\nnumber: seven\n---\n", `7.md:2: the number is "seven"`},
		{"milestone", "---\nmilestone: [x]\n---\n", "7.md:2: milestone is a list: expected text"},
		{"title", "---\ntitle: [x]\n---\n", "7.md:2: title is a list: expected text"},
		{"labels", "---\nlabels: {a: b}\n---\n", "7.md:2: labels is a mapping: expected a list"},
		{"label", "---\nlabels:\n  - a: b\n---\n", "7.md:3: labels holds a mapping: expected words"},
		{"comments", "---\ncomments: none\n---\n", "7.md:2: comments is"},
		{"time", "---\ncreated: soon\n---\n", `7.md:2: created is "soon": expected a time`},
		{"encoding", "---\ntitle: \xff\n---\n", "7.md:2: not valid UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := person{t, t.TempDir()}
			p.write(7, c.file)
			p.write(6, "---\ntitle: fine\nlabels: almanac\n---\n")
			f := files.New(p.dir, files.Options{})
			_, list := f.List(t.Context(), time.Time{})
			_, get := f.Get(t.Context(), 7)
			_, edit := f.Edit(t.Context(), 7, reconcile.Edit{AddLabels: []string{"x"}})
			for what, err := range map[string]error{"list": list, "get": get, "edit": edit, "comment": f.Comment(t.Context(), 7, "x")} {
				if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, reconcile.ErrNotFound) {
					t.Errorf("%s: %v, want %s", what, err, c.want)
				}
			}
			if p.read(7) != c.file {
				t.Error("the file was written")
			}
		})
	}
}

// TestFolder has a folder with all sorts of things in it.
func TestFolder(t *testing.T) {
	p := person{t, t.TempDir()}
	for _, name := range []string{"README.md", "012.md", "0.md", "-1.md", "3.md~", "3.txt", ".4.md.tmp", "5.MD", "99999999999999999999.md"} {
		check(t, os.WriteFile(filepath.Join(p.dir, name), []byte("no issue"), 0o666))
	}
	p.write(6, "") // a creation that was cut short
	f := files.New(p.dir, files.Options{})
	if l, err := f.List(t.Context(), time.Time{}); err != nil || len(l) > 0 {
		t.Errorf("list: %v, %v", l, err)
	}
	if _, err := f.Get(t.Context(), 6); !errors.Is(err, reconcile.ErrNotFound) {
		t.Errorf("reservation: %v", err)
	}
	if i, err := f.Create(t.Context(), reconcile.NewIssue{Title: "x"}); err != nil || i.Number != 7 || i.URL != filepath.ToSlash(p.dir)+"/7.md" {
		t.Errorf("created %+v, %v", i, err)
	}
	if p.read(6) != "" {
		t.Error("the reservation was used")
	}
}

func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	check(t, os.WriteFile(file, nil, 0o666))
	f := files.New(file, files.Options{})
	_, list := f.List(t.Context(), time.Time{})
	_, create := f.Create(t.Context(), reconcile.NewIssue{Title: "x"})
	for what, err := range map[string]error{"list": list, "create": create} {
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", what, err)
		}
	}
	none := filepath.Join(dir, "none")
	f = files.New(none, files.Options{})
	if _, err := f.List(t.Context(), time.Time{}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(none); !errors.Is(err, os.ErrNotExist) {
		t.Error("reading made the folder")
	}
	t.Chdir(dir)
	if i, err := files.New("issues", files.Options{}).Create(t.Context(), reconcile.NewIssue{Title: "x"}); err != nil || i.URL != "issues/1.md" {
		t.Errorf("created %+v, %v", i, err)
	}
}

// TestTooMuch refuses what could not be read again, and leaves the file.
func TestTooMuch(t *testing.T) {
	p := person{t, t.TempDir()}
	f := files.New(p.dir, files.Options{})
	_, err := f.Create(t.Context(), reconcile.NewIssue{Title: "x"})
	check(t, err)
	before := p.read(1)
	if err := f.Comment(t.Context(), 1, strings.Repeat("word ", 1<<18)); err == nil || !strings.Contains(err.Error(), "1 MiB") {
		t.Errorf("comment: %.300v", err)
	}
	if _, err := f.Create(t.Context(), reconcile.NewIssue{Title: strings.Repeat("word ", 1<<18)}); err == nil {
		t.Error("a title of 1 MiB was taken")
	}
	if l, err := os.ReadDir(p.dir); err != nil || len(l) != 2 || p.read(1) != before {
		t.Errorf("left behind: %v, %v", l, err)
	}
}

// TestSavedMeanwhile has a person save the file between reading and writing.
func TestSavedMeanwhile(t *testing.T) {
	p, c := person{t, t.TempDir()}, newClock()
	saved := false
	f := files.New(p.dir, files.Options{Now: func() time.Time {
		// The time is asked for after the file was read.
		if _, err := os.Stat(p.file(1)); err == nil && !saved {
			if saved = true; p.read(1) != "" {
				p.replace(1, "Text", "Text of a person")
			}
		}
		return c.Now()
	}})
	_, err := f.Create(t.Context(), reconcile.NewIssue{Title: "x", Body: "Text"})
	check(t, err)
	saved = false
	i, err := f.Edit(t.Context(), 1, reconcile.Edit{AddLabels: []string{"overdue"}})
	check(t, err)
	if i.Body != "Text of a person" || len(i.Labels) != 1 {
		t.Errorf("the person's change is lost: %+v", i)
	}
}

func BenchmarkList(b *testing.B) {
	for _, n := range []int{100, 3000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			f := files.New(dir, files.Options{Now: newClock().Now})
			_, err := f.Create(b.Context(), reconcile.NewIssue{Title: "Acme Dental Group: IT audit", Body: strings.Repeat("Some text of the issue\n", 40) + marker,
				Labels: []string{"almanac", "client:acme-dental", "process:vcio", "type:audit", "role:engineer"}, Assignees: []string{"priya-n"}})
			check(b, err)
			text, err := os.ReadFile(filepath.Join(dir, "1.md"))
			check(b, err)
			for i := 2; i <= n; i++ {
				copied := strings.Replace(string(text), "number: 1\n", fmt.Sprintf("number: %d\n", i), 1)
				check(b, os.WriteFile(filepath.Join(dir, fmt.Sprint(i, ".md")), []byte(copied), 0o666))
			}
			for b.Loop() {
				if l, err := f.List(b.Context(), time.Time{}); err != nil || len(l) != n {
					b.Fatal(len(l), err)
				}
			}
		})
	}
}
