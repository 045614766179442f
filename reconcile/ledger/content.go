package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// metaFile is the file that makes a ledger one.
const metaFile = "meta.json"

// eventsDir holds the files of the clients.
const eventsDir = "v1"

// meta is the content of meta.json.
type meta struct {
	Schema       int       `json:"schema"`
	Installation string    `json:"installation"`
	Heartbeat    time.Time `json:"heartbeat,omitzero"`
	// Update names the newest update of a folder; see Dir.
	Update string `json:"update,omitempty"`
}

// parseMeta reads meta.json. A ledger without one is of the present schema, and nobody's.
func parseMeta(text []byte) (meta, error) {
	m := meta{Schema: Schema}
	if text == nil {
		return m, nil
	}
	// The version is looked at first: of a later one nothing else need be understood.
	var version struct{ Schema int }
	if err := json.Unmarshal(text, &version); err != nil {
		return meta{}, fmt.Errorf("read %s of the ledger: %w", metaFile, err)
	}
	if version.Schema > Schema {
		return meta{}, newer("the ledger is of schema", version.Schema, Schema)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return meta{}, fmt.Errorf("read %s of the ledger: %w", metaFile, err)
	}
	if m.Schema < 1 {
		return meta{}, fmt.Errorf("read %s of the ledger: schema %d, expected 1 to %d", metaFile, m.Schema, Schema)
	}
	return m, nil
}

// newer is the error about a version that this almanac does not know.
func newer(what string, got, known int) error {
	return fmt.Errorf("%s %d, and this almanac knows up to %d: %w", what, got, known, record.ErrNewer)
}

func (m meta) text() []byte {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		// Only a time outside the years 0 to 9999 gets here, and updated refuses those.
		return nil
	}
	return append(text, '\n')
}

// updated returns what meta.json says after a batch. The heartbeat never goes back.
func (m meta) updated(b reconcile.Batch) (meta, error) {
	switch {
	case m.Installation == "":
		m.Installation = b.Installation
	case b.Installation != "" && b.Installation != m.Installation:
		return meta{}, fmt.Errorf("the ledger belongs to the organization %q, not to %q: choose another ledger with --ledger", m.Installation, b.Installation)
	}
	if y := b.Heartbeat.Year(); y < 1 || y > 9998 {
		return meta{}, fmt.Errorf("%s is not the time of a heartbeat", b.Heartbeat)
	}
	if b.Heartbeat.After(m.Heartbeat) {
		m.Heartbeat = b.Heartbeat.UTC()
	}
	m.Schema = Schema
	return m, nil
}

// lines returns the lines that a batch adds to each client's file, by client.
func lines(events []record.Event) (map[string][]byte, error) {
	added := map[string][]byte{}
	for _, e := range events {
		line, err := record.Encode(e)
		if err != nil {
			return nil, err
		}
		client := record.Client(e.Key)
		if !clientID.MatchString(client) {
			return nil, fmt.Errorf("write event of %q: %q is not the id of a client", e.Key, client)
		}
		added[client] = append(added[client], line...)
	}
	return added, nil
}

// clientID holds what may stand as the name of a file.
var clientID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// clientOf returns the client whose file has this name within v1, and whether it is one of
// the ledger's at all. A name that is no id still counts: Load reports it as damaged.
func clientOf(name string) (string, bool) { return strings.CutSuffix(name, ".jsonl") }

// added returns what a file holds after lines were put to it. A last line that somebody
// left without its end is ended first.
func added(old, lines []byte) []byte {
	return slices.Concat(old, separator(old), lines)
}

// separator is what must stand between a file and the lines put to it.
func separator(old []byte) []byte {
	if len(old) > 0 && old[len(old)-1] != '\n' {
		return []byte{'\n'}
	}
	return nil
}

// parsed is what the text of one file says. The events themselves are not kept: entries are
// what nearly everybody asks for, and a year of events is eight times as large as its text.
type parsed struct {
	text string
	// events counts the lines that could be read.
	events int
	// entries are the events folded; renames tells that they may belong to other clients.
	entries []record.Entry
	renames bool
	// damage is every line that cannot be read; faults has them one by one.
	damage error
	faults []Problem
}

// parse reads a client's file. Lines that cannot be read are damage and are passed over, so
// that what is known of the client stays known while it is frozen. room is where the events
// are put meanwhile; it is returned for the next file.
func parse(client, text string, room []record.Event) (parsed, []record.Event) {
	p := parsed{text: text}
	var errs []error
	blame := func(line int, err error) {
		p.faults = append(p.faults, Problem{File: record.File(client), Line: line, Text: err.Error()})
		if line > 0 {
			err = fmt.Errorf("%s:%d: %w", record.File(client), line, err)
		}
		errs = append(errs, err)
	}
	if !clientID.MatchString(client) {
		blame(0, fmt.Errorf("%s is not named after the id of a client", record.File(client)))
	}
	room = events(client, text, room[:0], blame)
	for i := range room {
		p.renames = p.renames || room[i].Verb == record.Renamed
	}
	p.damage = errors.Join(errs...)
	p.events, p.entries = len(room), record.FoldList(room)
	return p, room
}

// events appends those in a client's file, in the order of the lines, and tells blame of
// the lines that cannot be read. Their texts are parts of that of the file.
func events(client, text string, list []record.Event, blame func(line int, err error)) []record.Event {
	for n := 1; len(text) > 0; n++ {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if len(strings.TrimSpace(line)) == 0 {
			continue
		}
		e, err := record.Decode(line)
		if err == nil && record.Client(e.Key) != client {
			err = fmt.Errorf("an event of %s stands in the file of %s", e.Key, client)
		}
		if err != nil {
			blame(n, err)
			continue
		}
		list = append(list, e)
	}
	return list
}

// nobody is told of lines that cannot be read.
func nobody(int, error) {}
