package gitfs

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Tree is one revision as a file system, rooted where its Repo was when Rev was called. It
// implements fs.FS, fs.ReadDirFS, fs.ReadFileFS, fs.StatFS and fs.ReadLinkFS. Files have no
// times. A symbolic link at the end of a path is followed while it stays within the tree; a
// submodule is an irregular file that cannot be opened.
type Tree struct {
	// Commit is the full hash of the commit, 40 hexadecimal digits.
	Commit string

	repo *Repo
	root plumbing.Hash

	mu      sync.Mutex
	folders map[string]*folder
}

// entry is a name in a folder.
type entry struct {
	name string
	mode filemode.FileMode
	hash plumbing.Hash
}

func (e entry) isDir() bool { return e.mode == filemode.Dir }

// fileMode returns the mode as package fs has it.
func (e entry) fileMode() fs.FileMode {
	switch e.mode {
	case filemode.Dir:
		return fs.ModeDir | 0o755
	case filemode.Symlink:
		return fs.ModeSymlink | 0o777
	case filemode.Executable:
		return 0o755
	case filemode.Submodule:
		return fs.ModeIrregular
	}
	return 0o644
}

// folder holds entries sorted by name, which is not quite how Git sorts them.
type folder struct{ entries []entry }

func (f *folder) find(name string) (entry, bool) {
	i, ok := slices.BinarySearchFunc(f.entries, name, func(e entry, n string) int { return cmp.Compare(e.name, n) })
	if !ok {
		return entry{}, false
	}
	return f.entries[i], true
}

// folder reads a tree object. The lock must be held.
func (r *Repo) folder(h plumbing.Hash) (*folder, error) {
	t, err := object.GetTree(r.store, h)
	if err != nil {
		return nil, fmt.Errorf("folder %s: %w", h, r.missing(err))
	}
	f := &folder{entries: make([]entry, 0, len(t.Entries))}
	for _, e := range t.Entries {
		f.entries = append(f.entries, entry{name: e.Name, mode: e.Mode, hash: e.Hash})
	}
	slices.SortFunc(f.entries, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return f, nil
}

// read is folder with the lock taken.
func (r *Repo) read(h plumbing.Hash) (*folder, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.folder(h)
}

// folder returns a folder by path, each read once. The lock of the tree must be held.
func (t *Tree) folder(name string) (*folder, error) {
	if f, ok := t.folders[name]; ok {
		return f, nil
	}
	h := t.root
	if name != "." {
		up, err := t.folder(path.Dir(name))
		if err != nil {
			return nil, err
		}
		e, ok := up.find(path.Base(name))
		if !ok || !e.isDir() {
			return nil, fs.ErrNotExist
		}
		h = e.hash
	}
	f, err := t.repo.read(h)
	if err != nil {
		return nil, err
	}
	if t.folders == nil {
		t.folders = map[string]*folder{}
	}
	t.folders[name] = f
	return f, nil
}

// lookup returns the entry of a path, which must be valid. The root has no name but `.`.
func (t *Tree) lookup(name string) (entry, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if name == "." {
		return entry{name: ".", mode: filemode.Dir, hash: t.root}, nil
	}
	f, err := t.folder(path.Dir(name))
	if err != nil {
		return entry{}, err
	}
	e, ok := f.find(path.Base(name))
	if !ok {
		return entry{}, fs.ErrNotExist
	}
	return e, nil
}

// Hash returns the hash of a regular file, 40 hexadecimal digits, without opening it. It is
// false where there is no such file.
func (t *Tree) Hash(name string) (string, bool) {
	if !fs.ValidPath(name) {
		return "", false
	}
	e, err := t.lookup(name)
	if err != nil || !e.fileMode().IsRegular() {
		return "", false
	}
	return e.hash.String(), true
}

// Open opens a file or folder. A blob is read at the first Read.
func (t *Tree) Open(name string) (fs.File, error) {
	e, err := t.follow(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	info := info{tree: t, entry: e, name: path.Base(name)}
	switch {
	case e.isDir():
		return &openDir{info: info, path: name}, nil
	case e.fileMode().IsRegular():
		return &openFile{info: info}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: errSubmodule}
}

// ReadFile returns the content of a file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	e, err := t.follow(name)
	if err == nil && e.isDir() {
		err = errIsDir
	}
	if err == nil && !e.fileMode().IsRegular() {
		err = errSubmodule
	}
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	b, err := t.repo.blob(e.hash)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return b, nil
}

// ReadDir returns the entries of a folder, sorted by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	t.mu.Lock()
	f, err := t.folder(name)
	t.mu.Unlock()
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	l := make([]fs.DirEntry, 0, len(f.entries))
	for _, e := range f.entries {
		l = append(l, info{tree: t, entry: e, name: e.name})
	}
	return l, nil
}

// Stat describes what a path leads to; links are followed.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	e, err := t.follow(name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return info{tree: t, entry: e, name: path.Base(name)}.Info()
}

// Lstat describes what a path names; links are not followed.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrInvalid}
	}
	e, err := t.lookup(name)
	if err != nil {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: err}
	}
	return info{tree: t, entry: e, name: path.Base(name)}.Info()
}

// ReadLink returns where a symbolic link points, as it is written.
func (t *Tree) ReadLink(name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	e, err := t.lookup(name)
	if err == nil && e.mode != filemode.Symlink {
		err = fs.ErrInvalid
	}
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
	}
	b, err := t.repo.blob(e.hash)
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
	}
	return string(b), nil
}

// follow is lookup through links.
func (t *Tree) follow(name string) (entry, error) {
	if !fs.ValidPath(name) {
		return entry{}, fs.ErrInvalid
	}
	for range 40 {
		e, err := t.lookup(name)
		if err != nil || e.mode != filemode.Symlink {
			return e, err
		}
		to, err := t.ReadLink(name)
		if err != nil {
			return entry{}, err
		}
		if name = path.Join(path.Dir(name), to); strings.HasPrefix(to, "/") || !fs.ValidPath(name) {
			return entry{}, errEscapes
		}
	}
	return entry{}, errLoop
}
