package files_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/files"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// heard returns all comments of a folder.
func heard(t *testing.T, f reconcile.Forge, since time.Time) []issue.Comment {
	t.Helper()
	l, err := f.Comments(t.Context(), since)
	check(t, err)
	return l
}

const talk = `---
title: IT audit
comments:
  # Dana called.
  - author: "@dana-w"
    at: 2026-05-04 08:00
    text: /done
    mood: good
  - author: dana-w
    text: |
      /skip no budget

      More on the phone.
  - just text
  - {author: lee-k, at: 2026-05-05, text: /done}
labels: almanac
---
Text
`

// TestCommentsByHand has comments as people write them. A reaction touches one of them.
func TestCommentsByHand(t *testing.T) {
	p := person{t, t.TempDir()}
	p.write(7, talk)
	saved := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	check(t, os.Chtimes(p.file(7), saved, saved))
	f := files.New(p.dir, files.Options{Now: newClock().Now})
	at := func(day, hour int) time.Time { return time.Date(2026, 5, day, hour, 0, 0, 0, time.UTC) }
	l := heard(t, f, time.Time{})
	var want []issue.Comment
	for i, c := range []issue.Comment{
		{Author: "dana-w", Body: "/done", Created: at(4, 8)},
		{Author: "dana-w", Body: "/skip no budget\n\nMore on the phone.\n", Created: at(4, 12)},
		{Body: "just text", Created: at(4, 12)},
		{Author: "lee-k", Body: "/done", Created: at(5, 0)},
	} {
		c.ID, c.Issue, c.Updated = l[i].ID, 7, c.Created
		want = append(want, c)
	}
	if diff := cmp.Diff(want, l); diff != "" {
		t.Fatal(diff)
	}
	for _, c := range []struct {
		n int
		r reconcile.Reaction
	}{{1, reconcile.Refused}, {2, reconcile.Refused}, {3, reconcile.Accepted}} {
		check(t, f.React(t.Context(), l[c.n].ID, c.r))
		check(t, os.Chtimes(p.file(7), saved, saved))
	}
	if diff := cmp.Diff(l, heard(t, f, time.Time{})); diff != "" {
		t.Error(diff)
	}
	file := strings.NewReplacer(
		"      More on the phone.\n", "      More on the phone.\n    at: 2026-05-04T12:00:00Z\n    id: "+l[1].ID+"\n    reaction: refused\n",
		"  - just text\n", "  - text: just text\n    at: 2026-05-04T12:00:00Z\n    id: "+l[2].ID+"\n    reaction: refused\n",
		"  - {author: lee-k, at: 2026-05-05, text: /done}\n", "  - author: lee-k\n    at: 2026-05-05\n    text: /done\n    id: "+l[3].ID+"\n    reaction: accepted\n",
		"labels: almanac\n", "labels: almanac\nupdated: 2026-05-04T09:00:00Z\n",
		"---\nText", "---\n\nText",
	).Replace(talk)
	if diff := cmp.Diff(file, p.read(7)); diff != "" {
		t.Error(diff)
	}
	check(t, f.React(t.Context(), l[1].ID, reconcile.Refused))
	if p.read(7) != file {
		t.Error("the same reaction wrote the file")
	}
}

// TestCommentIDs has people edit files around comments, and comments that have their
// reaction.
func TestCommentIDs(t *testing.T) {
	p := person{t, t.TempDir()}
	f := files.New(p.dir, files.Options{Now: newClock().Now})
	const entry = "  - author: dana-w\n    text: /done\n"
	p.write(7, "---\ntitle: IT audit\ncomments:\n"+entry+entry+"---\nText\n")
	ids := func(want int) (l []string) {
		t.Helper()
		for _, c := range heard(t, f, time.Time{}) {
			l = append(l, c.ID)
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(l))); len(l) != want || len(distinct) != want {
			t.Fatalf("ids %q, want %d distinct ones", l, want)
		}
		return l
	}
	first := ids(2)
	p.replace(7, `Text`, "Other text")
	p.replace(7, `comments:\n`, "state: closed\ncomments:\n  - author: lee-k\n    text: hello\n")
	hello := ids(3)[0]
	if again := ids(3)[1:]; !slices.Equal(first, again) {
		t.Errorf("ids %q after an edit around them, were %q", again, first)
	}
	// One that said the same keeps its own when the first of them has its id written down.
	check(t, f.React(t.Context(), first[0], reconcile.Accepted))
	p.replace(7, `/done`, "/done, I think")
	if again := ids(3); !slices.Equal(again, []string{hello, first[0], first[1]}) {
		t.Errorf("ids %q after the text was edited, were %q and %q", again, hello, first)
	}
	// A comment that is copied together with its id is another comment.
	text := p.read(7)
	_, copied, _ := strings.Cut(text, "    text: hello\n")
	copied, _, _ = strings.Cut(copied, entry)
	p.replace(7, `closed:`, copied+"closed:")
	if again := ids(4); !slices.Equal(again[:3], []string{hello, first[0], first[1]}) {
		t.Errorf("ids %q after a comment was copied, were %q and %q", again, hello, first)
	}
	check(t, f.React(t.Context(), ids(4)[3], reconcile.Accepted))
	ids(4)
	p.write(8, strings.Replace(p.read(7), "IT audit", "Copy", 1))
	for _, c := range heard(t, f, time.Time{}) {
		if !strings.HasPrefix(c.ID, map[int]string{7: "7-", 8: "8-"}[c.Issue]) {
			t.Errorf("comment %s on issue %d", c.ID, c.Issue)
		}
	}
	ids(8)
}

// TestCommentsUnreadable has comments that cannot be read. None is passed over.
func TestCommentsUnreadable(t *testing.T) {
	for entry, want := range map[string]string{
		"  - [a, b]\n":                 "7.md:3: comments holds a list: expected author, at and text",
		"  - text: /done\n  - at: x\n": `7.md:4: the time of a comment is "x": expected one such as`,
		"  - text: {a: b}\n":           "7.md:3: text is a mapping: expected text",
		"  - author: [dana-w]\n":       "7.md:3: author is a list: expected text",
		"  - id: [x]\n":                "7.md:3: id is a list: expected text",
	} {
		p := person{t, t.TempDir()}
		p.write(7, "---\ncomments:\n"+entry+"---\n")
		f := files.New(p.dir, files.Options{})
		_, list := f.Comments(t.Context(), time.Time{})
		_, get := f.GetComment(t.Context(), "7-000000000000")
		for what, err := range map[string]error{"list": list, "get": get, "react": f.React(t.Context(), "7-000000000000", reconcile.Accepted)} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", what, err, want)
			}
		}
	}
}
