package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrNewer says that an event was written by a later version of the tool. Who meets it may
// show what it could read, and must not write.
var ErrNewer = errors.New("written by a newer version of almanac: update almanac before it writes here")

// Verbs returns every verb, in the order of an issue's life.
func Verbs() []Verb {
	return []Verb{IntendCreate, Opened, Adopted, Updated, IntendClose, Closed, Done, Skipped, Lost,
		IntendNotify, Notified, Released, Renamed, Commanded, IntendAnswer, Answered, Started, Decided}
}

// File returns the path of a client's events within the ledger.
func File(client string) string { return "v1/" + client + ".jsonl" }

// Client returns the id of the client that a key belongs to: its first part.
func Client(key string) string {
	client, _, _ := strings.Cut(key, "/")
	return client
}

// Encode returns the event as one line of JSON that ends in a line feed. The time is
// written in UTC. An event that Decode would refuse is an error.
func Encode(e Event) ([]byte, error) {
	e.At = e.At.UTC()
	if err := check(&e); err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	return b.Bytes(), nil
}

// Decode reads one line as Encode writes it, with or without the line feed. It is strict,
// because a guess about what was done would be acted upon: an unknown field, an unknown
// verb and anything after the object are errors. An event of a greater version gives an
// error that wraps ErrNewer. The texts of the event are parts of the line, so that what is
// kept of a file holds on to one text and not to one for each line.
func Decode(line string) (Event, error) {
	if e, ok := quick(line); ok {
		return e, nil
	}
	return decode([]byte(line))
}

// decode is Decode for any line.
func decode(line []byte) (Event, error) {
	var head struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return Event{}, fmt.Errorf("not an event: %w", err)
	}
	if head.V > Version {
		return Event{}, fmt.Errorf("version %d of the event: %w", head.V, ErrNewer)
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	var e Event
	if err := dec.Decode(&e); err != nil {
		return Event{}, fmt.Errorf("not an event: %w", err)
	}
	e.At = e.At.UTC()
	if err := check(&e); err != nil {
		return Event{}, err
	}
	return e, nil
}

// check says what is wrong with an event, apart from its form.
func check(e *Event) error {
	switch {
	case e.V != Version:
		return fmt.Errorf("version %d of the event: expected %d", e.V, Version)
	case !slices.Contains(Verbs(), e.Verb):
		return fmt.Errorf("unknown verb %q", e.Verb)
	case !isKey(e.Key):
		return fmt.Errorf("%q is not a key", e.Key)
	case (e.Verb == Renamed) != (e.From != ""), e.From != "" && !isKey(e.From):
		return fmt.Errorf("%q is not the former key of a %s event", e.From, e.Verb)
	case (e.Verb == IntendNotify || e.Verb == Notified) != (e.Notice != ""):
		return fmt.Errorf("notice %q on a %s event", e.Notice, e.Verb)
	case e.UID == "" && (e.Sequence != 0 || e.When != "" || e.To != "" || e.Spec != ""):
		return errors.New("an invitation has no UID")
	case e.UID != "" && e.Verb != IntendNotify && e.Verb != Notified:
		return fmt.Errorf("an invitation on the event %s", e.Verb)
	case e.Sequence < 0:
		return fmt.Errorf("%d is not the sequence of an invitation", e.Sequence)
	case e.Verb == Released && e.Nonce == "":
		return errors.New("a released event names no claim")
	case e.Number < 0:
		return fmt.Errorf("%d is not the number of an issue", e.Number)
	case e.Parent < 0, e.Parent > 0 && e.Verb != Opened && e.Verb != Adopted && e.Verb != Updated:
		return fmt.Errorf("parent %d on a %s event", e.Parent, e.Verb)
	case e.At.Year() < 1 || e.At.Year() > 9998:
		return fmt.Errorf("%s is not the time of an event", e.At)
	}
	return checkPeople(e)
}

// MaxReason is the greatest length, in characters, of what is kept of a command's text.
const MaxReason = 200

// checkPeople says what is wrong with what an event tells of people and their commands.
func checkPeople(e *Event) error {
	commanded, done := e.Verb == Commanded, e.Verb == Done
	switch {
	case (commanded || e.Verb == Answered || e.Verb == IntendAnswer) != (e.Comment != ""):
		return fmt.Errorf("comment %q on a %s event", e.Comment, e.Verb)
	case commanded != (e.Command != ""), strings.Trim(e.Command, "abcdefghijklmnopqrstuvwxyz") != "":
		return fmt.Errorf("command %q on a %s event", e.Command, e.Verb)
	case commanded && e.By == "", e.By != "" && !commanded && !done && e.Verb != Skipped && e.Verb != Started:
		return fmt.Errorf("person %q on a %s event", e.By, e.Verb)
	case e.Verb == Decided && e.Arg == "":
		return errors.New("a decision without an answer")
	case (e.Arg != "" && e.Verb != Decided || e.Of != "") && !commanded && !done:
		return fmt.Errorf("argument %q and hash %q on a %s event", e.Arg, e.Of, e.Verb)
	case e.Role != "" && !commanded:
		return fmt.Errorf("role %q on a %s event", e.Role, e.Verb)
	case e.Of != "" && !isHash(e.Of):
		return fmt.Errorf("%q is not a hash: expected 12 hexadecimal digits", e.Of)
	case e.Verb == Started && (e.Number == 0 || !strings.HasSuffix(e.Key, "/whole-run")):
		return fmt.Errorf("issue %d started %s: expected the number of an issue and the key of a whole run", e.Number, e.Key)
	case commanded && (utf8.RuneCountInString(e.Reason) > MaxReason || strings.ContainsAny(e.Reason, "\r\n")):
		return fmt.Errorf("the text of a command is longer than a line of %d characters", MaxReason)
	}
	return nil
}

func isHash(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789abcdef") == "" }

// isKey reports whether s has the alphabet and the number of parts of a key. Whether its
// parts are ids is the business of package issue.
func isKey(s string) bool {
	slashes := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '/':
			if i == 0 || s[i-1] == '/' {
				return false
			}
			slashes++
		case (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-':
			return false
		}
	}
	return (slashes == 3 || slashes == 4) && s[len(s)-1] != '/'
}
