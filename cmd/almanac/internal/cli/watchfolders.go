package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
)

// folderWatcher is what is needed of fsnotify.Watcher to choose folders. To add a folder
// again is no error, and makes up for one that was taken away and made anew.
type folderWatcher interface {
	Add(folder string) error
	Remove(folder string) error
	WatchList() []string
}

// watchedFiles is a repository as a file system, in which every folder that is looked into
// is watched from before that on. So what is watched is what was read, by whatever rules
// the reader has for dot folders, ignored ones and links, and nothing can change unseen
// between reading and watching.
type watchedFiles struct {
	fs.FS
	root    string
	watcher folderWatcher

	mu sync.Mutex
	// seen are the folders that were looked into since begin, by path from the root.
	seen map[string]bool
	// fault is the first reason for which a folder could not be watched.
	fault error
}

func newWatchedFiles(root string, w folderWatcher) *watchedFiles {
	return &watchedFiles{FS: os.DirFS(root), root: root, watcher: w}
}

// begin forgets folders that are gone. It has to happen before reading: a folder that was
// moved would be watched under both names, and the end of the old watch would end the new.
func (w *watchedFiles) begin() {
	w.seen, w.fault = map[string]bool{}, nil
	for _, dir := range w.watcher.WatchList() {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			w.forget(dir)
		}
	}
}

// end stops watching folders that were not looked into since begin, and returns how many
// are watched and the first reason for which one is not.
func (w *watchedFiles) end() (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	watched := map[string]bool{}
	for dir := range w.seen {
		watched[w.path(dir)] = true
	}
	left := slices.DeleteFunc(w.watcher.WatchList(), func(dir string) bool { return watched[dir] })
	for _, dir := range left {
		w.forget(dir)
	}
	if len(left) > 0 {
		// One of them may have been moved to where it is watched anew, since begin.
		for dir := range w.seen {
			w.add(dir)
		}
	}
	return len(w.watcher.WatchList()), w.fault
}

// forget stops watching a folder. That it is not watched any more is no fault.
func (w *watchedFiles) forget(dir string) { _ = w.watcher.Remove(dir) }

func (w *watchedFiles) path(dir string) string { return filepath.Join(w.root, filepath.FromSlash(dir)) }

// watch has a folder watched, once between begin and end.
func (w *watchedFiles) watch(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.seen[dir] || !fs.ValidPath(dir) {
		return
	}
	w.seen[dir] = true
	w.add(dir)
}

// add has a folder watched. One that does not exist is told of by its parent when it comes.
func (w *watchedFiles) add(dir string) {
	if err := w.watcher.Add(w.path(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) && w.fault == nil {
		w.fault = fmt.Errorf("watch the folder %s: %w", dir, err)
	}
}

// Open implements fs.FS.
func (w *watchedFiles) Open(name string) (fs.File, error) {
	w.watch(path.Dir(name))
	return w.FS.Open(name)
}

// ReadDir implements fs.ReadDirFS.
func (w *watchedFiles) ReadDir(name string) ([]fs.DirEntry, error) {
	w.watch(name)
	return fs.ReadDir(w.FS, name)
}

// Stat implements fs.StatFS.
func (w *watchedFiles) Stat(name string) (fs.FileInfo, error) {
	w.watch(path.Dir(name))
	return fs.Stat(w.FS, name)
}

// Lstat implements fs.ReadLinkFS.
func (w *watchedFiles) Lstat(name string) (fs.FileInfo, error) {
	w.watch(path.Dir(name))
	return fs.Lstat(w.FS, name)
}

// ReadLink implements fs.ReadLinkFS.
func (w *watchedFiles) ReadLink(name string) (string, error) { return fs.ReadLink(w.FS, name) }

// watchHint says what to do about a folder that cannot be watched, or nothing.
func watchHint(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "the system watches no more folders: sudo sysctl fs.inotify.max_user_watches=524288"
	case errors.Is(err, syscall.EMFILE):
		return "too many programs watch files: sudo sysctl fs.inotify.max_user_instances=512"
	}
	return ""
}
