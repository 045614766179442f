package record

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/proptest"
)

const (
	keyA = "acme/vcio/2026/audit"
	keyB = "beta/vcio/2026/audit"
)

func minute(m int) time.Time { return time.Date(2026, 5, 1, 0, m, 0, 0, time.UTC) }

// at returns an event of keyA so many minutes into a day.
func at(m int, v Verb, change ...func(*Event)) Event {
	e := Event{V: Version, At: minute(m), Key: keyA, Verb: v}
	for _, c := range change {
		c(&e)
	}
	return e
}

func number12(e *Event)           { e.Number = 12 }
func number15(e *Event)           { e.Number = 15 }
func parent3(e *Event)            { e.Parent = 3 }
func fromA(e *Event)              { e.Key, e.From = keyB, keyA }
func fromB(e *Event)              { e.Key, e.From = keyA, keyB }
func notice(e *Event)             { e.Notice = "reminder/1/2026-05-01/log" }
func given(e *Event)              { e.Owner, e.Due = "dana", civil.MustParse("2026-05-01") }
func nonce(s string) func(*Event) { return func(e *Event) { e.Nonce = s } }

const wholeRun = "acme/vcio/t12/whole-run"

func whole(e *Event) { e.Key = wholeRun }

func comment(id string) func(*Event) { return func(e *Event) { e.Comment = id } }

// says makes a command of an event.
func says(id, command, arg string) func(*Event) {
	return func(e *Event) { e.Comment, e.Command, e.Arg, e.By = id, command, arg, "dana" }
}

func answers(option string) func(*Event) { return func(e *Event) { e.Arg = option } }

func sealed(of, option string) func(*Event) { return func(e *Event) { e.Of, e.Arg = of, option } }

func pointer(e Event) *Event { return &e }

func claim(e Event) Claim { return e.Claim() }

