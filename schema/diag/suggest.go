package diag

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// longest is the number of characters from which on a word is no misspelling of anything.
const longest = 128

// Suggest returns the one allowed word that was probably meant. Case is ignored and `_`
// counts as `-`; then at most one edit in three characters, at least one, may lie between
// the two (Damerau-Levenshtein: insert, delete, replace, swap two neighbours). Two words
// that are equally near are a guess, and a guess is none, unless nothing but case and
// hyphens tells them apart from the word: then it is the first of them in order.
func Suggest(word string, allowed []string) (string, bool) {
	n := utf8.RuneCountInString(word)
	if n == 0 || n > longest {
		return "", false
	}
	from := fold(word)
	limit := max(1, n/3)
	best, at, ties := "", limit+1, 0
	for _, w := range slices.Sorted(slices.Values(allowed)) {
		to := fold(w)
		if abs(len(to)-len(from)) > min(at, limit) || len(to) == 0 {
			continue
		}
		switch d := distance(from, to); {
		case d >= max(len(from), len(to)): // nothing in common
		case d < at:
			best, at, ties = w, d, 1
		case d == at && d > 0 && w != best:
			ties++
		}
	}
	return best, at <= limit && ties == 1
}

// fold returns the characters that count in a comparison.
func fold(s string) []rune {
	return []rune(strings.ReplaceAll(strings.ToLower(s), "_", "-"))
}

// distance returns the number of edits between two words in which no part is edited twice
// (optimal string alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func abs(n int) int { return cmp.Compare(n, 0) * n }
