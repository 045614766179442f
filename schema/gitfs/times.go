package gitfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Times returns when each of some files was last changed on the line of first parents that
// ends at HEAD: the committer's time of the commit, or of the merge, that brought its
// content. Files that HEAD does not have are left out. In a shallow clone whatever was
// changed before counts as changed by the oldest commit there is.
//
// It reads the history back to the oldest such change. Folders that a commit did not touch
// are not entered and no blob is opened.
func (r *Repo) Times(ctx context.Context, files []string) (map[string]time.Time, error) {
	head, err := r.Rev("HEAD")
	if err != nil {
		return nil, err
	}
	pending := make(map[string]bool, len(files))
	for _, f := range files {
		if _, ok := head.Hash(f); ok {
			pending[f] = true
		}
	}
	times := make(map[string]time.Time, len(pending))
	for at := plumbing.NewHash(head.Commit); len(pending) > 0; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := r.step(at)
		if err != nil {
			return nil, err
		}
		for _, f := range s.changed(pending) {
			times[f] = s.when
			delete(pending, f)
		}
		at = s.parent
	}
	return times, nil
}

// step is a commit against its first parent.
type step struct {
	when time.Time
	// parent is zero for the first commit there is, which changed everything.
	parent plumbing.Hash
	paths  []string
}

// changed returns which of the pending files the commit changed.
func (s *step) changed(pending map[string]bool) []string {
	var l []string
	if s.parent.IsZero() {
		for f := range pending {
			l = append(l, f)
		}
		return l
	}
	for _, f := range s.paths {
		if pending[f] {
			l = append(l, f)
		}
	}
	return l
}

func (r *Repo) step(at plumbing.Hash) (*step, error) {
	c, root, err := r.commitAt(at)
	if err != nil {
		return nil, err
	}
	s := &step{when: c.Committer.When}
	r.mu.Lock()
	up, err := r.parent(at, 1)
	r.mu.Unlock()
	if errors.Is(err, errNoParent) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	_, base, err := r.commitAt(up)
	if err != nil {
		return nil, err
	}
	s.parent = up
	s.paths, err = Changed(&Tree{repo: r, root: base}, &Tree{repo: r, root: root})
	return s, err
}

// commitAt returns a commit and the folder that trees are rooted at in it, zero where it
// has none.
func (r *Repo) commitAt(h plumbing.Hash) (*object.Commit, plumbing.Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := object.GetCommit(r.store, h)
	if err != nil {
		return nil, h, fmt.Errorf("commit %s: %w", h, r.missing(err))
	}
	root, err := r.descend(c.TreeHash)
	if errors.Is(err, fs.ErrNotExist) {
		return c, plumbing.ZeroHash, nil
	}
	return c, root, err
}
