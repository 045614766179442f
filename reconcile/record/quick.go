package record

import (
	"strconv"
	"strings"
)

// quick reads a line in the very form that Encode gives it: no space, no escapes, ASCII,
// known fields, each once. It reports false for anything else, whatever is the matter with
// it, and the line is then read the long way. A ledger of 10,000 clients has 150,000 lines
// a year, and encoding/json takes seven times as long for each.
func quick(line string) (e Event, ok bool) {
	s, opens := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "{")
	seen := 0
	for opens {
		var name, value string
		if name, s, ok = quoted(s); !ok || !strings.HasPrefix(s, ":") {
			return Event{}, false
		}
		bit, isText := slot(name)
		if bit == 0 || seen&bit != 0 {
			return Event{}, false
		}
		seen |= bit
		if value, s, ok = plain(s[1:], isText); !ok || !e.set(name, value) {
			return Event{}, false
		}
		switch {
		case s == "}":
			return e, check(e) == nil
		case strings.HasPrefix(s, ","):
			s = s[1:]
		default:
			return Event{}, false
		}
	}
	return Event{}, false
}

// plain cuts a value off: a text, or else a number.
func plain(s string, isText bool) (value, rest string, ok bool) {
	if isText {
		return quoted(s)
	}
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	// JSON has no leading zeros; more digits than nine are left to the long way.
	return s[:i], s[i:], i > 0 && i < 10 && (s[0] != '0' || i == 1)
}

// quoted cuts off a text of printable ASCII without escapes.
func quoted(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[1:i], s[i+1:], true
		case c < ' ' || c >= 0x7f || c == '\\':
			return "", "", false
		}
	}
	return "", "", false
}

// text returns where a field of text is kept.
func (e *Event) text(name string) *string {
	switch name {
	case "k":
		return &e.Key
	case "e":
		return (*string)(&e.Verb)
	case "run":
		return &e.Run
	case "nonce":
		return &e.Nonce
	case "owner":
		return &e.Owner
	case "notice":
		return &e.Notice
	case "reason":
		return &e.Reason
	case "from":
		return &e.From
	case "comment":
		return &e.Comment
	case "cmd":
		return &e.Command
	case "arg":
		return &e.Arg
	case "by":
		return &e.By
	case "role":
		return &e.Role
	case "of":
		return &e.Of
	case "uid":
		return &e.UID
	case "when":
		return &e.When
	case "to":
		return &e.To
	case "spec":
		return &e.Spec
	}
	return nil
}

// slot returns a bit for each field, 0 for an unknown one, and whether it is text.
func slot(name string) (bit int, isText bool) {
	for i, n := range [...]string{"v", "n", "parent", "seq", "at", "k", "e", "run", "nonce", "owner", "due", "notice", "reason", "from",
		"comment", "cmd", "arg", "by", "role", "of", "uid", "when", "to", "spec"} {
		if n == name {
			return 1 << i, i > 3
		}
	}
	return 0, false
}

// set gives a field its value.
func (e *Event) set(name, value string) bool {
	var err error
	switch name {
	case "v":
		e.V, err = strconv.Atoi(value)
	case "n":
		e.Number, err = strconv.Atoi(value)
	case "parent":
		e.Parent, err = strconv.Atoi(value)
	case "seq":
		e.Sequence, err = strconv.Atoi(value)
	case "at":
		err = e.At.UnmarshalText([]byte(value))
		e.At = e.At.UTC()
	case "due":
		err = e.Due.UnmarshalText([]byte(value))
	default:
		*e.text(name) = value
	}
	return err == nil
}
