package calendar

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones, whatever the machine has

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/calendar/icslint"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/load"
)

var update = flag.Bool("update", false, "rewrite golden files")

// commit is when every file was last changed.
var commit = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// inputs reads a repository as on a day.
func inputs(t testing.TB, files fs.FS, day string) Inputs {
	t.Helper()
	loaded, err := load.Load(t.Context(), files, load.Options{})
	if err != nil || len(loaded.Faults) > 0 {
		t.Fatal(err, loaded.Faults)
	}
	today := civil.MustParse(day)
	engine, err := due.New(loaded.Catalog, due.Options{AsOf: today})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(loaded.Catalog.Organization.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	return Inputs{
		Catalog: loaded.Catalog, Engine: engine, Today: today, Now: today.Time().Add(17 * time.Hour), Zone: zone,
		Committed: func(string) time.Time { return commit },
		Frozen:    func(string) bool { return false },
		Link:      func(o *due.Occurrence, n int) string { return "https://forge.example/" + o.Source.File },
		Before:    func(string) []byte { return nil },
	}
}

// write returns the text of every feed by name, after the linter has seen it.
func write(t testing.TB, in Inputs) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, f := range Make(in) {
		text, err := f.Text()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range icslint.Lint(text) {
			t.Errorf("%s:%s", f.Name, p)
		}
		texts[f.Name] = string(text)
	}
	return texts
}

// after makes the feeds that were written the ones from before.
func after(in Inputs, texts map[string]string) Inputs {
	in.Before = func(name string) []byte {
		if s, ok := texts[name]; ok {
			return []byte(s)
		}
		return nil
	}
	return in
}

