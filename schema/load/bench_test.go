package load_test

import (
	"crypto/sha1"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

var sizes = []int{100, 1_000, 10_000}

// repository writes a repository of a size to the disk, which the operating system then
// holds in memory.
func repository(b *testing.B, clients int) fs.FS {
	b.Helper()
	dir := b.TempDir()
	if err := loadtest.Write(dir, clients); err != nil {
		b.Fatal(err)
	}
	return os.DirFS(dir)
}

// bench loads a repository of every size, after a first load that is not counted, checks
// how many files were parsed, and reports the time in those that it takes to read and hash
// the files.
func bench(b *testing.B, options func(b *testing.B, clients int) load.Options, parsed func(clients int) int) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			fsys, o := repository(b, n), options(b, n)
			mustLoad(b, fsys, o)
			least := min(floor(b, fsys, n), floor(b, fsys, n), floor(b, fsys, n))
			b.ReportAllocs()
			for b.Loop() {
				if r := mustLoad(b, fsys, o); r.Parsed != parsed(n) {
					b.Fatalf("%d files parsed, not %d", r.Parsed, parsed(n))
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/least.Seconds(), "x-floor")
		})
	}
}

func all(clients int) int { return clients + 24 }
func none(int) int        { return 0 }

// floor reads and hashes every file with one goroutine and does nothing else.
func floor(b *testing.B, fsys fs.FS, clients int) time.Duration {
	b.Helper()
	start, files := time.Now(), 0
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := fs.ReadFile(fsys, name)
		if sum := sha1.Sum(src); sum != [sha1.Size]byte{} {
			files++
		}
		return err
	})
	if err != nil || files != all(clients) {
		b.Fatal(files, err)
	}
	return time.Since(start)
}

func BenchmarkFloor(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			fsys := repository(b, n)
			for b.Loop() {
				floor(b, fsys, n)
			}
		})
	}
}

func BenchmarkCold(b *testing.B) {
	bench(b, func(*testing.B, int) load.Options { return load.Options{} }, all)
}

// BenchmarkColdOneWorker is for comparisons with what uses one processor.
func BenchmarkColdOneWorker(b *testing.B) {
	bench(b, func(*testing.B, int) load.Options { return load.Options{Workers: 1} }, all)
}

func BenchmarkColdCUE(b *testing.B) {
	bench(b, func(*testing.B, int) load.Options { return load.Options{Engine: "cue"} }, all)
}

func BenchmarkWarm(b *testing.B) {
	bench(b, func(b *testing.B, _ int) load.Options { return load.Options{CacheDir: b.TempDir()} }, none)
}

// BenchmarkSingleFile validates one client and what it refers to, without a cache.
func BenchmarkSingleFile(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			fsys, o := repository(b, n), load.Options{Only: []string{loadtest.ClientFile(n / 2)}}
			for b.Loop() {
				if r := mustLoad(b, fsys, o); len(r.Faults) > 0 || len(r.Catalog.Clients) != 1 || r.Parsed > 12 {
					b.Fatalf("%d files parsed\n%s", r.Parsed, faults(r.Faults))
				}
			}
		})
	}
}

// BenchmarkCUEFile evaluates the one file of the example that computes clients.
func BenchmarkCUEFile(b *testing.B) {
	src, err := os.ReadFile(filepath.FromSlash("../../examples/northwind/clients/juniper-coffee.cue"))
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.cue"), src, 0o644); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if r := mustLoad(b, os.DirFS(dir), load.Options{}); len(r.Catalog.Clients) != 3 {
			b.Fatal(faults(r.Faults))
		}
	}
}
