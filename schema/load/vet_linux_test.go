package load_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/load/loadtest"
)

// cueCommand is the version of CUE that go.mod has.
const cueCommand = "cuelang.org/go/cmd/cue@v0.17.1"

// BenchmarkAgainstCueVet runs `cue vet` and `almanac validate`, each as a process of its
// own, over the same 10,000 clients, and reports how many times the time and the memory of
// the one the other takes. Both commands are built first, `cue` from the module proxy.
//
//	go test -run '^$' -bench AgainstCueVet -benchtime 1x ./schema/load
func BenchmarkAgainstCueVet(b *testing.B) {
	tools, repo, definitions := b.TempDir(), b.TempDir(), b.TempDir()
	build(b, tools, "install", cueCommand)
	build(b, tools, "build", "-o", tools, "../../cmd/almanac")
	if err := loadtest.Write(repo, 10_000); err != nil {
		b.Fatal(err)
	}
	if err := os.CopyFS(definitions, schema.Definitions); err != nil {
		b.Fatal(err)
	}
	vet := []string{filepath.Join(tools, "cue"), "vet", "-c", "-d", "#Client"}
	for _, pattern := range []string{filepath.Join(definitions, "*.cue"), filepath.Join(repo, "clients", "*.yaml")} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			b.Fatalf("%s: %v", pattern, err)
		}
		vet = append(vet, files...)
	}
	validate := []string{filepath.Join(tools, "almanac"), "validate", "-C", repo}
	cold := append(validate, "--no-cache")
	for b.Loop() {
		cue, ours := measure(b, vet), measure(b, cold)
		measure(b, validate) // fills the cache
		warm := measure(b, validate)
		b.ReportMetric(cue.time.Seconds()/ours.time.Seconds(), "x-faster-cold")
		b.ReportMetric(cue.time.Seconds()/warm.time.Seconds(), "x-faster-warm")
		b.ReportMetric(float64(cue.memory)/float64(ours.memory), "x-less-memory")
		b.Logf("cue vet %.2f s, %d MiB; cold %.2f s, %d MiB; warm %.2f s, %d MiB", cue.time.Seconds(), cue.memory>>20,
			ours.time.Seconds(), ours.memory>>20, warm.time.Seconds(), warm.memory>>20)
	}
}

func build(b *testing.B, tools string, args ...string) {
	b.Helper()
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "GOBIN="+tools, "GOFLAGS=-buildvcs=false")
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// cost is what a process took.
type cost struct {
	time   time.Duration
	memory int64 // bytes, at most at any moment
}

func measure(b *testing.B, command []string) cost {
	b.Helper()
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(filepath.Dir(command[0]), "cache"))
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	start := time.Now()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	memory := watchMemory(c.Process.Pid)
	err := c.Wait()
	took := time.Since(start)
	if err != nil {
		b.Fatalf("%s: %v\n%.2000s", filepath.Base(command[0]), err, out.String())
	}
	return cost{took, memory << 10}
}

// watchMemory returns the most memory, in KiB, that a process had in its life, and returns
// when it ends. What the system tells of an ended process is no use here: it counts the
// memory of the one that started it too.
func watchMemory(pid int) (most int64) {
	for {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		_, rest, ok := strings.Cut(string(text), "VmHWM:")
		if err != nil || !ok {
			return most
		}
		if _, err := fmt.Sscan(rest, &most); err != nil {
			return most
		}
		time.Sleep(time.Millisecond)
	}
}
