package issue

import (
	"regexp"
	"slices"
	"strings"
)

const (
	regionBegin = "<!-- almanac:begin -->"
	regionEnd   = "<!-- almanac:end -->"
)

// MaxBody is the greatest length of a body that we write, in bytes. GitHub takes 65,536
// characters, however they are counted.
const MaxBody = 60_000

// minRegion is what is left of a region beside whatever people wrote.
const minRegion = 2_000

const cutNote = "\n\n*The text is too long for an issue and ends here. The whole of it is in the file named above.*"

// Normalize returns a body as Merge compares it: with line feeds only and without space at
// the end. Forges and browsers change both at will.
func Normalize(body string) string {
	return strings.TrimRight(strings.ReplaceAll(body, "\r\n", "\n"), " \t\r\n")
}

// Compose returns the body of a new issue.
func Compose(region string, m Marker) string { return Merge("", region, m) }

// Merge returns the body with the region and the marker that belong into it. What people
// wrote before and after the region stays as it is, and so does the state of every check
// box in the region whose text is still there. A region or a marker that somebody deleted
// comes back at the end. Merge is idempotent: where it returns Normalize of the body,
// there is nothing to write.
func Merge(body, region string, m Marker) string {
	before, old, after := split(Normalize(body))
	room := MaxBody - len(before) - len(after) - len(regionBegin) - len(regionEnd) - len(m.String()) - 10
	region = Cut(keepTicks(old, region), max(room, minRegion))
	var parts []string
	if before != "" {
		parts = append(parts, before)
	}
	parts = append(parts, regionBegin+"\n"+region+"\n"+regionEnd)
	if after != "" {
		parts = append(parts, after)
	}
	return strings.Join(append(parts, m.String()), "\n\n")
}

// IsSteady reports whether a body is what Compose makes of the region and the marker, apart
// from what Steady leaves out. Most bodies are, and then there is nothing to write; Merge
// would take them apart to find that out. It may report false where nothing is to be
// written either.
func IsSteady(body, region string, m Marker) bool {
	is, begins := strings.CutPrefix(body, regionBegin+"\n")
	is, marked := strings.CutSuffix(is, m.String())
	is, ends := strings.CutSuffix(is, "\n"+regionEnd+"\n\n")
	fits := len(body)-len(is)+len(region) < MaxBody-10
	const ours = "<!-- almanac:"
	return begins && marked && ends && fits && !strings.Contains(is, ours) && !strings.Contains(region, ours) && sameLines(is, region)
}

// Region returns the part of a body that is ours, without its borders, and "" where there
// is none.
func Region(body string) string {
	_, region, _ := split(Normalize(body))
	return region
}

// Written returns what people wrote in a body: all of it but our region, its borders and
// every marker. Merge does not change it.
func Written(body string) string {
	before, _, after := split(Normalize(body))
	if before == "" || after == "" {
		return before + after
	}
	return before + "\n\n" + after
}

// split takes a body apart into the region and what people wrote before and after it, each
// without blank lines around it. Every marker, and every border that is not one of the
// region, is dropped: one that is left over from a half-deleted region would later pair up
// with a new one and swallow what stands between them.
func split(body string) (before, region, after string) {
	l := strings.Split(body, "\n")
	begin, end := -1, -1
	for i, s := range l {
		switch strings.TrimSpace(s) {
		case regionBegin:
			begin = i
		case regionEnd:
			if begin >= 0 {
				end = i
			}
		}
		if end >= 0 {
			break
		}
	}
	if end < 0 {
		return theirs(l), "", ""
	}
	return theirs(l[:begin]), strings.Join(l[begin+1:end], "\n"), theirs(l[end+1:])
}

// theirs returns the lines that people wrote.
func theirs(l []string) string {
	l = slices.DeleteFunc(slices.Clone(l), func(s string) bool {
		_, isMarker := markerOf(s)
		s = strings.TrimSpace(s)
		return isMarker || s == regionBegin || s == regionEnd
	})
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	for len(l) > 0 && blank(l[0]) {
		l = l[1:]
	}
	for len(l) > 0 && blank(l[len(l)-1]) {
		l = l[:len(l)-1]
	}
	return strings.Join(l, "\n")
}

var checkbox = regexp.MustCompile(`^(\s*(?:[-*+]|\d+[.)]) \[)([ xX])(\] )(.*)$`)

// boxOf returns the parts of a line with a check box, or nil. Most lines have none, and the
// pattern takes its time to say so.
func boxOf(line string) []string {
	if !strings.Contains(line, "] ") {
		return nil
	}
	return checkbox.FindStringSubmatch(line)
}

// keepTicks returns the region with the check boxes as they are in the old one. A box is
// known by its text; of several with one text, by their order.
func keepTicks(old, region string) string {
	if old == region {
		return region
	}
	states := map[string][]string{}
	for _, s := range strings.Split(old, "\n") {
		if m := boxOf(s); m != nil {
			text := strings.TrimSpace(m[4])
			states[text] = append(states[text], m[2])
		}
	}
	l := strings.Split(region, "\n")
	for i, s := range l {
		m := boxOf(s)
		if m == nil {
			continue
		}
		text := strings.TrimSpace(m[4])
		if known := states[text]; len(known) > 0 {
			l[i], states[text] = m[1]+known[0]+m[3]+m[4], known[1:]
		}
	}
	return strings.Join(l, "\n")
}

// Cut shortens Markdown to at most size bytes, at the end of a line, and says so below. A
// block of code that is cut is closed. It is idempotent.
func Cut(s string, size int) string {
	if len(s) <= size {
		return s
	}
	size -= len(cutNote) + maxFence + 1
	for size > 0 && s[size] != '\n' {
		size--
	}
	head, fence := s[:max(size, 0)], ""
	for _, l := range strings.Split(head, "\n") {
		switch open := fenceOf(l); {
		case fence != "" && closes(l, fence):
			fence = ""
		case fence == "" && len(open) <= maxFence:
			fence = open
		}
	}
	if fence != "" {
		head += "\n" + fence
	}
	return head + cutNote
}

// maxFence bounds the line that closes a block of code which is cut.
const maxFence = 20
