package ledger

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/storage"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/schema/gitfs"
)

// DefaultBranch is where a Git ledger lies.
const DefaultBranch = "almanac-ledger"

// Options say where a Git ledger is and how it is written.
type Options struct {
	// URL is the address of the repository: https, ssh, file or a path. Where it is empty,
	// Dir and Remote tell it.
	URL string
	// Dir lies in a clone. Remote names one of its remotes; the empty Remote is the clone
	// itself, whose files, index and other branches are never touched.
	Dir, Remote string
	// Branch is the name of the branch, or a full ref; DefaultBranch where empty.
	Branch string
	// Token returns the secret for https, "" for none. Host, with the port that the address
	// has, is who will get it. Nil is none.
	Token func(ctx context.Context, host string) (string, error)
	// Author and Email stand in the commits; almanac where empty.
	Author, Email string
	// Now is the time of commits; the clock of the machine where nil.
	Now func() time.Time
	// Nonce returns a text that no other update ever has; random where nil. Two equal
	// commits have one hash, and whoever loses the race between them would read "already
	// up-to-date" as success.
	Nonce func() string
	// Sleep waits between tries; nil waits on the clock.
	Sleep func(context.Context, time.Duration) error
}

// Git returns the ledger in a branch of a repository. The branch has no history in common
// with any other and is made by the first Update.
//
// An Update is a commit on top of the one that was read, pushed without force, so that of
// two writers one is refused. An error of a push says little (a lost answer is one, and
// texts differ by server): after each the branch is read again, and the nonce in its newest
// commits tells whether the update is there.
func Git(o Options) (Ledger, error) {
	address, err := o.address()
	if err != nil {
		return nil, err
	}
	branch := cmp.Or(o.Branch, DefaultBranch)
	if !strings.HasPrefix(branch, "refs/") {
		branch = "refs/heads/" + branch
	}
	ref := plumbing.ReferenceName(branch)
	if err := ref.Validate(); err != nil {
		return nil, fmt.Errorf("%q cannot be the name of a branch", o.Branch)
	}
	o.Author, o.Email = cmp.Or(o.Author, "almanac"), cmp.Or(o.Email, "almanac@localhost")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Nonce == nil {
		o.Nonce = rand.Text
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &gitLedger{o: o, url: address, ref: ref, store: memory.NewStorage()}, nil
}

// address returns the address of the repository. A path becomes a file address: go-git
// walks every object of every branch before it pushes to a path.
func (o Options) address() (string, error) {
	switch {
	case o.URL != "" && isPath(o.URL):
		abs, err := filepath.Abs(o.URL)
		return fileURL(abs), err
	case o.URL != "":
		return o.URL, readable(o.URL)
	}
	repo, err := gitfs.Open(o.Dir)
	if err != nil {
		return "", fmt.Errorf("open the ledger: %w", err)
	}
	if o.Remote == "" {
		return fileURL(repo.Root()), nil
	}
	remote, err := repo.Git().Remote(o.Remote)
	if err != nil || len(remote.Config().URLs) == 0 {
		return "", fmt.Errorf("open the ledger: the repository %s has no remote %q: add it with git remote add, or use --ledger git for the repository itself", repo.Root(), o.Remote)
	}
	at := remote.Config().URLs[0]
	if isPath(at) && !filepath.IsAbs(at) {
		at = filepath.Join(repo.Root(), at)
	}
	return Options{URL: at}.address()
}

// readable refuses an address with a scheme that cannot be taken apart. It repeats none of it:
// a password with a slash or a blank in it is what makes addresses unreadable.
func readable(address string) error {
	if !strings.Contains(address, "://") {
		return nil // git@host:path
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" && u.Scheme != "file" {
		return errors.New("open the ledger: its address cannot be read: write it as https://HOST/PATH, without a password in it")
	}
	return nil
}

func isPath(address string) bool {
	e, err := transport.NewEndpoint(address)
	return err == nil && e.Protocol == "file" && !strings.HasPrefix(address, "file://")
}

func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

type gitLedger struct {
	o   Options
	url string
	ref plumbing.ReferenceName

	mu    sync.Mutex
	store *memory.Storage
	reader
}

func (l *gitLedger) Name() string {
	where := l.clean(l.url)
	if u, err := url.Parse(l.url); err == nil && u.Scheme == "file" {
		where = u.Path
	}
	return "branch " + l.ref.Short() + " of " + where
}

// callTime is how long one exchange with the server may take. It is below half of the grace
// after which another run takes over a claim.
const callTime = 60 * time.Second

// tracking is the name under which the newest version is kept in memory.
const tracking = plumbing.ReferenceName("refs/remotes/origin/ledger")

// remote returns the repository as go-git wants it, over a store.
func (l *gitLedger) remote(store storage.Storer) *git.Remote {
	stayHome()
	return git.NewRemote(store, &config.RemoteConfig{Name: "origin", URLs: []string{l.url}})
}

// fetch gets the newest commit, without its past, and returns its hash; the zero hash says
// that there is no branch.
func (l *gitLedger) fetch(ctx context.Context) (plumbing.Hash, error) {
	if err := ctx.Err(); err != nil {
		return plumbing.ZeroHash, l.fail("read", err)
	}
	return l.fetchInto(ctx, l.store, 1)
}

func (l *gitLedger) fetchInto(ctx context.Context, store *memory.Storage, depth int) (plumbing.Hash, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	auth, err := l.auth(ctx)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	err = l.remote(store).FetchContext(ctx, &git.FetchOptions{
		RefSpecs: []config.RefSpec{config.RefSpec("+" + l.ref.String() + ":" + tracking.String())},
		Depth:    depth,
		Auth:     auth,
		Tags:     git.NoTags,
		Force:    true,
	})
	switch {
	case errors.Is(err, transport.ErrEmptyRemoteRepository), errors.Is(err, git.NoMatchingRefSpecError{}):
		return plumbing.ZeroHash, nil
	case err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate):
		return plumbing.ZeroHash, l.fail("read", err)
	}
	ref, err := store.Reference(tracking)
	if err != nil {
		return plumbing.ZeroHash, l.fail("read", err)
	}
	return ref.Hash(), nil
}

// auth returns how to sign in. A secret goes over https, or to this machine, or nowhere.
func (l *gitLedger) auth(ctx context.Context) (transport.AuthMethod, error) {
	u, err := url.Parse(l.url)
	if err != nil || l.o.Token == nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, nil
	}
	token, err := l.o.Token(ctx, u.Host)
	if err != nil {
		return nil, fmt.Errorf("sign in to %s: %w", l.Name(), err)
	}
	if token == "" {
		return nil, nil
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("sign in to %s: a token is not sent over http: use https", l.Name())
	}
	return &githttp.BasicAuth{Username: "x-access-token", Password: token}, nil
}

func (l *gitLedger) Load(ctx context.Context) (*reconcile.History, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, err := l.load(ctx)
	if err != nil {
		return nil, err
	}
	return v.history, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