func TestFold(t *testing.T) {
	for name, tt := range map[string]struct {
		events []Event
		want   Entries
	}{
		"nothing": {nil, Entries{}},
		"claimed": {
			[]Event{at(1, IntendCreate, nonce("a")), at(1, IntendCreate, nonce("b"))},
			Entries{keyA: {Key: keyA, State: Intent, Claim: claim(at(1, IntendCreate, nonce("b")))}},
		},
		"opened with what it was given": {
			[]Event{at(2, Opened, number12, given), at(1, IntendCreate)},
			Entries{keyA: {Key: keyA, State: IsOpen, Number: 12, Claim: claim(at(1, IntendCreate)), Owner: "dana", Due: civil.MustParse("2026-05-01")}},
		},
		"closed by a person, then otherwise": {
			[]Event{at(1, Opened, number12), at(3, Skipped, number12), at(2, Done, number12)},
			Entries{keyA: {Key: keyA, State: Ended, Outcome: Skipped, EndedAt: minute(3), Number: 12}},
		},
		"closed by us and opened again": {
			[]Event{at(1, Opened, number12), at(2, IntendClose, number12), at(3, Closed, number12), at(4, Opened, number12, given)},
			Entries{keyA: {Key: keyA, State: IsOpen, Number: 12, Owner: "dana", Due: civil.MustParse("2026-05-01")}},
		},
		"closed by a person and opened": {
			[]Event{at(1, Opened, number12), at(2, Done, number12), at(3, Opened, number12)},
			Entries{keyA: {Key: keyA, State: Ended, Outcome: Done, EndedAt: minute(2), Number: 12}},
		},
		"a duplicate that was closed does not end it": {
			[]Event{at(1, Opened, number15), at(2, Adopted, number12), at(3, IntendClose, number15), at(4, Closed, number15)},
			Entries{keyA: {Key: keyA, State: IsOpen, Number: 12}},
		},
		"lost and found under another number": {
			[]Event{at(1, Opened, number12), at(2, Lost, number12), at(3, Adopted, number15)},
			Entries{keyA: {Key: keyA, State: IsOpen, Number: 15}},
		},
		"sent counts for more than meant": {
			[]Event{at(2, IntendNotify, notice), at(1, Notified, notice)},
			Entries{keyA: {Key: keyA, Notices: map[string]Event{"reminder/1/2026-05-01/log": at(1, Notified, notice)}}},
		},
		"grouped, then edited": {
			[]Event{at(1, Opened, number12), at(2, Updated, number12, parent3), at(3, Updated, number12)},
			Entries{keyA: {Key: keyA, State: IsOpen, Number: 12, Parent: 3}},
		},
		"grouped under a number that it has no more": {
			[]Event{at(1, Opened, number12, parent3), at(2, Lost, number12), at(3, Adopted, number15)},
			Entries{keyA: {Key: keyA, State: IsOpen, Number: 15}},
		},
		"renamed": {
			[]Event{at(1, Opened, number12), at(2, Renamed, fromA)},
			Entries{keyB: {Key: keyB, State: IsOpen, Number: 12}},
		},
		"renamed there and back": {
			[]Event{at(1, Opened, number12), at(2, Renamed, fromA), at(3, Renamed, fromB), at(4, Done, number12)},
			Entries{keyA: {Key: keyA, State: Ended, Outcome: Done, EndedAt: minute(4), Number: 12}},
		},
		"the old key is used anew": {
			[]Event{at(1, Done, number12), at(2, Renamed, fromA), at(3, Opened, number15)},
			Entries{
				keyA: {Key: keyA, State: IsOpen, Number: 15},
				keyB: {Key: keyB, State: Ended, Outcome: Done, EndedAt: minute(1), Number: 12},
			},
		},
		"commands in the order of their comments, each once": {
			[]Event{at(2, Commanded, says("100", "done", "")), at(2, Commanded, says("99", "take", "")), at(3, Commanded, says("99", "release", ""))},
			Entries{keyA: {Key: keyA, Commands: []Event{at(2, Commanded, says("99", "take", "")), at(2, Commanded, says("100", "done", ""))}}},
		},
		"a command in the issue of another": {
			[]Event{at(1, Opened, number12), at(2, Commanded, number15, says("1", "note", ""))},
			Entries{keyA: {Key: keyA, State: IsOpen, Number: 12, Commands: []Event{at(2, Commanded, number15, says("1", "note", ""))}}},
		},
		"answered twice": {
			[]Event{at(2, Answered, comment("1")), at(1, Answered, comment("1")), at(1, Answered, comment("2"))},
			Entries{keyA: {Key: keyA, Answered: map[string]Event{"1": at(1, Answered, comment("1")), "2": at(1, Answered, comment("2"))}}},
		},
		"a reply is claimed, given back and claimed anew": {
			[]Event{at(1, IntendAnswer, comment("1"), nonce("a")), at(2, Released, nonce("a")), at(3, IntendAnswer, comment("2"), nonce("b")), at(4, IntendAnswer, comment("2"), nonce("c"))},
			Entries{keyA: {Key: keyA, Answering: map[string]Event{"2": at(4, IntendAnswer, comment("2"), nonce("c"))}}},
		},
		"commands follow a renaming": {
			[]Event{at(1, Commanded, says("1", "done", "")), at(1, Answered, comment("1")), at(2, Renamed, fromA)},
			Entries{keyB: {Key: keyB, Commands: []Event{at(1, Commanded, says("1", "done", ""))}, Answered: map[string]Event{"1": at(1, Answered, comment("1"))}}},
		},
		"started by an issue": {
			[]Event{at(3, Started, whole, number12), at(2, Started, whole, number12, given)},
			Entries{wholeRun: {Key: wholeRun, State: IsOpen, Number: 12, Started: pointer(at(2, Started, whole, number12, given))}},
		},
		"decided in a file, and otherwise": {
			[]Event{at(3, Decided, answers("remove")), at(1, Decided, answers("stay"))},
			Entries{keyA: {Key: keyA, Decided: pointer(at(3, Decided, answers("remove")))}},
		},
		"done as signed off": {
			[]Event{at(1, Opened, number12), at(2, Done, number12, sealed("0123456789ab", "now")), at(3, Done, number12)},
			Entries{keyA: {Key: keyA, State: Ended, Outcome: Done, EndedAt: minute(3), Number: 12, Sealed: pointer(at(2, Done, number12, sealed("0123456789ab", "now")))}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, Fold(tt.events)); d != "" {
				t.Error(d)
			}
		})
	}
}

