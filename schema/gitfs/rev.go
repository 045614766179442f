package gitfs

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// Rev returns the tree of a revision: a branch, a tag, a commit hash of at least four
// digits, `HEAD` or `@`, each with any number of `~`, `~n`, `^` and `^n` behind it, as
// gitrevisions(7) has them. Dates, searches and reflogs are refused; go-git's own parser is
// not used since it fails on some of these without a word.
func (r *Repo) Rev(rev string) (*Tree, error) {
	h, err := r.resolve(rev)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := object.GetCommit(r.store, h)
	if err != nil {
		return nil, fmt.Errorf("commit %s: %w", h, r.missing(err))
	}
	root, err := r.descend(c.TreeHash)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("revision %s has no folder %s: %w", rev, r.prefix, err)
	}
	if err != nil {
		return nil, err
	}
	return &Tree{Commit: h.String(), repo: r, root: root}, nil
}

// descend finds the tree of the prefix. The lock must be held.
func (r *Repo) descend(tree plumbing.Hash) (plumbing.Hash, error) {
	if r.prefix == "" {
		return tree, nil
	}
	for _, name := range strings.Split(r.prefix, "/") {
		f, err := r.folder(tree)
		if err != nil {
			return tree, err
		}
		e, ok := f.find(name)
		if !ok || !e.isDir() {
			return tree, fs.ErrNotExist
		}
		tree = e.hash
	}
	return tree, nil
}

// resolve returns the commit that a revision names.
func (r *Repo) resolve(rev string) (plumbing.Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	end := strings.IndexAny(rev, "~^")
	if end < 0 {
		end = len(rev)
	}
	h, err := r.base(rev[:end])
	if err != nil {
		return h, r.unknown(rev, err)
	}
	if h, err = r.peel(h); err != nil {
		return h, r.unknown(rev, err)
	}
	for rest := rev[end:]; rest != ""; {
		var steps []int
		if steps, rest, err = suffix(rest); err != nil {
			return h, fmt.Errorf("revision %q: %w", rev, err)
		}
		for _, parent := range steps {
			if h, err = r.parent(h, parent); err != nil {
				return h, r.unknown(rev, err)
			}
		}
	}
	return h, nil
}

// errUnknown is a revision that is not in the repository, errNoParent one that goes back
// beyond the first commit or beyond what was cloned.
var (
	errUnknown  = errors.New("not found")
	errNoParent = errors.New("goes back too far")
)

// base resolves a name: a full hash, then refs in git's own order, then the start of a hash.
func (r *Repo) base(name string) (plumbing.Hash, error) {
	if name == "@" {
		name = "HEAD"
	}
	if plumbing.IsHash(name) {
		return plumbing.NewHash(name), nil
	}
	for _, rule := range plumbing.RefRevParseRules {
		ref, err := storer.ResolveReference(r.store, plumbing.ReferenceName(fmt.Sprintf(rule, name)))
		if err == nil && path.Clean(name) == name {
			return ref.Hash(), nil
		}
	}
	return r.abbreviated(strings.ToLower(name))
}

// abbreviated finds the one commit or tag whose hash begins so.
func (r *Repo) abbreviated(name string) (plumbing.Hash, error) {
	b, err := hex.DecodeString(name[:len(name)/2*2])
	if err != nil || len(name) < 4 || len(name) > 40 {
		return plumbing.ZeroHash, errUnknown
	}
	all, err := r.store.HashesWithPrefix(b)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	found := map[plumbing.Hash]bool{}
	for _, h := range all {
		o, err := r.store.EncodedObject(plumbing.AnyObject, h)
		if err == nil && strings.HasPrefix(h.String(), name) && (o.Type() == plumbing.CommitObject || o.Type() == plumbing.TagObject) {
			found[h] = true
		}
	}
	if len(found) > 1 {
		return plumbing.ZeroHash, fmt.Errorf("%d commits begin so: write more digits", len(found))
	}
	for h := range found {
		return h, nil
	}
	return plumbing.ZeroHash, errUnknown
}

// peel follows annotated tags to their commit.
func (r *Repo) peel(h plumbing.Hash) (plumbing.Hash, error) {
	for range 10 {
		o, err := r.store.EncodedObject(plumbing.AnyObject, h)
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			return h, errUnknown
		}
		if err != nil {
			return h, err
		}
		switch o.Type() {
		case plumbing.CommitObject:
			return h, nil
		case plumbing.TagObject:
			tag, err := object.DecodeTag(r.store, o)
			if err != nil {
				return h, err
			}
			h = tag.Target
		default:
			return h, fmt.Errorf("it is a %s: name a commit", o.Type())
		}
	}
	return h, errors.New("too many tags in a row")
}

// parent returns the nth parent of a commit, from 1; 0 is the commit itself.
func (r *Repo) parent(h plumbing.Hash, n int) (plumbing.Hash, error) {
	if n == 0 {
		return h, nil
	}
	c, err := object.GetCommit(r.store, h)
	if err != nil {
		return h, fmt.Errorf("commit %s: %w", h, r.missing(err))
	}
	if n > len(c.ParentHashes) {
		return h, errNoParent
	}
	// HasEncodedObject would not look into the repositories that this one borrows from.
	up := c.ParentHashes[n-1]
	if _, err := r.store.EncodedObject(plumbing.CommitObject, up); err != nil {
		return h, errNoParent
	}
	return up, nil
}

// suffix reads one `~n` or `^n` into the parents to follow.
func suffix(s string) (steps []int, rest string, err error) {
	end := 1
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n := 1
	if end > 1 {
		if n, err = strconv.Atoi(s[1:end]); err != nil || n > 1_000_000 {
			return nil, "", fmt.Errorf("%q is too large a number", s[1:end])
		}
	}
	if end < len(s) && s[end] != '~' && s[end] != '^' {
		return nil, "", fmt.Errorf("%q cannot be read: after the name, only ~n and ^n are", s)
	}
	if s[0] == '^' {
		return []int{n}, s[end:], nil
	}
	steps = make([]int, n)
	for i := range steps {
		steps[i] = 1
	}
	return steps, s[end:], nil
}

// unknown says what to do about a revision that cannot be found. The lock must be held.
func (r *Repo) unknown(rev string, err error) error {
	none := !r.hasCommits()
	switch {
	case !errors.Is(err, errUnknown) && !errors.Is(err, errNoParent):
		return fmt.Errorf("revision %q: %w", rev, err)
	case none && !r.shallow():
		return fmt.Errorf("revision %q: the repository has no commits yet: make the first one", rev)
	case r.shallow():
		return fmt.Errorf("revision %q is not in this shallow clone, which holds only the end of the history: run git fetch --unshallow, or set fetch-depth: 0 where actions/checkout is used", rev)
	case errors.Is(err, errNoParent):
		return fmt.Errorf("revision %q goes back beyond the first commit", rev)
	case strings.ContainsAny(rev, ":{} *?[\\") || strings.Contains(rev, ".."):
		return fmt.Errorf("revision %q cannot be read: name a branch, a tag or a commit, with ~n for the nth before it", rev)
	}
	return fmt.Errorf("revision %q is not in the repository: check the name, or fetch it with git fetch origin %s", rev, rev)
}

func (r *Repo) hasCommits() bool {
	_, err := storer.ResolveReference(r.store, plumbing.HEAD)
	return err == nil
}
