package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
)

// FuzzComments reads any list of comments: ids are distinct, lead back to their comments, and
// stay, with all else that they say, when one after the other gets its reaction.
func FuzzComments(f *testing.F) {
	for _, s := range []string{
		"- text: /done\n", "- /done\n- /done\n", "- {author: \"@dana-w\", at: 2026-05-04, text: /done, id: 7-x, reaction: accepted}\n- {id: 7-x}\n",
		"- &a {text: x}\n- *a\n", "- author: dana-w\n  text: |\n    /done\n\n    more\n  # why\n- {}\n", "- id: 8-000000000000\n  text: x\n", "[a, b]\n", "- null\n", "- text: \"\\r\"\n", "{}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, list string) {
		dir := t.TempDir()
		file := filepath.Join(dir, "7.md")
		if err := os.WriteFile(file, []byte("---\nlabels: almanac\ncomments:\n"+list+"\n---\nText\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		saved := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
		forge := New(dir, Options{Now: func() time.Time { return saved }})
		keep := func() {
			if err := os.Chtimes(file, saved, saved); err != nil {
				t.Fatal(err)
			}
		}
		keep()
		l, err := forge.Comments(t.Context(), time.Time{})
		if err != nil {
			return
		}
		ids := map[string]bool{}
		for _, c := range l {
			if got, err := forge.GetComment(t.Context(), c.ID); err != nil || got != c || ids[c.ID] {
				t.Fatalf("%+v, %v, want %+v", got, err, c)
			}
			ids[c.ID] = true
		}
		for _, c := range l {
			if err := forge.React(t.Context(), c.ID, reconcile.Refused); err != nil {
				if strings.Contains(err.Error(), "without harm") || strings.Contains(err.Error(), "1 MiB") {
					return // refused as a whole, and told how to write it
				}
				t.Fatalf("react to %+v: %v", c, err)
			}
			keep()
			for _, c := range l {
				if got, err := forge.GetComment(t.Context(), c.ID); err != nil || got.Body != c.Body || got.Author != c.Author {
					t.Fatalf("after the reaction %+v, %v, want %+v", got, err, c)
				}
			}
		}
	})
}
