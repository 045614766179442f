// Package gitfs reads a Git repository without touching its working tree: a revision is a
// file system, and the paths that differ between two revisions are found by walking their
// tree objects side by side.
//
// Only tree objects are read until a file is opened: naming all 10,000 files of a revision
// costs some milliseconds, opening them half a second. The walks of go-git itself open every
// blob, which is why they are not used.
//
// Repositories come in shapes that go-git refuses or misreads: linked worktrees, bare and
// shallow clones, sparse checkouts, partial clones, clones that borrow objects of another.
// Open copes with them or says what to do.
package gitfs

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"sync"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// ErrNotGit is returned by Open for a folder that no Git repository holds.
var ErrNotGit = errors.New("not a Git repository, nor is any folder above it")

// Repo is an open repository. Any number of goroutines may use it and its trees: go-git is
// not safe for that, so a lock is held around each read of an object.
type Repo struct {
	root   string // of the working tree; the repository itself when bare
	prefix string // folder that trees are rooted at, slashes, "" for the top
	store  *filesystem.Storage
	git    *git.Repository
	mu     *sync.Mutex
	// partial is true where blobs may be missing on purpose.
	partial bool
}

// Open opens the repository that holds a folder, which may lie anywhere below its top, be a
// linked worktree or be a bare repository. Trees are rooted at the top of the repository;
// see Sub. It returns an error that wraps ErrNotGit where there is none.
func Open(dir string) (*Repo, error) {
	at, err := find(dir)
	if err != nil {
		return nil, err
	}
	return open(at)
}

// Root returns the absolute path of the top of the working tree, or of the repository
// itself when it is bare.
func (r *Repo) Root() string { return r.root }

// Git returns the repository as go-git knows it, for writing objects and refs and for
// pushing. It shares no lock with r, and its configuration must not be written back: Open
// leaves out extensions that go-git refuses.
func (r *Repo) Git() *git.Repository { return r.git }

// Sub returns the same repository with its trees rooted at a folder, given as a path of the
// operating system; a relative one counts from Root. The folder need not exist in every
// revision: Rev says so.
func (r *Repo) Sub(dir string) (*Repo, error) {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(r.root, dir)
	}
	rel, err := filepath.Rel(real(r.root), real(dir))
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return nil, fmt.Errorf("%s lies outside the repository %s", dir, r.root)
	}
	sub := *r
	sub.prefix = path.Clean(filepath.ToSlash(rel))
	if sub.prefix == "." {
		sub.prefix = ""
	}
	return &sub, nil
}

// Prefix returns the folder at which trees are rooted, from the top of the repository, with
// forward slashes; it is empty for the top.
func (r *Repo) Prefix() string { return r.prefix }

// Head returns the hash of the commit that is checked out.
func (r *Repo) Head() (string, error) {
	h, err := r.resolve("HEAD")
	if err != nil {
		return "", err
	}
	return h.String(), nil
}

// real follows the symbolic links of as much of a path as exists.
func real(p string) string {
	if q, err := filepath.EvalSymlinks(p); err == nil {
		return q
	}
	if up := filepath.Dir(p); up != p {
		return filepath.Join(real(up), filepath.Base(p))
	}
	return p
}

// shallow reports whether the clone holds only the end of the history.
func (r *Repo) shallow() bool {
	l, err := r.store.Shallow()
	return err == nil && len(l) > 0
}

// missing turns the absence of an object into words.
func (r *Repo) missing(err error) error {
	switch {
	case !errors.Is(err, plumbing.ErrObjectNotFound):
		return err
	case r.partial:
		return errors.New("was left out of this partial clone: clone again without --filter")
	}
	return errors.New("is an object that the repository has lost: run git fsck, or clone again")
}
