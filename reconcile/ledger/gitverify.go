package ledger

import (
	"context"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Verify walks the whole history: every commit is one of almanac's, by a nonce that no other
// has; files only ever grow; meta.json goes on from what it said; and what the branch holds
// now can be read. A branch that was set back to an earlier commit is sound in itself, and
// shows only in that issues are further than the ledger knows.
func (l *gitLedger) Verify(ctx context.Context) (found []Problem, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err = l.whole(ctx, func(p past) error {
		found, err = p.verify(ctx)
		return l.fail("verify", err)
	})
	if err != nil {
		return nil, err
	}
	head, err := l.fetch(ctx)
	if err != nil || head.IsZero() {
		return found, err
	}
	t, err := treesOf(l.store, head)
	if err != nil {
		return nil, l.fail("verify", err)
	}
	c, err := l.content(&version{commit: head, trees: t})
	if err != nil {
		return nil, err
	}
	now, err := l.present(c)
	return append(found, now...), err
}

// verify examines every commit, the oldest first.
func (p past) verify(ctx context.Context) (found []Problem, err error) {
	commits, err := p.commits()
	if err != nil {
		return nil, err
	}
	nonces := map[string]plumbing.Hash{}
	for _, c := range slices.Backward(commits) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		problems, err := p.examine(c, nonces)
		if err != nil {
			return nil, err
		}
		for _, f := range problems {
			f.Commit = c.Hash.String()
			found = append(found, f)
		}
	}
	return found, nil
}

// examine returns what is wrong with one commit following its parent.
func (p past) examine(c *object.Commit, nonces map[string]plumbing.Hash) (found []Problem, err error) {
	switch nonce := nonceOf(c.Message); {
	case nonce == "":
		found = append(found, Problem{Text: "the commit has no nonce: almanac did not write it"})
	case !nonces[nonce].IsZero():
		found = append(found, Problem{Text: "the commit has the nonce of " + nonces[nonce].String() + ": somebody copied it"})
	default:
		nonces[nonce] = c.Hash
	}
	if len(c.ParentHashes) > 1 {
		found = append(found, Problem{Text: "the commit merges two histories: almanac never does"})
	}
	old, err := p.before(c)
	if err != nil {
		return nil, err
	}
	now, err := treesOf(p.store, c.Hash)
	if err != nil {
		return nil, err
	}
	if len(c.ParentHashes) > 0 {
		more, err := p.continues(old, now)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	for _, f := range changes(old.events, now.events) {
		more, err := p.grows(f)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// continues compares meta.json of two commits.
func (p past) continues(old, now trees) (found []Problem, err error) {
	a, had := entry(old.root, metaFile)
	b, has := entry(now.root, metaFile)
	if !had || has && a.Hash == b.Hash {
		return nil, nil
	}
	was, err := p.text(a.Hash)
	if err != nil {
		return nil, err
	}
	is, err := p.text(b.Hash)
	if err != nil {
		return nil, err
	}
	for _, text := range continued(was, is) {
		found = append(found, Problem{File: metaFile, Text: text})
	}
	return found, nil
}

// grows says whether a file lost or changed a line.
func (p past) grows(f change) ([]Problem, error) {
	name := record.File(f.client)
	if f.old.IsZero() {
		return nil, nil
	}
	if f.new.IsZero() {
		return []Problem{{File: name, Text: "the file was deleted"}}, nil
	}
	was, err := p.text(f.old)
	if err != nil {
		return nil, err
	}
	is, err := p.text(f.new)
	if err != nil {
		return nil, err
	}
	if line := appended(was, is); line > 0 {
		return []Problem{{File: name, Line: line, Text: "a line was changed or deleted: lines are only ever added"}}, nil
	}
	return nil, nil
}
