package diag_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

func TestSuggest(t *testing.T) {
	roles := []string{"vcio", "account-manager", "engineer", "support", "sales", "marketing"}
	steps := []string{"q1-follow-up", "q2-follow-up", "q4-follow-up", "annual-strategy"}
	tests := []struct {
		name, word string
		allowed    []string
		want       string
	}{
		{"letter left out", "enginer", roles, "engineer"},
		{"letter too many", "suppport", roles, "support"},
		{"letter replaced", "vcia", roles, "vcio"},
		{"neighbours swapped", "vcoi", roles, "vcio"},
		{"case", "Account-Manager", roles, "account-manager"},
		{"underscore", "account_manager", roles, "account-manager"},
		{"case and a letter", "ACCOUNT_MANGER", roles, "account-manager"},
		{"too far", "accountant", roles, ""},
		{"short word, two edits", "vc", roles, ""},
		{"two equally near", "q3-follow-up", steps, ""},
		{"nearest of several", "q1-folow-up", steps, "q1-follow-up"},
		{"folded equal beats near", "Q1_follow_up", steps, "q1-follow-up"},
		{"two folded equal", "moveto", []string{"move-to", "move_to"}, ""},
		{"two folded equal to the word", "MOVE-TO", []string{"move_to", "move-to"}, "move-to"},
		{"one word twice", "vcoi", []string{"vcio", "vcio"}, "vcio"},
		{"nothing in common", "x", []string{"a"}, ""},
		{"empty", "", roles, ""},
		{"nothing allowed", "vcio", nil, ""},
		{"empty allowed", "v", []string{""}, ""},
		{"letters beyond ASCII", "müler", []string{"müller"}, "müller"},
		{"very long", strings.Repeat("a", 200), []string{strings.Repeat("a", 199)}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := diag.Suggest(tt.word, tt.allowed)
			if ok != (tt.want != "") || ok && got != tt.want {
				t.Errorf("Suggest(%q) = %q, %v; want %q", tt.word, got, ok, tt.want)
			}
		})
	}
}

// The order in which words are allowed changes nothing, and a word with one edit in it is
// found again.
func TestSuggestProperties(t *testing.T) {
	word := rapid.StringMatching(`[a-z]{4,12}`)
	proptest.Check(t, func(t *rapid.T) {
		allowed := rapid.SliceOfNDistinct(word, 1, 6, rapid.ID).Draw(t, "allowed")
		given := word.Draw(t, "given")
		got, ok := diag.Suggest(given, allowed)
		again, okAgain := diag.Suggest(given, rapid.Permutation(allowed).Draw(t, "permuted"))
		if ok != okAgain || ok && got != again {
			t.Fatalf("order matters: %q, %v and %q, %v", got, ok, again, okAgain)
		}
		at := rapid.IntRange(0, len(given)-1).Draw(t, "at")
		if got, ok := diag.Suggest(given[:at]+given[at+1:], []string{given}); !ok {
			t.Fatalf("one letter less than %q is not found: %q", given, got)
		}
	})
}

func TestQuote(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "dana", `"dana"`},
		{"empty", "", `""`},
		{"forty", strings.Repeat("é", 40), `"` + strings.Repeat("é", 40) + `"`},
		{"forty-one", strings.Repeat("é", 41), `"` + strings.Repeat("é", 40) + `…"`},
		{"no blank before the dots", strings.Repeat("a", 39) + " b", `"` + strings.Repeat("a", 39) + `…"`},
		{"line end", "a\nb", `"a\nb"`},
		{"escape", "\x1b[31m", `"\x1b[31m"`},
		{"direction", "a\u202eb", `"a\u202eb"`},
		{"no UTF-8", "a\xffb", `"a\xffb"`},
		{"quotes", `say "hi"`, `"say \"hi\""`},
		{"wide", "株式会社", `"株式会社"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := diag.Quote(tt.in); got != tt.want {
				t.Errorf("Quote(%q) = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
}

func BenchmarkSuggest(b *testing.B) {
	var allowed []string
	for i := range 10_000 {
		allowed = append(allowed, "client-"+strings.Repeat("x", i%20)+string(rune('a'+i%26)))
	}
	for b.Loop() {
		diag.Suggest("client-xxxxxz1", allowed)
	}
}
