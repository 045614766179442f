package diag

import (
	"strings"
	"unicode/utf8"
)

const (
	// tab is the distance of tab stops in an excerpt.
	tab = 4
	// before and within are how many characters of a long line are shown before the fault
	// and in all.
	before, within = 60, 140
)

// excerpt returns a source line as it is shown, and the line below it that marks the
// characters from column to before end, both 1-based, with `^~~~`. An unknown or earlier
// end marks one character. Columns beyond the line mark the place after its last character.
func excerpt(line string, column, end int) (text, caret string) {
	line = strings.TrimRight(line, "\r\n")
	length := utf8.RuneCountInString(line)
	from := min(max(column, 1)-1, length)
	to := min(max(end-1, from+1), length)
	low := max(min(from-before, length-within), 0)
	shown := cut(line, low, length)
	from, to = from-low, min(to-low, within)
	prefix := width(strings.Join(shown[:from], ""))
	marked := width(strings.Join(shown[:to], "")) - prefix
	text = strings.TrimRight(strings.Join(shown, ""), " ")
	return text, strings.Repeat(" ", prefix) + "^" + strings.Repeat("~", max(marked-1, 0))
}

// cut returns the cells of the part of a line that begins after low characters, with dots
// for what is left out. It looks at that part only: a line may be a whole file.
func cut(line string, low, length int) []string {
	begin, stop, n := 0, len(line), 0
	for i := range line {
		if n == low {
			begin = i
		}
		if n == low+within {
			stop = i
			break
		}
		n++
	}
	shown := cells(line[begin:stop], tab)
	if low > 0 {
		shown[0] = "…"
	}
	if low+within < length {
		shown[within-1] = "…"
	}
	return shown
}
