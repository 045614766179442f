package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestShardsAreTheWhole holds that every client is in exactly one part.
func TestShardsAreTheWhole(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 256} {
		sizes := make([]int, n)
		for c := range 5000 {
			id, in := fmt.Sprintf("client-%d", c), 0
			for i := range n {
				part, err := parseShard(fmt.Sprintf("%d/%d", i+1, n))
				if err != nil {
					t.Fatal(err)
				}
				if part.holds(id) {
					in++
					sizes[i]++
				}
			}
			if in != 1 {
				t.Fatalf("%s is in %d of %d parts", id, in, n)
			}
		}
		for i, size := range sizes {
			if n <= 7 && (size < 5000/n*8/10 || size > 5000/n*12/10) {
				t.Errorf("part %d of %d has %d of 5000 clients", i+1, n, size)
			}
		}
	}
}

// TestShardsStay: the part of a client is the same in every version, since jobs of two may run
// at once while one is rolled out.
func TestShardsStay(t *testing.T) {
	for id, want := range map[string]string{"acme-dental": "2/4", "birch-legal": "2/4", "delmar-freight": "1/4", "juniper-mill": "1/7", "all-clients": "218/256"} {
		part, err := parseShard(want)
		if err != nil || !part.holds(id) {
			t.Errorf("%s is not in %s: %v", id, want, err)
		}
	}
}

func TestShardRefuses(t *testing.T) {
	for _, s := range []string{"0/4", "5/4", "1", "1/0", "-1/4", "1/257", "a/b", "1/4/2", "/", " 1/4"} {
		if part, err := parseShard(s); err == nil {
			t.Errorf("%q became %+v", s, part)
		}
	}
}

// inProcess runs one command line without a process.
func inProcess(t testing.TB, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, talk bytes.Buffer
	cache := t.TempDir()
	c := &Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk, Now: time.Now, Dir: dir, Getenv: func(name string) string {
		if name == "XDG_CACHE_HOME" {
			return cache
		}
		return ""
	}}
	code = c.Main(context.Background(), args)
	return out.String(), talk.String(), code
}

const example = "../../../../examples/northwind"

// TestShardsAtOnce lets four shards run at the same moment on one ledger and one folder of
// issues, and compares with a single run.
func TestShardsAtOnce(t *testing.T) {
	dir := t.TempDir()
	root, err := filepath.Abs(example)
	if err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(dir, "repository")
	if err := os.CopyFS(files, os.DirFS(root)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("git", "init", "-q", files).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	common := []string{"reconcile", "-C", files, "--as-of", "2026-04-13"}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			args := append(common, "--forge", "files:"+dir+"/shards", "--ledger", "git", "--shard", fmt.Sprintf("%d/4", i+1))
			if _, talk, code := inProcess(t, dir, args...); code != ExitOK {
				t.Errorf("shard %d: exit %d: %s", i+1, code, talk)
			}
		})
	}
	wg.Wait()
	if _, talk, code := inProcess(t, dir, append(common, "--forge", "files:"+dir+"/single")...); code != ExitOK {
		t.Fatal(talk)
	}
	got, want := keysIn(t, dir+"/shards"), keysIn(t, dir+"/single")
	if len(want) < 10 {
		t.Fatalf("only %d issues", len(want))
	}
	for key, n := range want {
		if got[key] != n {
			t.Errorf("%s: %d issues by shards, %d by one run", key, got[key], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d keys by shards, %d by one run", len(got), len(want))
	}
	out, _, code := inProcess(t, dir, append(common, "--forge", "files:"+dir+"/shards", "--ledger", "git")...)
	if code != ExitOK || !strings.HasPrefix(out, "nothing to do") {
		t.Errorf("a run over the whole found something to do after the shards: exit %d\n%s", code, out)
	}
}

// keysIn counts the issues of each key in a folder.
func keysIn(t *testing.T, dir string) map[string]int {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no issues in %s: %v", dir, err)
	}
	keys := map[string]int{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		keys[regexp.MustCompile(`(?m)^key: (.*)$`).FindStringSubmatch(string(b))[1]]++
	}
	return keys
}