// anyEvent draws from a small world, so that events meet.
func anyEvent() *rapid.Generator[Event] {
	return rapid.Custom(func(t *rapid.T) Event {
		e := at(rapid.IntRange(0, 5).Draw(t, "minute"), rapid.SampledFrom(Verbs()).Draw(t, "verb"))
		keys := []string{keyA, keyB, "core/vcio/2026/audit"}
		e.Key = rapid.SampledFrom(keys).Draw(t, "key")
		e.Nonce = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "nonce")
		e.Number = rapid.IntRange(0, 3).Draw(t, "number")
		if rapid.Bool().Draw(t, "given") {
			given(&e)
		}
		switch e.Verb {
		case Renamed:
			e.From = rapid.SampledFrom(keys).Draw(t, "from")
		case Opened, Adopted, Updated:
			e.Parent = rapid.IntRange(0, 2).Draw(t, "parent")
		case Released:
			e.Nonce = "a"
		case IntendNotify, Notified:
			e.Notice = rapid.SampledFrom([]string{"heads-up/1/2026-05-01/log", "heads-up/2/2026-05-01/ops"}).Draw(t, "notice")
			if rapid.Bool().Draw(t, "invites") {
				e.Notice, e.UID, e.When, e.Spec = "invite/1/2026-05-01/staff-mail", "acme.vcio.2026.audit@northwind", "20260501/20260502", "1f"
				e.Sequence, e.To = rapid.IntRange(0, 2).Draw(t, "sequence"), rapid.SampledFrom([]string{"dana", "dana,marcus"}).Draw(t, "to")
			}
		case Commanded:
			says(rapid.SampledFrom([]string{"9", "10"}).Draw(t, "comment"), rapid.SampledFrom([]string{"done", "decide"}).Draw(t, "command"), "x")(&e)
			e.Role = rapid.SampledFrom([]string{"", "vcio"}).Draw(t, "role")
		case IntendAnswer, Answered:
			e.Comment = rapid.SampledFrom([]string{"9", "10"}).Draw(t, "comment")
		case Decided:
			e.Arg = rapid.SampledFrom([]string{"stay", "remove"}).Draw(t, "answer")
		case Started:
			e.Key, e.Number, e.By = wholeRun, max(e.Number, 1), rapid.SampledFrom([]string{"", "dana"}).Draw(t, "by")
		case Done:
			e.Of = rapid.SampledFrom([]string{"", "0123456789ab", "ba9876543210"}).Draw(t, "of")
		}
		return e
	})
}

func TestFoldIgnoresOrderAndRepeats(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(anyEvent(), 0, 30).Draw(t, "events")
		want := Fold(events)
		again := slices.Clone(events)
		if len(events) > 0 {
			again = append(again, rapid.SliceOf(rapid.SampledFrom(events)).Draw(t, "repeats")...)
		}
		again = rapid.Permutation(again).Draw(t, "shuffled")
		if d := cmp.Diff(want, Fold(again)); d != "" {
			t.Error(d)
		}
	})
}

// TestReleased holds that a claim which was taken back leaves no trace, and that one of
// another run stays.
func TestReleased(t *testing.T) {
	claim := func(e *Event) { e.Nonce = "a" }
	other := func(e *Event) { e.Nonce = "b" }
	if got := Fold([]Event{at(1, Released, claim), at(0, IntendCreate, claim)})[keyA]; got.State != None || got.Claim.Verb != "" {
		t.Errorf("a released claim still holds: %+v", got)
	}
	if got := Fold([]Event{at(0, IntendCreate, claim), at(0, IntendCreate, other), at(1, Released, claim)})[keyA]; got.State != Intent || got.Claim.Nonce != "b" {
		t.Errorf("the claim of another run is gone: %+v", got)
	}
}

// TestFoldOnlyGoesOn holds the lattice: an event about the issue at hand never takes an
// occurrence back, apart from our own closing, which a later opening undoes.
func TestFoldOnlyGoesOn(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		same := func(e *Event) { e.Key, e.Number = keyA, 12 }
		var events []Event
		var before State
		for _, e := range rapid.SliceOfN(anyEvent(), 1, 20).Draw(t, "events") {
			if e.Verb == Renamed || e.Verb == Released || e.Verb == Closed {
				continue
			}
			same(&e)
			events = append(events, e)
			now := Fold(events)[keyA].State
			if now < before {
				t.Fatalf("%s took it from state %d back to %d", e.Verb, before, now)
			}
			before = now
		}
	})
}

