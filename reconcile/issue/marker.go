package issue

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	markerStart = "<!-- almanac:v1 "
	commentEnd  = " -->"
	// maxMarker bounds what is looked at; a real marker is far shorter.
	maxMarker = 500
)

// Marker is the last line of the body of an issue of ours. It is invisible on the forge
// and says which occurrence the issue stands for. Its alphabet cannot end the comment that
// it stands in, and nothing that a person wrote ever gets into it.
type Marker struct {
	Key Key
	// Installation is the id of the organization. Issues of another one are not touched.
	Installation string
	// Spec is the fingerprint of the region that was written, eight hexadecimal digits; it
	// may be empty.
	Spec string
}

// String returns the marker as it stands in the body.
func (m Marker) String() string {
	s := markerStart + "k=" + m.Key.String() + " i=" + m.Installation
	if m.Spec != "" {
		s += " s=" + m.Spec
	}
	return s + commentEnd
}

// ParseMarker returns the last marker in a body: a whole line, with nothing but space
// around it. A marker within a line of text is none. It reports false where there is no
// valid one.
func ParseMarker(body string) (m Marker, ok bool) {
	for i := len(body); i >= 0; {
		body = body[:i]
		i = strings.LastIndexByte(body, '\n')
		if m, ok = markerOf(body[i+1:]); ok {
			return m, true
		}
	}
	return Marker{}, false
}

// markerOf reads one line. Fields that this version does not know are passed over.
func markerOf(line string) (Marker, bool) {
	line = strings.Trim(line, " \t\r")
	fields, isMarker := strings.CutPrefix(line, markerStart)
	fields, ends := strings.CutSuffix(fields, commentEnd)
	if !isMarker || !ends || len(line) > maxMarker {
		return Marker{}, false
	}
	values := make(map[string]string, 4)
	for f := range strings.SplitSeq(fields, " ") {
		name, value, ok := strings.Cut(f, "=")
		if _, twice := values[name]; !ok || twice || strings.Trim(value, markerAlphabet) != "" {
			return Marker{}, false
		}
		values[name] = value
	}
	key, err := ParseKey(values["k"])
	m := Marker{Key: key, Installation: values["i"], Spec: values["s"]}
	return m, err == nil && isID(m.Installation) && (m.Spec == "" || isSpec(m.Spec))
}

const markerAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789=./_-"

// Spec returns the fingerprint of what is Steady in a region: the first eight hexadecimal
// digits of its SHA-256.
func Spec(region string) string {
	sum := sha256.Sum256([]byte(Steady(region)))
	return hex.EncodeToString(sum[:4])
}

func isSpec(s string) bool { return len(s) == 8 && strings.Trim(s, "0123456789abcdef") == "" }
