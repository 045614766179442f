package record

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/civil"
)

// quickEvent has every field set that a renaming can have.
func quickEvent() Event {
	return Event{V: Version, At: time.Date(2026, 5, 4, 9, 0, 0, 5, time.UTC), Key: "acme/vcio/2026/audit", Verb: Renamed, Number: 12,
		Run: "901/2", Nonce: "n1", Owner: "role:support", Due: civil.Date(20_000), Reason: "moved & <done>", From: "acme/vcio/2026/check"}
}

func TestQuickReadsWhatEncodeWrites(t *testing.T) {
	opened := quickEvent()
	opened.Verb, opened.From, opened.Parent = Opened, "", 7
	commanded := quickEvent()
	commanded.Verb, commanded.From = Commanded, ""
	commanded.Comment, commanded.Command, commanded.Arg, commanded.By, commanded.Role, commanded.Of = "77", "approve", "now", "dana", "vcio", "0123456789ab"
	invited := opened
	invited.Verb, invited.Parent, invited.Notice = Notified, 0, "invite/3/2026-05-01/staff-mail"
	invited.UID, invited.Sequence, invited.When, invited.To, invited.Spec = "acme.vcio.2026.audit@northwind", 3, "20260501/20260502", "dana,marcus", "1f"
	for _, e := range []Event{quickEvent(), opened, commanded, invited} {
		line, err := Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := quick(string(line))
		if diff := cmp.Diff(e, got); !ok || diff != "" {
			t.Errorf("%s: %t %s", line, ok, diff)
		}
	}
}

func TestQuickLeavesTheRest(t *testing.T) {
	const rest = `"at":"2026-05-04T09:00:00Z","k":"acme/vcio/2026/audit","e":"done"`
	if _, ok := quick(`{"v":1,` + rest + `}`); !ok {
		t.Fatal("a plain line is not read")
	}
	for _, line := range []string{
		"", "{", "{}", "null", `{"v":1,` + rest, `{"v":1,` + rest + `,}`, `{"v":1,` + rest + `}}`, `{"v":1,` + rest + `} `,
		`{"v":01,` + rest + `}`, `{"v":-1,` + rest + `}`, `{"v":1.0,` + rest + `}`, `{"v":2,` + rest + `}`, `{"v":"1",` + rest + `}`,
		`{"v":1,"v":1,` + rest + `}`, `{"V":1,` + rest + `}`, `{"v":1,"x":1,` + rest + `}`, `{"v":1,"n":12345678901,` + rest + `}`,
		`{"v":1,"run":"a\u0041",` + rest + `}`, `{"v":1,"run":"ä",` + rest + `}`, `{"v":1,"run":1,` + rest + `}`, `{"v":1,"due":"soon",` + rest + `}`,
	} {
		if e, ok := quick(line); ok {
			t.Errorf("%s is read as %+v", line, e)
		}
	}
}

// FuzzQuick holds the quick way against the long one.
func FuzzQuick(f *testing.F) {
	line, err := Encode(quickEvent())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(line))
	f.Add(`{"v":1,"at":"2026-05-04T09:00:00+02:00","k":"a/b/c/d","e":"opened","n":0,"due":"","nonce":"</>"}`)
	f.Add(`{"v":1,"at":"2026-05-04T09:00:00Z","k":"a/b/c/d","e":"opened","n":12,"parent":7}`)
	f.Add(`{"v":1,"at":"2026-05-04T09:00:00Z","k":"a/b/c/d","e":"commanded","comment":"77","cmd":"approve","arg":"x","by":"dana","role":"vcio","of":"0123456789ab"}`)
	f.Add(`{"v":1,"at":"2026-05-04T09:00:00Z","k":"a/b/t12/whole-run","e":"started","n":12,"due":"2026-05-04"}`)
	f.Fuzz(func(t *testing.T, line string) {
		got, ok := quick(line)
		if !ok {
			return
		}
		want, err := decode([]byte(line))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", line, err, diff)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	line, err := Encode(quickEvent())
	if err != nil {
		b.Fatal(err)
	}
	text := string(line)
	b.Run("quick", func(b *testing.B) {
		for b.Loop() {
			if _, err := Decode(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("long", func(b *testing.B) {
		for b.Loop() {
			if _, err := decode(line); err != nil {
				b.Fatal(err)
			}
		}
	})
}
