package calendar

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestShared: a meeting about several clients is in the feeds of people once, and in that of
// each client; what is not decided is in none. What is called off for one client goes on for
// the others, and one that is called off for all is called off.
func TestShared(t *testing.T) {
	files := func(first, second string) fstest.MapFS {
		client := func(id, more string) *fstest.MapFile {
			return &fstest.MapFile{Data: []byte("kind: Client\nid: " + id + "\nname: " + strings.ToUpper(id) + "\nteam: {vcio: pat}\nprocesses:\n  - {template: care, start: 2026-03-05" + more + "}\n")}
		}
		return fstest.MapFS{
			"almanac.yaml": {Data: []byte("kind: Organization\nid: northwind\nname: Northwind IT\ntimezone: UTC\nroles: [{id: vcio, title: vCIO}]\n---\nkind: Person\nid: pat\nname: Pat Example\nroles: [vcio]\n")},
			"care.yaml": {Data: []byte(`kind: Playbook
id: care
title: Extra care
steps:
  - {id: meet, title: Monday meeting, owner: vcio, issue: shared, due: next mon after start, decide: {id: goes-on, question: "Goes on?", options: [goes, stops]}}
  - {id: tell, title: Tell everybody, owner: vcio, after: [meet], when: {goes-on: [goes]}, due: 1 week after meet}
`)},
			"acme.yaml": client("acme", first), "birch.yaml": client("birch", second),
		}
	}
	const off = ", exceptions: [{step: meet, cancel: true, reason: on leave}]"
	in := inputs(t, files("", ""), "2026-03-05")
	old := write(t, in)
	has := func(feeds map[string]string, name, text string, want int) {
		t.Helper()
		if n := strings.Count(feeds[name], text); n != want {
			t.Errorf("%s has %q %d times, want %d:\n%s", name, text, n, want, feeds[name])
		}
	}
	for _, name := range []string{All, "person/pat.ics", "role/vcio.ics"} {
		has(old, name, "SUMMARY:Extra care: Monday meeting", 1)
		has(old, name, "BEGIN:VEVENT", 1)
	}
	has(old, "client/acme.ics", "SUMMARY:ACME: Monday meeting", 1)
	has(old, "client/birch.ics", "SUMMARY:BIRCH: Monday meeting", 1)
	has(old, "client/acme.ics", "Tell everybody", 0)

	again := func(fs fstest.MapFS, frozen string) map[string]string {
		next := inputs(t, fs, "2026-03-06")
		next.Before = func(name string) []byte { return []byte(old[name]) }
		next.Frozen = func(id string) bool { return id == frozen }
		return write(t, next)
	}
	same := again(files("", ""), "")
	for name := range old {
		if same[name] != old[name] {
			t.Errorf("%s changed", name)
		}
	}
	one := again(files(off, ""), "")
	has(one, "person/pat.ics", "STATUS:CANCELLED", 0)
	has(one, "client/acme.ics", "STATUS:CANCELLED", 1)
	both := again(files(off, off), "")
	has(both, "person/pat.ics", "STATUS:CANCELLED", 1)
	has(both, "client/birch.ics", "STATUS:CANCELLED", 1)
	faulty := again(files(off, ""), "birch")
	has(faulty, "person/pat.ics", "STATUS:CANCELLED", 0)
	has(faulty, "client/birch.ics", "STATUS:CONFIRMED", 1)
}
