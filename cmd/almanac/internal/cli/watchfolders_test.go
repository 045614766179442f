package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/schema/load"
)

// fakeWatcher watches inodes under the names they were added by, as the system does: a
// folder that is moved stays watched, and removing any of its names ends its watch.
type fakeWatcher struct {
	names map[string]os.FileInfo
	live  []os.FileInfo
	full  int
}

func (f *fakeWatcher) Add(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if f.full > 0 && len(f.names) >= f.full {
		return &fs.PathError{Op: "add", Path: dir, Err: syscall.ENOSPC}
	}
	f.names[dir] = info
	f.live = append(f.live, info)
	return nil
}

func (f *fakeWatcher) Remove(dir string) error {
	info, ok := f.names[dir]
	if !ok {
		return fmt.Errorf("not watched: %s", dir)
	}
	delete(f.names, dir)
	f.live = slices.DeleteFunc(f.live, func(i os.FileInfo) bool { return os.SameFile(i, info) })
	return nil
}

func (f *fakeWatcher) WatchList() []string {
	var l []string
	for n := range f.names {
		l = append(l, n)
	}
	slices.Sort(l)
	return l
}

func (f *fakeWatcher) watches(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && slices.ContainsFunc(f.live, func(i os.FileInfo) bool { return os.SameFile(i, info) })
}

// readAll reads a repository as a turn does.
func readAll(t *testing.T, w *watchedFiles) (int, error) {
	t.Helper()
	w.begin()
	if _, err := load.Load(t.Context(), w, load.Options{}); err != nil {
		t.Fatal(err)
	}
	return w.end()
}

func makeFolders(t *testing.T, root string, folders ...string) {
	t.Helper()
	for _, dir := range folders {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWatchedFolders(t *testing.T) {
	root, f := t.TempDir(), &fakeWatcher{names: map[string]os.FileInfo{}}
	makeFolders(t, root, "clients/west", "people", ".git/objects", "cue.mod/pkg", "drafts/old")
	if err := os.WriteFile(filepath.Join(root, ".almanacignore"), []byte("drafts/\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	w := newWatchedFiles(root, f)
	check := func(want ...string) {
		t.Helper()
		n, err := readAll(t, w)
		if err != nil {
			t.Error(err)
		}
		var got []string
		for _, dir := range f.WatchList() {
			rel, err := filepath.Rel(root, dir)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, filepath.ToSlash(rel))
			if !f.watches(dir) {
				t.Errorf("%s is listed and not watched", rel)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || n != len(got) {
			t.Errorf("%d folders (-want +got):\n%s", n, diff)
		}
	}
	check(".", "clients", "clients/west", "people")
	if err := os.Rename(filepath.Join(root, "clients/west"), filepath.Join(root, "people/west")); err != nil {
		t.Fatal(err)
	}
	check(".", "clients", "people", "people/west")
	if err := os.RemoveAll(filepath.Join(root, "people")); err != nil {
		t.Fatal(err)
	}
	check(".", "clients")
	makeFolders(t, root, "people")
	check(".", "clients", "people")
}

// TestWatchedFoldersMovedMeanwhile moves a folder between the beginning of a turn and its
// being read: it is watched under the new name in the end.
func TestWatchedFoldersMovedMeanwhile(t *testing.T) {
	root, f := t.TempDir(), &fakeWatcher{names: map[string]os.FileInfo{}}
	makeFolders(t, root, "a/moved", "b")
	w := newWatchedFiles(root, f)
	if _, err := readAll(t, w); err != nil {
		t.Fatal(err)
	}
	w.begin()
	if err := os.Rename(filepath.Join(root, "a/moved"), filepath.Join(root, "b/moved")); err != nil {
		t.Fatal(err)
	}
	if _, err := load.Load(t.Context(), w, load.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.end(); err != nil {
		t.Fatal(err)
	}
	if !f.watches(filepath.Join(root, "b/moved")) {
		t.Error("the moved folder is watched no more")
	}
}

func TestWatchedFoldersTooMany(t *testing.T) {
	root, f := t.TempDir(), &fakeWatcher{names: map[string]os.FileInfo{}, full: 2}
	makeFolders(t, root, "a", "b")
	_, err := readAll(t, newWatchedFiles(root, f))
	if err == nil || !strings.HasPrefix(err.Error(), "watch the folder b: ") {
		t.Errorf("got %v, want the first folder that is not watched", err)
	}
	if hint := watchHint(err); !strings.Contains(hint, "max_user_watches") {
		t.Errorf("hint %q", hint)
	}
}
