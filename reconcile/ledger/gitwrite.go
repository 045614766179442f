package ledger

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

const (
	// races is how many lost races are taken before Update gives up: eight writers who
	// never rest have needed a dozen.
	races = 20
	// pushes is how often one commit is pushed to a branch that stays where it was.
	pushes = 3
	// firstPause and longestPause bound the wait before another try; it doubles.
	firstPause, longestPause = 50 * time.Millisecond, 3 * time.Second
	// afterCancel is how long it may take, once the run is to end, to find out whether the
	// last push arrived.
	afterCancel = 5 * time.Second
)

func (l *gitLedger) Update(ctx context.Context, decide func(*reconcile.History) (reconcile.Batch, error)) (*reconcile.History, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, err := l.load(ctx)
	if err != nil {
		return nil, err
	}
	for race := range races {
		b, err := decide(v.history)
		if err != nil || empty(b, v.history) {
			return v.history, err
		}
		nonce := l.o.Nonce()
		commit, err := l.commit(v, b, nonce)
		if err != nil {
			return nil, err
		}
		now, landed, err := l.deliver(ctx, v.commit, commit, nonce)
		if err != nil {
			return nil, err
		}
		if landed {
			if v, err = l.version(now); err != nil {
				return nil, fmt.Errorf("%w: %w", reconcile.ErrUnknownOutcome, err)
			}
			return v.history, nil
		}
		if err := l.pause(ctx, race); err != nil {
			return nil, err
		}
		if v, err = l.load(ctx); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("write the ledger, %s: other writers were faster %d times: run again", l.Name(), races)
}

// unless marks an error after which the update may be there.
func unless(unclear bool, err error) error {
	if unclear {
		return fmt.Errorf("%w: %w", reconcile.ErrUnknownOutcome, err)
	}
	return err
}

// pause waits before another try, each twice as long on average, and never in step with
// another writer.
func (l *gitLedger) pause(ctx context.Context, try int) error {
	d := min(firstPause<<try, longestPause)
	return l.o.Sleep(ctx, d/2+rand.N(d))
}

// deliver pushes a commit made on base. It returns where the branch is afterwards, and
// whether the commit is in it. Neither an error nor landed means that somebody else was
// faster.
//
// As long as the branch stays on base the very same commit is pushed again, never another
// one: should the first push only be late, both are one.
func (l *gitLedger) deliver(ctx context.Context, base, commit plumbing.Hash, nonce string) (now plumbing.Hash, landed bool, err error) {
	unclear := false
	for try := range pushes {
		if err := ctx.Err(); err != nil {
			return base, false, unless(unclear, l.fail("write", err))
		}
		pushed := l.push(ctx, base, commit)
		if pushed == nil {
			return commit, true, nil
		}
		unclear = unclear || !refused(pushed)
		now, landed, err = l.look(ctx, base, commit, nonce)
		switch {
		case err != nil:
			return base, false, unless(unclear, fmt.Errorf("%w; and looking for it: %w", pushed, err))
		case landed || now != base:
			return now, landed, nil
		case final(pushed) || try == pushes-1:
			return base, false, unless(unclear, pushed)
		}
		if err := l.pause(ctx, try); err != nil {
			return base, false, unless(unclear, l.fail("write", err))
		}
	}
	return base, false, nil
}

// push sends a commit. The branch must be on base, or absent for the zero hash.
func (l *gitLedger) push(ctx context.Context, base, commit plumbing.Hash) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	auth, err := l.auth(ctx)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	o := &git.PushOptions{
		RemoteName: "origin",
		Progress:   &said,
		RefSpecs:   []config.RefSpec{config.RefSpec(commit.String() + ":" + l.ref.String())},
		Auth:       auth,
	}
	if !base.IsZero() {
		o.RequireRemoteRefs = []config.RefSpec{config.RefSpec(base.String() + ":" + l.ref.String())}
	}
	if err := l.remote(l.store).PushContext(ctx, o); err != nil {
		if said.Len() > 0 {
			err = fmt.Errorf("%w: %s", err, said.String())
		}
		return l.fail("write", err)
	}
	return nil
}

// look finds out after a failed push where the branch is and whether the commit arrived. It
// asks even when the run is to end, for a moment.
func (l *gitLedger) look(ctx context.Context, base, commit plumbing.Hash, nonce string) (now plumbing.Hash, landed bool, err error) {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), afterCancel)
		defer cancel()
	}
	now, err = l.fetch(ctx)
	if err != nil || now == base || now.IsZero() {
		return now, false, err
	}
	if now == commit {
		return now, true, nil
	}
	for depth := 32; ; depth *= 8 {
		// Store and branch are read afresh: deepening a shallow store is unreliable.
		store := memory.NewStorage()
		if depth > 1<<15 {
			depth = 0
		}
		head, err := l.fetchInto(ctx, store, depth)
		if err != nil {
			return now, false, err
		}
		landed, known := search(store, head, base, nonce)
		if known || depth == 0 {
			return now, landed, nil
		}
	}
}

