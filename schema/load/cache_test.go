package load_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

// cueShops computes three clients in two files of one package.
func cueShops(files fstest.MapFS) fstest.MapFS {
	files["clients/shops.cue"] = &fstest.MapFile{Data: []byte("package shops\n\nids: [\"mill\", \"harbour\", \"station\"]\n")}
	files["clients/juniper.cue"] = &fstest.MapFile{Data: []byte("package shops\n\nclients: [for i in ids {kind: \"Client\", id: i, name: i}]\n")}
	return files
}

// parsed loads and returns how many files were parsed; the result must be as without a cache.
func parsed(t *testing.T, fsys fs.FS, o load.Options) int {
	t.Helper()
	r := mustLoad(t, fsys, o)
	o.CacheDir = ""
	if d := cmp.Diff(everything(mustLoad(t, fsys, o)), everything(r)); d != "" {
		t.Errorf("the cache changes the result (-without +with):\n%s", d)
	}
	return r.Parsed
}

func TestCache(t *testing.T) {
	files := cueShops(loadtest.Generate(50))
	n := len(files)
	o := load.Options{CacheDir: filepath.Join(t.TempDir(), "made", "when", "missing"), Version: "1.0"}
	step := func(what string, want int, o load.Options) {
		t.Helper()
		if got := parsed(t, files, o); got != want {
			t.Errorf("%s: %d files parsed, not %d", what, got, want)
		}
	}
	step("first", n, o)
	step("second", 0, o)

	before := maps.Clone(files)
	edited := *files[loadtest.ClientFile(7)]
	edited.Data = bytes.Replace(edited.Data, []byte("Dental"), []byte("Medical"), 1)
	edited.Data = append(edited.Data, "# touched\n"...)
	files[loadtest.ClientFile(7)] = &edited
	step("one file edited", 1, o)
	step("then", 0, o)
	files = before
	step("the file as it was", 0, o)

	shops := &fstest.MapFile{Data: []byte("package shops\n\nids: [\"mill\", \"dock\"]\n")}
	files["clients/shops.cue"] = shops
	step("one CUE file edited", 2, o)
	files["renamed/x.yaml"] = files[loadtest.ClientFile(3)]
	delete(files, loadtest.ClientFile(3))
	step("a file moved", 1, o)

	o.Version = "1.1"
	step("another version", n, o)
	o.Engine = "compiled"
	step("another engine", n, o)
	o.Check = func(string, []byte) diag.List { return nil }
	step("other rules", n, o)
	step("the same again", 0, o)
}

func TestCacheKeepsNoFaults(t *testing.T) {
	files := loadtest.Generate(5)
	files["bad.yaml"] = &fstest.MapFile{Data: []byte("kind: Client\nid: bad\nnmae: Bad\n")}
	files["warned.yaml"] = &fstest.MapFile{Data: []byte("kind: Client\nid: warned\nname: Warned\n")}
	check := func(file string, _ []byte) diag.List {
		if file != "warned.yaml" {
			return nil
		}
		return diag.List{{File: file, Line: 1, Column: 1, Severity: diag.Warning, Rule: "lint/x", Message: "a warning"}}
	}
	o := load.Options{CacheDir: t.TempDir(), Check: check}
	parsed(t, files, o)
	if got := parsed(t, files, o); got != 2 {
		t.Errorf("%d files parsed, not the two with faults", got)
	}
}

// TestCacheIsNeverTrusted damages every shard in every way and demands the same result.
func TestCacheIsNeverTrusted(t *testing.T) {
	files := cueShops(loadtest.Generate(20))
	o := load.Options{CacheDir: t.TempDir()}
	parsed(t, files, o)
	shards, err := filepath.Glob(filepath.Join(o.CacheDir, "*"))
	if err != nil || len(shards) == 0 {
		t.Fatalf("no shards: %v", err)
	}
	good := map[string][]byte{}
	for _, name := range shards {
		if good[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	flip := func(at func(n int) int) func([]byte) []byte {
		return func(b []byte) []byte {
			b = bytes.Clone(b)
			b[at(len(b))] ^= 0x40
			return b
		}
	}
	damages := map[string]func([]byte) []byte{
		"empty":     func([]byte) []byte { return nil },
		"header":    func(b []byte) []byte { return b[:10] },
		"half":      func(b []byte) []byte { return b[:len(b)/2] },
		"longer":    func(b []byte) []byte { return append(bytes.Clone(b), "more"...) },
		"magic":     flip(func(int) int { return 3 }),
		"version":   flip(func(int) int { return 30 }),
		"content":   flip(func(n int) int { return n - 100 }),
		"rubbish":   func([]byte) []byte { return []byte(strings.Repeat("rubbish", 100)) },
		"unchanged": bytes.Clone,
	}
	for what, damage := range damages {
		for name, b := range good {
			if err := os.WriteFile(name, damage(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want := len(files)
		if what == "unchanged" {
			want = 0
		}
		if got := parsed(t, files, o); got != want {
			t.Errorf("%s: %d files parsed, not %d", what, got, want)
		}
	}
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	files := loadtest.Generate(3)
	for range 2 {
		if got := parsed(t, files, load.Options{CacheDir: file}); got != len(files) {
			t.Errorf("%d files parsed", got)
		}
	}
}

func TestCacheIsSharedByProcesses(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 6 {
		files := loadtest.Generate(10 + i)
		files["own.yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, "kind: Client\nid: own-%d\nname: Own\n", i)}
		wg.Go(func() {
			for range 4 {
				r, err := load.Load(t.Context(), files, load.Options{CacheDir: dir})
				if err != nil || len(r.Faults) > 0 || len(r.Catalog.Clients) != 11+i {
					t.Errorf("%v, %v", r, err)
				}
			}
		})
	}
	wg.Wait()
	left, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestCacheForgets sees to it that versions of files nobody asks for any more go away.
func TestCacheForgets(t *testing.T) {
	dir := t.TempDir()
	size := func() (n int64) {
		l, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range l {
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			n += info.Size()
		}
		return n
	}
	var first int64
	for i := range 15 {
		files := loadtest.Generate(3)
		for _, f := range files {
			f.Data = fmt.Appendf(f.Data, "# edit %d\n", i)
		}
		mustLoad(t, files, load.Options{CacheDir: dir})
		if i == 0 {
			first = size()
		}
	}
	if last := size(); last > 6*first {
		t.Errorf("the cache grew from %d to %d bytes", first, last)
	}
}
