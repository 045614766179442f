package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/almanac-gitops/almanac/reconcile"
)

// version is one commit of the ledger, read.
type version struct {
	commit  plumbing.Hash
	trees   trees
	meta    meta
	history *reconcile.History
}

// trees are the two folders of a commit.
type trees struct{ root, events []object.TreeEntry }

// load gets the newest version.
func (l *gitLedger) load(ctx context.Context) (*version, error) {
	head, err := l.fetch(ctx)
	if err != nil {
		return nil, err
	}
	return l.version(head)
}

// version reads a commit from memory. Afterwards memory holds nothing but that commit.
func (l *gitLedger) version(head plumbing.Hash) (*version, error) {
	v := &version{commit: head}
	c := content{}
	if !head.IsZero() {
		var err error
		if v.trees, err = treesOf(l.store, head); err != nil {
			return nil, l.fail("read", err)
		}
		if c, err = l.content(v); err != nil {
			return nil, err
		}
	}
	var err error
	if v.history, v.meta, err = l.history(c); err != nil {
		return nil, err
	}
	return v, l.forget(v)
}

// content returns what a commit holds. A branch with nothing of a ledger in it is somebody
// else's.
func (l *gitLedger) content(v *version) (content, error) {
	c := content{head: v.commit.String(), files: map[string]file{}}
	if e, ok := entry(v.trees.root, metaFile); ok {
		text, err := blob(l.store, e.Hash)
		if err != nil {
			return content{}, l.fail("read", err)
		}
		c.meta = text
	}
	for _, e := range v.trees.events {
		if client, ok := clientOf(e.Name); ok && e.Mode.IsFile() {
			c.files[client] = file{e.Hash.String(), func() ([]byte, error) { return blob(l.store, e.Hash) }}
		}
	}
	if c.meta == nil && len(c.files) == 0 {
		return content{}, fmt.Errorf("the %s is no ledger: it has neither %s nor %s: choose another branch", l.Name(), metaFile, eventsDir)
	}
	return c, nil
}

// forget drops from memory what versions before this one had, unless somebody put further
// folders into the branch: those are not looked into, and must be whole for a push.
func (l *gitLedger) forget(v *version) error {
	kept := memory.NewStorage()
	if v.commit.IsZero() {
		l.store = kept
		return nil
	}
	c, err := object.GetCommit(l.store, v.commit)
	if err != nil {
		return l.fail("read", err)
	}
	hashes := []plumbing.Hash{v.commit, c.TreeHash}
	for _, e := range slices.Concat(v.trees.root, v.trees.events) {
		if !e.Mode.IsFile() && e.Name != eventsDir {
			return nil
		}
		hashes = append(hashes, e.Hash)
	}
	for _, h := range hashes {
		o, err := l.store.EncodedObject(plumbing.AnyObject, h)
		if err == nil {
			_, err = kept.SetEncodedObject(o)
		}
		if err != nil {
			return l.fail("read", err)
		}
	}
	err = errors.Join(kept.SetReference(plumbing.NewHashReference(tracking, v.commit)), kept.SetShallow([]plumbing.Hash{v.commit}))
	l.store = kept
	return err
}

// treesOf reads the folders of a commit.
func treesOf(s storer.EncodedObjectStorer, commit plumbing.Hash) (trees, error) {
	c, err := object.GetCommit(s, commit)
	if err != nil {
		return trees{}, err
	}
	root, err := object.GetTree(s, c.TreeHash)
	if err != nil {
		return trees{}, err
	}
	t := trees{root: root.Entries}
	if e, ok := entry(root.Entries, eventsDir); ok && e.Mode == filemode.Dir {
		events, err := object.GetTree(s, e.Hash)
		if err != nil {
			return trees{}, err
		}
		t.events = events.Entries
	}
	return t, nil
}

func entry(entries []object.TreeEntry, name string) (object.TreeEntry, bool) {
	i := slices.IndexFunc(entries, func(e object.TreeEntry) bool { return e.Name == name })
	if i < 0 {
		return object.TreeEntry{}, false
	}
	return entries[i], true
}

// with returns the entries with a file or folder put in, in the order of Git.
func with(entries []object.TreeEntry, put ...object.TreeEntry) []object.TreeEntry {
	names := map[string]bool{}
	for _, e := range put {
		names[e.Name] = true
	}
	kept := slices.DeleteFunc(slices.Clone(entries), func(e object.TreeEntry) bool { return names[e.Name] })
	all := append(kept, put...)
	sort.Sort(object.TreeEntrySorter(all))
	return all
}

// blob returns the text of a file.
func blob(s storer.EncodedObjectStorer, h plumbing.Hash) (text []byte, err error) {
	o, err := s.EncodedObject(plumbing.BlobObject, h)
	if err != nil {
		return nil, err
	}
	r, err := o.Reader()
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := r.Close(); err == nil {
			err = e
		}
	}()
	return io.ReadAll(r)
}

// trailer begins the line of a message that holds the nonce.
const trailer = "Almanac-Nonce: "

// nonceOf returns the nonce in a message, or "".
func nonceOf(message string) string {
	nonce := ""
	for line := range strings.Lines(message) {
		if n, ok := strings.CutPrefix(line, trailer); ok {
			nonce = strings.TrimSpace(n)
		}
	}
	return nonce
}

// oneLine returns a message as the first line of a commit.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }
