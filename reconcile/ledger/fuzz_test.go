package ledger

import (
	"slices"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/record"
)

// FuzzParse reads any file: no panic, and an event that is added is read after all others.
func FuzzParse(f *testing.F) {
	line, err := record.Encode(crashEvent("acme", "audit"))
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "\n\n", string(line), string(line[:len(line)-1]), string(line) + "<<<<<<<\n", `{"v":7}`, "\xff\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before, old := parse("acme", string(text), nil)
		after, all := parse("acme", string(added(text, line)), nil)
		if want := append(old, crashEvent("acme", "audit")); !slices.Equal(all, want) || after.events != before.events+1 {
			t.Errorf("%q: events %v, want %v", text, all, want)
		}
		if (before.damage == nil) != (after.damage == nil) || len(before.faults) != len(after.faults) {
			t.Errorf("%q: damage %v became %v", text, before.damage, after.damage)
		}
		if appended(text, added(text, line)) != 0 {
			t.Errorf("%q: an addition is told as a change", text)
		}
	})
}

// FuzzMeta reads any meta.json: no panic, and what is read is written the same.
func FuzzMeta(f *testing.F) {
	for _, s := range []string{`{"schema":1,"installation":"northwind","heartbeat":"2026-05-04T09:00:00Z"}`, `{"schema":2}`, `{"Schema":1}`, "null", "[]", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseMeta(text)
		if err != nil {
			return
		}
		again, err := parseMeta(m.text())
		if err != nil || !again.Heartbeat.Equal(m.Heartbeat) || again.Schema != m.Schema || again.Installation != m.Installation {
			t.Errorf("%q: %+v became %+v, %v", text, m, again, err)
		}
	})
}
