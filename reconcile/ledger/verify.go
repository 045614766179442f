package ledger

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
)

// present returns what is wrong with content as it is, whatever was before.
func (r *reader) present(c content) ([]Problem, error) {
	if c.head == "" {
		return nil, nil
	}
	var found []Problem
	if c.meta == nil {
		found = append(found, Problem{File: metaFile, Text: "missing, although there are events: put back the file of an earlier version"})
	} else if m, err := parseMeta(c.meta); err != nil {
		found = append(found, Problem{File: metaFile, Text: err.Error()})
	} else if m.Installation == "" {
		found = append(found, Problem{File: metaFile, Text: "names no installation"})
	}
	if err := r.learn(c.files); err != nil {
		return nil, err
	}
	for _, client := range slices.Sorted(maps.Keys(c.files)) {
		found = append(found, r.known[client].faults...)
	}
	return found, nil
}

// continued returns what is wrong with meta.json following an older one. One that cannot be
// read is left to present.
func continued(old, text []byte) []string {
	if text == nil {
		return []string{"was deleted"}
	}
	was, err := parseMeta(old)
	if err != nil {
		return nil
	}
	now, err := parseMeta(text)
	if err != nil {
		return nil
	}
	var wrong []string
	if now.Schema < was.Schema {
		wrong = append(wrong, fmt.Sprintf("the schema went back from %d to %d", was.Schema, now.Schema))
	}
	if was.Installation != "" && now.Installation != was.Installation {
		wrong = append(wrong, fmt.Sprintf("the installation changed from %q to %q", was.Installation, now.Installation))
	}
	if now.Heartbeat.Before(was.Heartbeat) {
		wrong = append(wrong, "the heartbeat went back")
	}
	return wrong
}

// appended returns the first line, from 1, at which a file does not go on from what it said
// before; 0 when it only grew.
func appended(old, text []byte) int {
	if bytes.Equal(old, text) || bytes.HasPrefix(text, added(old, nil)) {
		return 0
	}
	line := 1
	for i := range min(len(old), len(text)) {
		if old[i] != text[i] {
			break
		}
		if old[i] == '\n' {
			line++
		}
	}
	return line
}

// count is the message of a step that has none.
func count(n int) string {
	if n == 1 {
		return "record 1 event"
	}
	return fmt.Sprintf("record %d events", n)
}