// search walks from a commit back to base and looks for a nonce. It reports whether the way
// there was known, or led to the beginning.
func search(store *memory.Storage, head, base plumbing.Hash, nonce string) (found, known bool) {
	seen := map[plumbing.Hash]bool{base: true}
	known = true
	for queue := []plumbing.Hash{head}; len(queue) > 0; queue = queue[1:] {
		if seen[queue[0]] || queue[0].IsZero() {
			continue
		}
		seen[queue[0]] = true
		c, err := object.GetCommit(store, queue[0])
		if err != nil {
			known = false
			continue
		}
		if nonceOf(c.Message) == nonce {
			return true, true
		}
		queue = append(queue, c.ParentHashes...)
	}
	return false, known
}

// commit makes the commit of a batch on top of a version, in memory.
func (l *gitLedger) commit(v *version, b reconcile.Batch, nonce string) (plumbing.Hash, error) {
	if err := writable(v.history); err != nil {
		return plumbing.ZeroHash, err
	}
	m, err := v.meta.updated(b)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	m.Update = ""
	byClient, err := lines(b.Events)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	root, err := l.tree(v.trees, m, byClient)
	if err != nil {
		return plumbing.ZeroHash, l.fail("write", err)
	}
	by := object.Signature{Name: l.o.Author, Email: l.o.Email, When: l.o.Now().UTC()}
	c := &object.Commit{Author: by, Committer: by, TreeHash: root,
		Message: cmp.Or(oneLine(b.Message), count(len(b.Events))) + "\n\n" + trailer + nonce + "\n"}
	if !v.commit.IsZero() {
		c.ParentHashes = []plumbing.Hash{v.commit}
	}
	hash, err := l.put(c.Encode)
	if err != nil {
		return plumbing.ZeroHash, l.fail("write", err)
	}
	return hash, nil
}

// tree makes the folders of a commit.
func (l *gitLedger) tree(old trees, m meta, byClient map[string][]byte) (plumbing.Hash, error) {
	var put []object.TreeEntry
	for _, client := range slices.Sorted(maps.Keys(byClient)) {
		name := strings.TrimPrefix(record.File(client), eventsDir+"/")
		var text []byte
		if e, ok := entry(old.events, name); ok {
			var err error
			if text, err = blob(l.store, e.Hash); err != nil {
				return plumbing.ZeroHash, err
			}
		}
		e, err := l.putFile(name, added(text, byClient[client]))
		if err != nil {
			return plumbing.ZeroHash, err
		}
		put = append(put, e)
	}
	events, err := l.put((&object.Tree{Entries: with(old.events, put...)}).Encode)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	e, err := l.putFile(metaFile, m.text())
	if err != nil {
		return plumbing.ZeroHash, err
	}
	dir := object.TreeEntry{Name: eventsDir, Mode: filemode.Dir, Hash: events}
	return l.put((&object.Tree{Entries: with(old.root, e, dir)}).Encode)
}

func (l *gitLedger) putFile(name string, text []byte) (object.TreeEntry, error) {
	hash, err := l.put(func(o plumbing.EncodedObject) error {
		o.SetType(plumbing.BlobObject)
		w, err := o.Writer()
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return errors.Join(err, w.Close())
	})
	return object.TreeEntry{Name: name, Mode: filemode.Regular, Hash: hash}, err
}

// put keeps an object in memory.
func (l *gitLedger) put(encode func(plumbing.EncodedObject) error) (plumbing.Hash, error) {
	o := l.store.NewEncodedObject()
	if err := encode(o); err != nil {
		return plumbing.ZeroHash, err
	}
	return l.store.SetEncodedObject(o)
}

// refused reports whether an error shows that the server, or go-git before it sent
// anything, turned the push down. Anything else may be an answer that got lost.
func refused(err error) bool {
	for _, sign := range []string{"command error on ", "non-fast-forward update", " required to be ", "object not found", "connection refused", "no such host"} {
		if strings.Contains(err.Error(), sign) {
			return true
		}
	}
	return final(err)
}

// final reports whether trying again is of no use as long as nobody changes something.
func final(err error) bool {
	for _, sentinel := range []error{transport.ErrAuthenticationRequired, transport.ErrAuthorizationFailed, transport.ErrRepositoryNotFound} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	for _, sign := range []string{"hook declined", "protected branch", "currently checked out", "denied", "not permitted"} {
		if strings.Contains(err.Error(), sign) {
			return true
		}
	}
	return false
}
