package load_test

import (
	"crypto/sha1"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

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

// bench loads a repository of every size, after a first load that is not counted, and
// checks how many files were parsed.
func bench(b *testing.B, options func(b *testing.B, clients int) load.Options, parsed func(clients int) int) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			fsys, o := repository(b, n), options(b, n)
			mustLoad(b, fsys, o)
			b.ReportAllocs()
			for b.Loop() {
				if r := mustLoad(b, fsys, o); r.Parsed != parsed(n) {
					b.Fatalf("%d files parsed, not %d", r.Parsed, parsed(n))
				}
			}
		})
	}
}

func all(clients int) int { return clients + 24 }
func none(int) int        { return 0 }

// BenchmarkFloor reads and hashes every file with one goroutine and does nothing else.
func BenchmarkFloor(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			fsys := repository(b, n)
			for b.Loop() {
				files := 0
				err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					src, err := fs.ReadFile(fsys, name)
					if sum := sha1.Sum(src); sum[0] != sum[1] || len(src) > 0 {
						files++
					}
					return err
				})
				if err != nil || files != all(n) {
					b.Fatal(files, err)
				}
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
	bench(b, func(_ *testing.B, clients int) load.Options {
		return load.Options{Only: []string{loadtest.ClientFile(clients / 2)}}
	}, func(int) int { return 8 })
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
