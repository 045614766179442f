package issue

import "strings"

// Row is the line of one client in an issue that several clients share.
type Row struct {
	// Key is the key of the client's own occurrence.
	Key    string
	Ticked bool
}

// Rows returns the rows of an issue that several clients share, in order: the check boxes of
// our region that end with a key in a code span. What people write around the region is no
// row, and of two rows with one key the first counts.
func Rows(body string) []Row {
	var l []Row
	seen := map[string]bool{}
	for _, s := range strings.Split(Region(body), "\n") {
		m := checkbox.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		key := lastCode(m[4])
		if _, err := ParseKey(key); err != nil || seen[key] {
			continue
		}
		seen[key] = true
		l = append(l, Row{Key: key, Ticked: m[2] != " "})
	}
	return l
}

// lastCode returns what stands in the code span at the end of a line.
func lastCode(s string) string {
	s, ends := strings.CutSuffix(strings.TrimRight(s, " \t"), "`")
	i := strings.LastIndexByte(s, '`')
	if !ends || i < 0 {
		return ""
	}
	return s[i+1:]
}
