package node

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/schema/diag"
)

var bom = []byte("\xef\xbb\xbf")

// checkText looks at a file before it is parsed. It reports every character that has no
// place in it, each kind once, and whether the text can be parsed at all with lines that
// count as an editor counts them.
func checkText(src []byte) (faults diag.List, usable bool) {
	if d, bad := checkWhole(src); bad {
		return diag.List{d}, false
	}
	s := scan{line: 1, column: 1, seen: map[rune]int{}, usable: true}
	src = bytes.TrimPrefix(src, bom)
	for i := 0; i < len(src); {
		if b := src[i]; b >= ' ' && b < 0x7f {
			s.column++
			i++
			continue
		}
		i += s.step(src[i:])
	}
	return s.faults, s.usable
}

// checkWhole finds what spoils a file altogether.
func checkWhole(src []byte) (diag.Diagnostic, bool) {
	switch {
	case len(src) > MaxBytes:
		return diag.Diagnostic{Rule: "yaml/size",
			Message: fmt.Sprintf("the file has %d bytes; at most %d (1 MiB) are read", len(src), MaxBytes),
			Hint:    "split it into several files"}, true
	case bytes.HasPrefix(src, []byte{0xff, 0xfe}), bytes.HasPrefix(src, []byte{0xfe, 0xff}), looksWide(src):
		return diag.Diagnostic{Rule: "yaml/encoding", Line: 1, Column: 1,
			Message: "the file is saved as UTF-16; expected UTF-8",
			Hint:    "save it again with the encoding UTF-8"}, true
	}
	return diag.Diagnostic{}, false
}

// looksWide reports whether text is UTF-16 without a byte order mark: of its first two
// bytes exactly one is zero.
func looksWide(src []byte) bool {
	return len(src) >= 4 && (src[0] == 0) != (src[1] == 0) && (src[2] == 0) != (src[3] == 0)
}

// scan is the state of checkText.
type scan struct {
	line, column int
	faults       diag.List
	seen         map[rune]int
	usable       bool
}

// step handles a character outside printable ASCII and returns its size.
func (s *scan) step(src []byte) int {
	r, size := utf8.DecodeRune(src)
	switch {
	case r == '\n':
		s.line, s.column = s.line+1, 1
		return size
	case r == '\r' && len(src) > 1 && src[1] == '\n':
		s.line, s.column = s.line+1, 1
		return 2
	case r == '\t':
	case r == utf8.RuneError && size <= 1:
		s.usable = false
		s.report(-1, "yaml/encoding", fmt.Sprintf("the byte 0x%02x is not valid UTF-8", src[0]),
			"save the file again with the encoding UTF-8")
	case r == '\r':
		s.usable = false
		s.report(r, "yaml/line-ending", "the line ends in a carriage return alone",
			"save the file with line endings LF (Unix) or CRLF (Windows)")
	case r == bomRune:
		// At the start the library takes it for one more mark, and counts its bytes.
		s.usable = s.usable && (s.line > 1 || s.column > 1)
		s.report(r, "yaml/character", "a byte order mark (U+FEFF) stands inside the text", "delete it; it is only allowed at the very start")
	default:
		if name, fatal := unwanted(r); name != "" {
			s.usable = s.usable && !fatal
			s.report(r, "yaml/character", fmt.Sprintf("the text holds an invisible character: %s (U+%04X)", name, r),
				"delete it; it may make the file read differently from what it says")
		}
	}
	s.column++
	return size
}

// report adds a fault for the first character of a kind.
func (s *scan) report(r rune, rule, message, hint string) {
	if s.seen[r]++; s.seen[r] > 1 {
		return
	}
	s.faults = append(s.faults, diag.Diagnostic{Line: s.line, Column: s.column, EndColumn: s.column + 1,
		Rule: rule, Message: message, Hint: hint})
}

const bomRune = '\uFEFF'

// unwanted names a character that has no place in a file, and says whether the YAML
// library stumbles over it or takes it for the end of a line, which no editor does.
func unwanted(r rune) (name string, fatal bool) {
	switch {
	case r == 0:
		return "null", true
	case r == 0x1b:
		return "escape", true
	case r == 0x7f:
		return "delete", true
	case r == 0x85:
		return "next line", true
	case r < ' ', r > 0x7f && r < 0xa0:
		return "control character", true
	case r == 0x2028:
		return "line separator", true
	case r == 0x2029:
		return "paragraph separator", true
	case r == 0xfffe, r == 0xffff:
		return "not a character", true
	}
	return bidi(r), false
}

// bidi names the characters that change the direction of the text around them (Unicode
// TR 36 section 3.2): with them a line can be made to read as what it is not. The plain
// marks U+200E and U+200F only stand between characters, and names in Hebrew or Arabic
// need them.
func bidi(r rune) string {
	switch r {
	case 0x202a:
		return "left-to-right embedding"
	case 0x202b:
		return "right-to-left embedding"
	case 0x202c:
		return "pop directional formatting"
	case 0x202d:
		return "left-to-right override"
	case 0x202e:
		return "right-to-left override"
	case 0x2066:
		return "left-to-right isolate"
	case 0x2067:
		return "right-to-left isolate"
	case 0x2068:
		return "first strong isolate"
	case 0x2069:
		return "pop directional isolate"
	}
	return ""
}
