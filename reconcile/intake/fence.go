package intake

import "strings"

// fenced tells of every line whether it stands in a fence or is one (CommonMark 0.31 §4.5).
// A fence that nothing closes is none: it would swallow the answers that follow.
func fenced(lines []string) []bool {
	inside := make([]bool, len(lines))
	for i := 0; i < len(lines); i++ {
		end := closing(lines, i)
		for ; i <= end; i++ {
			inside[i] = true
		}
		if end >= 0 {
			i = end
		}
	}
	return inside
}

// closing returns the line that closes the fence which begins at one, or -1 where none
// begins or none closes it.
func closing(lines []string, begin int) int {
	char, n, info := fence(lines[begin])
	if n == 0 || char == '`' && strings.Contains(info, "`") {
		return -1
	}
	for i := begin + 1; i < len(lines); i++ {
		if c, m, rest := fence(lines[i]); c == char && m >= n && rest == "" {
			return i
		}
	}
	return -1
}

// fence reads a line that may be a fence: its character, how many of them, and what follows.
func fence(line string) (char byte, n int, rest string) {
	s := strings.TrimLeft(line, " ")
	if len(line)-len(s) > 3 || len(s) < 3 || s[0] != '`' && s[0] != '~' {
		return 0, 0, ""
	}
	for n < len(s) && s[n] == s[0] {
		n++
	}
	if n < 3 {
		return 0, 0, ""
	}
	return s[0], n, strings.TrimSpace(s[n:])
}
