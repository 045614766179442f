package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

// BenchmarkStart runs `almanac version` and an empty Go program by turns, and reports by how
// much the median of the one is over that of the other.
func BenchmarkStart(b *testing.B) {
	almanac, empty := binary(b, "."), binary(b, emptyProgram(b))
	var ours, floor []time.Duration
	for b.Loop() {
		for range 20 {
			floor = append(floor, run(b, nil, empty).wall)
			ours = append(ours, run(b, nil, almanac, "version").wall)
		}
	}
	b.ReportMetric(milliseconds(median(floor)), "ms-empty")
	b.ReportMetric(milliseconds(median(ours)-median(floor)), "ms-over-empty")
}

// BenchmarkValidateOne validates one file of a repository, and all of them, each as a
// process of its own, with a warm cache and without any. x-all is what the one takes of the
// processors in what all take.
func BenchmarkValidateOne(b *testing.B) {
	almanac := binary(b, ".")
	for _, clients := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			dir, file := b.TempDir(), loadtest.ClientFile(clients/2)
			if err := loadtest.Write(dir, clients); err != nil {
				b.Fatal(err)
			}
			r, err := load.Load(context.Background(), os.DirFS(dir), load.Options{Only: []string{file}})
			if err != nil || len(r.Faults) > 0 || r.Files == 0 {
				b.Fatal(err, r.Faults)
			}
			env := []string{"XDG_CACHE_HOME=" + b.TempDir()}
			run(b, env, almanac, "validate", "-C", dir) // fills the cache
			var one, all, oneCold, allCold []time.Duration
			for b.Loop() {
				one = append(one, run(b, env, almanac, "validate", "-C", dir, file).cpu)
				all = append(all, run(b, env, almanac, "validate", "-C", dir).cpu)
				oneCold = append(oneCold, run(b, env, almanac, "validate", "-C", dir, "--no-cache", file).cpu)
				allCold = append(allCold, run(b, env, almanac, "validate", "-C", dir, "--no-cache").cpu)
			}
			b.ReportMetric(float64(r.Files), "files-read")
			b.ReportMetric(milliseconds(median(one)), "cpu-ms")
			b.ReportMetric(milliseconds(median(oneCold)), "cpu-ms-cold")
			b.ReportMetric(float64(median(one))/float64(median(all)), "x-all")
			b.ReportMetric(float64(median(oneCold))/float64(median(allCold)), "x-all-cold")
		})
	}
}

// binary builds a program and returns its path.
func binary(b *testing.B, source string) string {
	b.Helper()
	to := filepath.Join(b.TempDir(), "program")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", to, source).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return to
}

func emptyProgram(b *testing.B) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "main.go")
	if err := os.WriteFile(name, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	return name
}

// cost is what a process took: of the clock, and of the processors.
type cost struct{ wall, cpu time.Duration }

func run(b *testing.B, env []string, program string, args ...string) cost {
	b.Helper()
	c := exec.Command(program, args...)
	c.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	start := time.Now()
	err := c.Run()
	wall := time.Since(start)
	if err != nil {
		b.Fatalf("%v: %v\n%.2000s", args, err, out.String())
	}
	return cost{wall, c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
}

func median(l []time.Duration) time.Duration {
	slices.Sort(l)
	return l[len(l)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
