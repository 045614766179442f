package issue

import (
	"fmt"
	"strings"
)

// MaxID is the greatest length of each part of a key.
const MaxID = 40

// Key names an occurrence for ever: `client/template/cycle/step`, and `/instance` for a
// turn of a step that repeats. Every part is made of lower-case letters, digits and single
// hyphens between them, so a key can stand in a path, in a marker and in a ref as it is.
type Key struct {
	Client, Template, Cycle, Step string
	// Instance is empty for a step that does not repeat.
	Instance string
}

// ParseKey reads what String returns and nothing else.
func ParseKey(s string) (Key, error) {
	parts := strings.Split(s, "/")
	if len(parts) != 4 && len(parts) != 5 {
		return Key{}, fmt.Errorf("%q is not a key: write client/template/cycle/step, and /instance for a repeated step", s)
	}
	for _, p := range parts {
		if !isID(p) {
			return Key{}, fmt.Errorf("%q is not a key: %q is not an id (lower-case letters, digits and single hyphens, at most %d)", s, p, MaxID)
		}
	}
	k := Key{Client: parts[0], Template: parts[1], Cycle: parts[2], Step: parts[3]}
	if len(parts) == 5 {
		k.Instance = parts[4]
	}
	return k, nil
}

// String returns the parts joined by slashes.
func (k Key) String() string {
	s := k.Client + "/" + k.Template + "/" + k.Cycle + "/" + k.Step
	if k.Instance != "" {
		s += "/" + k.Instance
	}
	return s
}

// isID reports whether s matches ^[a-z0-9]+(-[a-z0-9]+)*$ and is not too long. It is
// written out because a plan checks ten thousand of them.
func isID(s string) bool {
	prev := byte('-')
	for i := range len(s) {
		c := s[i]
		if c == '-' && prev == '-' || c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
		prev = c
	}
	return prev != '-' && len(s) <= MaxID
}
