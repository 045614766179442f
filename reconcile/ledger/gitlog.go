package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/almanac-gitops/almanac/reconcile/record"
)

// past is the whole history of the branch, in a folder that is deleted afterwards: the
// trees of thousands of commits do not belong into memory.
type past struct {
	store *filesystem.Storage
	head  plumbing.Hash
}

// whole fetches the history and hands it to use. There is none for an absent branch.
func (l *gitLedger) whole(ctx context.Context, use func(past) error) (err error) {
	dir, err := os.MkdirTemp("", "almanac-ledger-")
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	store := filesystem.NewStorage(osfs.New(dir), cache.NewObjectLRUDefault())
	defer func() { err = errors.Join(err, store.Close()) }()
	auth, err := l.auth(ctx)
	if err != nil {
		return err
	}
	spec := config.RefSpec("+" + l.ref.String() + ":" + tracking.String())
	err = l.remote(store).FetchContext(ctx, &git.FetchOptions{RefSpecs: []config.RefSpec{spec}, Auth: auth, Tags: git.NoTags})
	if errors.Is(err, transport.ErrEmptyRemoteRepository) || errors.Is(err, git.NoMatchingRefSpecError{}) {
		return nil
	}
	if err != nil {
		return l.fail("read", err)
	}
	ref, err := store.Reference(tracking)
	if err != nil {
		return l.fail("read", err)
	}
	return use(past{store, ref.Hash()})
}

// commits returns every commit, each before its parents.
func (p past) commits() ([]*object.Commit, error) {
	head, err := object.GetCommit(p.store, p.head)
	if err != nil {
		return nil, err
	}
	var all []*object.Commit
	err = object.NewCommitPostorderIter(head, nil).ForEach(func(c *object.Commit) error {
		all = append(all, c)
		return nil
	})
	return all, err
}

// change is a file of the ledger that differs between a commit and a parent. A hash is zero
// where there is no file.
type change struct {
	client   string
	old, new plumbing.Hash
}

// changes compares the files of two commits, walking both folders at once.
func changes(old, new []object.TreeEntry) []change {
	var found []change
	note := func(name string, a, b plumbing.Hash) {
		if client, ok := clientOf(name); ok && a != b {
			found = append(found, change{client, a, b})
		}
	}
	for len(old) > 0 || len(new) > 0 {
		switch {
		case len(new) == 0 || len(old) > 0 && old[0].Name < new[0].Name:
			note(old[0].Name, old[0].Hash, plumbing.ZeroHash)
			old = old[1:]
		case len(old) == 0 || new[0].Name < old[0].Name:
			note(new[0].Name, plumbing.ZeroHash, new[0].Hash)
			new = new[1:]
		default:
			note(old[0].Name, old[0].Hash, new[0].Hash)
			old, new = old[1:], new[1:]
		}
	}
	return found
}

// text returns the text of a file, nothing for the zero hash.
func (p past) text(h plumbing.Hash) ([]byte, error) {
	if h.IsZero() {
		return nil, nil
	}
	return blob(p.store, h)
}

// before returns the trees of the first parent, or none.
func (p past) before(c *object.Commit) (trees, error) {
	if len(c.ParentHashes) == 0 {
		return trees{}, nil
	}
	return treesOf(p.store, c.ParentHashes[0])
}

// Log tells the steps from the commits.
func (l *gitLedger) Log(ctx context.Context, client string, max int) (log []Commit, err error) {
	err = l.whole(ctx, func(p past) error {
		commits, err := p.commits()
		if err != nil {
			return l.fail("read", err)
		}
		for _, c := range commits {
			if max > 0 && len(log) == max || ctx.Err() != nil {
				return ctx.Err()
			}
			events, touched, err := p.step(c, client)
			if err != nil {
				return l.fail("read", err)
			}
			if touched {
				subject, _, _ := strings.Cut(c.Message, "\n")
				log = append(log, Commit{At: c.Committer.When.UTC(), Author: c.Author.Name, Message: subject, Events: events})
			}
		}
		return nil
	})
	return log, err
}

// step returns what a commit added for a client, or for all, and whether it touched them.
func (p past) step(c *object.Commit, client string) (list []record.Event, touched bool, err error) {
	old, err := p.before(c)
	if err != nil {
		return nil, false, err
	}
	now, err := treesOf(p.store, c.Hash)
	if err != nil {
		return nil, false, err
	}
	for _, f := range changes(old.events, now.events) {
		if client != "" && f.client != client {
			continue
		}
		touched = true
		was, err := p.text(f.old)
		if err != nil {
			return nil, false, err
		}
		is, err := p.text(f.new)
		if err != nil {
			return nil, false, err
		}
		if appended(was, is) == 0 {
			list = events(f.client, string(is[len(was):]), list, nobody)
		}
	}
	return list, touched || client == "", nil
}