// TestGolden holds the feeds of the example and of names that are hard to write.
func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		name, dir, day string
		details        bool
		feeds          []string
	}{
		{"example", "../../examples/northwind", "2026-04-13", false, []string{"all.ics", "person/dana.ics", "client/acme-dental.ics", "client/delmar-freight.ics", "role/support.ics"}},
		{"difficult", "testdata/difficult", "2026-03-02", false, []string{"all.ics", "person/pat.ics", "client/emoji.ics", "role/vcio.ics"}},
		{"details", "testdata/difficult", "2026-03-02", true, []string{"client/obrien.ics"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := inputs(t, os.DirFS(tt.dir), tt.day)
			in.Details = tt.details
			got := write(t, in)
			for _, name := range tt.feeds {
				golden(t, filepath.Join("testdata", "golden", tt.name, filepath.FromSlash(name)), got[name])
			}
			if diff := cmp.Diff(got, write(t, in)); diff != "" {
				t.Errorf("a second run differs:\n%s", diff)
			}
			later := in
			later.Now = in.Now.Add(time.Hour)
			if diff := cmp.Diff(got, write(t, after(later, got))); diff != "" {
				t.Errorf("a run on top of the first differs:\n%s", diff)
			}
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", file, diff)
	}
}

// find returns the event of a key in a feed.
func find(t *testing.T, text, key string) event {
	t.Helper()
	e, ok := read([]byte(text), "northwind")[meeting.UID(key, "northwind")]
	if !ok {
		t.Fatalf("no event %s in\n%s", key, text)
	}
	return e
}

func has(text, key string) bool {
	_, ok := read([]byte(text), "northwind")[meeting.UID(key, "northwind")]
	return ok
}

func TestWhatIsPublic(t *testing.T) {
	got := write(t, inputs(t, os.DirFS("testdata/difficult"), "2026-03-02"))
	for name, text := range got {
		for _, word := range []string{"DESCRIPTION", "mailto", "northwind.example", "ATTENDEE", "ORGANIZER", "forge.example", "merged"} {
			if strings.Contains(text, word) {
				t.Errorf("%s holds %s", name, word)
			}
		}
	}
	if has(got["client/obrien.ics"], "obrien/year/2026/within") {
		t.Error("the client's feed has a step that is for staff only")
	}
	if !has(got["person/zoe.ics"], "obrien/year/2026/within") || !has(got["all.ics"], "obrien/year/2026/within") {
		t.Error("the step for staff is in no feed of staff")
	}
}

// TestMove: a moved occurrence is the same event with a greater number, in the feeds where
// it is; all others keep their bytes.
func TestMove(t *testing.T) {
	in := inputs(t, os.DirFS("testdata/difficult"), "2026-03-02")
	first := write(t, in)
	const key = "obrien/year/2026/noon"
	moved := after(inputs(t, edited(t, "at: \"12:00\"", "at: \"13:15\""), "2026-03-02"), first)
	second := write(t, moved)
	was, now := find(t, first[All], key), find(t, second[All], key)
	if now.Start != "20260311T171500Z" || now.Sequence <= was.Sequence || !now.Stamp.After(was.Stamp) {
		t.Errorf("moved from %+v to %+v", was, now)
	}
	const other = "obrien/year/2026/night"
	if a, b := find(t, first[All], other), find(t, second[All], other); a != b {
		t.Errorf("%+v became %+v", a, b)
	}
	if diff := cmp.Diff(second, write(t, after(moved, second))); diff != "" {
		t.Errorf("it does not come to rest:\n%s", diff)
	}
}

// TestCalledOff: what is gone from the files stays for thirty days as cancelled, in the feeds
// where it was.
func TestCalledOff(t *testing.T) {
	first := write(t, inputs(t, os.DirFS("testdata/difficult"), "2026-03-02"))
	without := edited(t, "  - {id: noon,", "  - {id: afternoon,")
	const key = "obrien/year/2026/noon"
	in := after(inputs(t, without, "2026-03-02"), first)
	second := write(t, in)
	for _, name := range []string{All, "client/obrien.ics", "person/pat.ics", "role/vcio.ics", "role/support.ics"} {
		if e := find(t, second[name], key); !e.Cancelled || !strings.Contains(second[name], "SUMMARY:Cancelled: ") {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if has(second["client/emoji.ics"], key) {
		t.Error("it came into a feed where it was not")
	}
	for day, want := range map[string]bool{"2026-04-01": true, "2026-04-02": false} {
		in := after(inputs(t, without, day), second)
		in.Now = civil.MustParse(day).Time().Add(16 * time.Hour)
		if day == "2026-04-02" {
			in.Now = in.Now.Add(2 * time.Hour)
		}
		if got := has(write(t, in)[All], key); got != want {
			t.Errorf("on %s it is there: %t", day, got)
		}
	}
}

// TestRename: a step under its new id is no cancelled step under the old one.
func TestRename(t *testing.T) {
	first := write(t, inputs(t, os.DirFS("testdata/difficult"), "2026-03-02"))
	renamed := edited(t, "  - {id: noon,", "  - {id: midday, previously: [noon],")
	got := write(t, after(inputs(t, renamed, "2026-03-02"), first))[All]
	if has(got, "obrien/year/2026/noon") || !has(got, "obrien/year/2026/midday") {
		t.Error(got)
	}
}

// TestFrozen: the events of a client whose files are faulty stay as they were.
func TestFrozen(t *testing.T) {
	first := write(t, inputs(t, os.DirFS("testdata/difficult"), "2026-03-02"))
	in := after(inputs(t, edited(t, "  - {id: noon,", "  - {id: afternoon,"), "2026-03-02"), first)
	in.Frozen = func(id string) bool { return id == "obrien" }
	second := write(t, in)
	if diff := cmp.Diff(first["client/obrien.ics"], second["client/obrien.ics"]); diff != "" {
		t.Errorf("the client's feed changed:\n%s", diff)
	}
	if e := find(t, second[All], "emoji/year/2026/noon"); !e.Cancelled {
		t.Errorf("the other client stayed too: %+v", e)
	}
	in.Before = func(string) []byte { return nil }
	if !has(write(t, in)[All], "obrien/year/2026/afternoon") {
		t.Error("without feeds from before a frozen client has no events at all")
	}
}

// TestLedger: what a person skipped is called off; a change in the ledger dates the event.
func TestLedger(t *testing.T) {
	in := inputs(t, os.DirFS("testdata/difficult"), "2026-03-02")
	at := time.Date(2026, 3, 2, 8, 30, 5, 0, time.UTC)
	const skipped, moved, gone = "obrien/year/2026/noon", "obrien/year/2026/night", "obrien/year/2026/no-more"
	in.Events = []record.Event{
		{At: at, Key: skipped, Verb: record.Skipped}, {At: at, Key: moved, Verb: record.Updated},
		{At: at.Add(time.Hour), Key: moved, Verb: record.Notified},
	}
	in.Entries = record.Entries{
		skipped: {Key: skipped, State: record.Ended, Outcome: record.Skipped, EndedAt: at},
		gone:    {Key: gone, State: record.Ended, Outcome: record.Closed, EndedAt: at, Due: civil.MustParse("2026-03-20"), Owner: "pat"},
	}
	got := write(t, in)
	if e := find(t, got[All], skipped); !e.Cancelled || !e.Stamp.Equal(at) {
		t.Errorf("skipped: %+v", e)
	}
	if e := find(t, got[All], moved); !e.Stamp.Equal(at) || e.Sequence != meeting.Sequence(at) {
		t.Errorf("updated: %+v", e)
	}
	if e := find(t, got["person/pat.ics"], gone); !e.Cancelled || e.Start != "20260320" || !strings.HasSuffix(e.Summary, ": no more") {
		t.Errorf("gone: %+v", e)
	}
	if e := find(t, got[All], "obrien/year/2026/long"); !e.Stamp.Equal(commit) {
		t.Errorf("untouched: %+v", e)
	}
}

// edited is the difficult repository with one text for another in its template.
func edited(t *testing.T, old, new string) fs.FS {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/difficult")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "year.yaml")
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%q is not in the template: %v", old, err)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), old, new)), 0o666); err != nil {
		t.Fatal(err)
	}
	return os.DirFS(dir)
}

// TestEveryFeed: everybody and everything has one, and Make sorts them.
func TestEveryFeed(t *testing.T) {
	var names []string
	for _, f := range Make(inputs(t, os.DirFS("testdata/difficult"), "2026-03-02")) {
		names = append(names, f.Name)
	}
	want := []string{"all.ics", "client/emoji.ics", "client/obrien.ics", "person/pat.ics", "person/zoe.ics", "role/support.ics", "role/vcio.ics"}
	if !slices.Equal(names, want) {
		t.Errorf("feeds %q, want %q", names, want)
	}
}

// TestOrder: the order of what the ledger holds makes no difference, and no feed holds an
// event twice, whatever else its people do in a step.
func TestOrder(t *testing.T) {
	in := inputs(t, edited(t, "owner: vcio, with: [support]", "owner: vcio, with: [vcio, \"@pat\", support]"), "2026-03-02")
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	in.Entries = record.Entries{}
	for i, step := range []string{"noon", "long", "gone-one", "gone-two", "gone-three"} {
		key := "obrien/year/2026/" + step
		at := at.Add(time.Duration(i) * time.Minute)
		in.Entries[key] = &record.Entry{Key: key, State: record.Ended, Outcome: record.Closed, EndedAt: at, Due: civil.MustParse("2026-03-20"), Owner: "role:vcio"}
		in.Events = append(in.Events, record.Event{At: at, Key: key, Verb: record.Closed}, record.Event{At: at.Add(-time.Hour), Key: key, Verb: record.Opened})
	}
	first := write(t, in)
	if n := strings.Count(first["role/vcio.ics"], "Cancelled: "); n != 3+1 {
		t.Errorf("%d events are called off in the feed of the role, want the three that are gone and the exception", n)
	}
	slices.Reverse(in.Events)
	if diff := cmp.Diff(first, write(t, in)); diff != "" {
		t.Errorf("the order of events matters:\n%s", diff)
	}
}
