package gitfs_test

import (
	"fmt"
	"io/fs"
	"sync"
	"testing"

	"github.com/almanac-gitops/almanac/schema/gitfs"
)

// many makes two packed commits of n client files, every hundredth of which differs.
func many(t testing.TB, n int) *gitfs.Repo {
	w := newWork(t)
	files, later := map[string]string{}, map[string]string{}
	for i := range n {
		name := fmt.Sprintf("clients/c%05d.yaml", i)
		files[name] = fmt.Sprintf("kind: Client\nid: c%05d\nname: Client %d\n", i, i)
		if i%100 == 0 {
			later[name] = files[name] + "logo: logos/x.svg\n"
		}
	}
	w.commit(files)
	w.commit(later)
	w.git("gc", "-q")
	return w.open()
}

func TestTreeFromManyGoroutines(t *testing.T) {
	tree, err := many(t, 300).Rev("HEAD")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := i; j < 300; j += 4 {
				name := fmt.Sprintf("clients/c%05d.yaml", j)
				if b, err := fs.ReadFile(tree, name); err != nil || len(b) < 30 {
					t.Errorf("%s: %q, %v", name, b, err)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkNames10000 names every file of a revision.
func BenchmarkNames10000(b *testing.B) {
	r := many(b, 10_000)
	for b.Loop() {
		tree, err := r.Rev("HEAD")
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		err = fs.WalkDir(tree, ".", func(name string, _ fs.DirEntry, err error) error {
			if _, ok := tree.Hash(name); ok {
				n++
			}
			return err
		})
		if err != nil || n != 10_000 {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkChanged10000 compares two revisions of 10,000 files, 100 of which differ.
func BenchmarkChanged10000(b *testing.B) {
	r := many(b, 10_000)
	for b.Loop() {
		base, err := r.Rev("HEAD~1")
		if err != nil {
			b.Fatal(err)
		}
		head, err := r.Rev("HEAD")
		if err != nil {
			b.Fatal(err)
		}
		if l, err := gitfs.Changed(base, head); err != nil || len(l) != 100 {
			b.Fatal(len(l), err)
		}
	}
}