func TestEncodeDecode(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		e := anyEvent().Draw(t, "event")
		line, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Count(line, []byte{'\n'}) != 1 || line[len(line)-1] != '\n' {
			t.Fatalf("not one line: %q", line)
		}
		back, err := Decode(string(line))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(e, back); d != "" {
			t.Error(d)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	const good = `{"v":1,"at":"2026-05-01T00:00:00Z","k":"acme/vcio/2026/audit","e":"opened","n":12}`
	if _, err := Decode(good); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ line, want string }{
		"cut off":                    {good[:40], "not an event"},
		"trailing text":              {good + "{}", "not an event"},
		"unknown field":              {strings.Replace(good, `"n"`, `"m"`, 1), "unknown field"},
		"unknown verb":               {strings.Replace(good, "opened", "opend", 1), `unknown verb "opend"`},
		"version 0":                  {strings.Replace(good, `"v":1`, `"v":0`, 1), "version 0"},
		"no key":                     {strings.Replace(good, keyA, "", 1), "not a key"},
		"key out of shape":           {strings.Replace(good, keyA, "acme/../2026/x", 1), "not a key"},
		"renamed from nothing":       {strings.Replace(good, "opened", "renamed", 1), "former key"},
		"sent without a name":        {strings.Replace(good, "opened", "notified", 1), "notice"},
		"parent of a close":          {strings.Replace(strings.Replace(good, "opened", "closed", 1), `"n":12`, `"n":12,"parent":3`, 1), "parent 3"},
		"started without issue":      {strings.Replace(good, `"e":"opened","n":12`, `"e":"started"`, 1), "issue 0 started"},
		"started no whole run":       {strings.Replace(good, "opened", "started", 1), "key of a whole run"},
		"commanded by nobody":        {strings.Replace(good, "opened", `commanded","comment":"1","cmd":"done`, 1), `person ""`},
		"commanded nothing":          {strings.Replace(good, "opened", `commanded","comment":"1","by":"dana`, 1), `command ""`},
		"commanded nowhere":          {strings.Replace(good, "opened", `commanded","by":"dana","cmd":"done`, 1), `comment ""`},
		"command of two words":       {strings.Replace(good, "opened", `commanded","comment":"1","by":"dana","cmd":"do it`, 1), `command "do it"`},
		"text of two lines":          {strings.Replace(good, "opened", `commanded","comment":"1","by":"dana","cmd":"note","reason":"a\nb`, 1), "longer than a line"},
		"text too long":              {strings.Replace(good, "opened", `commanded","comment":"1","by":"dana","cmd":"note","reason":"`+strings.Repeat("ä", 201), 1), "longer than a line"},
		"hash out of shape":          {strings.Replace(good, "opened", `commanded","comment":"1","by":"dana","cmd":"approve","of":"12`, 1), "not a hash"},
		"role on an opening":         {strings.Replace(good, "opened", `opened","role":"vcio`, 1), `role "vcio"`},
		"person on an opening":       {strings.Replace(good, "opened", `opened","by":"dana`, 1), `person "dana"`},
		"answer to nothing":          {strings.Replace(good, "opened", "answered", 1), `comment ""`},
		"argument of a close":        {strings.Replace(good, "opened", `closed","arg":"x`, 1), `argument "x"`},
		"negative number":            {strings.Replace(good, "12", "-12", 1), "not the number"},
		"no time":                    {strings.Replace(good, "2026-05-01T00:00:00Z", "yesterday", 1), "not an event"},
		"invitation of an opening":   {strings.Replace(good, `"n":12`, `"n":12,"uid":"a@b"`, 1), "invitation on the event opened"},
		"sequence of no invitation":  {strings.Replace(good, `"n":12`, `"n":12,"seq":1`, 1), "no UID"},
		"a sequence below the first": {strings.Replace(strings.Replace(good, "opened", "notified", 1), `"n":12`, `"notice":"x","uid":"a@b","seq":-1`, 1), "not the sequence"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode(tt.line)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if errors.Is(err, ErrNewer) {
				t.Errorf("%v says that the event is newer", err)
			}
		})
	}
	newer := `{"v":2,"future":true}`
	if _, err := Decode(newer); !errors.Is(err, ErrNewer) {
		t.Errorf("%v, want ErrNewer", err)
	}
}

func TestNoticeName(t *testing.T) {
	on := civil.MustParse("2026-05-01")
	if got := NoticeName("reminder", 2, on, ""); got != "reminder/2/2026-05-01/log" {
		t.Error(got)
	}
	if got := NoticeName("heads-up", 1, on, "ops"); got != "heads-up/1/2026-05-01/ops" {
		t.Error(got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"v":1,"at":"2026-05-01T00:00:00Z","k":"acme/vcio/2026/audit","e":"opened","n":12}`,
		`{"v":1,"at":"2026-05-01T00:00:00+02:00","k":"b/v/2026/a/w1-mon","e":"renamed","from":"a/v/2026/a/w1-mon"}`,
		`{"v":2}`, `{`, `null`, `{"v":1e0}`,
		`{"v":1,"at":"2026-05-01T00:00:00Z","k":"acme/care/1/decision","e":"commanded","n":12,"reason":"as agreed","comment":"77","cmd":"approve","arg":"now","by":"dana","role":"vcio","of":"0123456789ab"}`,
		`{"v":1,"at":"2026-05-01T00:00:00Z","k":"acme/care/1/decision","e":"answered","comment":"77"}`,
		`{"v":1,"at":"2026-05-01T00:00:00Z","k":"acme/tickets/t12/whole-run","e":"started","n":12,"by":"dana"}`,
		`{"v":1,"at":"0000-01-01T00:00:00Z","k":"a/b/c/d","e":"done","due":"2026-02-30"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := Decode(string(line))
		if err != nil {
			if e != (Event{}) {
				t.Errorf("an error and an event: %v", e)
			}
			return
		}
		again, err := Encode(e)
		if err != nil {
			t.Fatalf("%s decodes and does not encode: %v", line, err)
		}
		back, err := Decode(string(again))
		if err != nil || Compare(e, back) != 0 {
			t.Errorf("%v became %v (%v)", e, back, err)
		}
	})
}
