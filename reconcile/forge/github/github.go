// Package github keeps issues in a GitHub repository, on github.com or on GitHub
// Enterprise Server.
//
// Everything that GitHub's interface makes easy to get wrong is decided in one place:
//
//   - transport.go: the token goes to one host only; what may be tried again and what never
//   - limit.go: what a refusal means, and how long to wait
//   - pace.go: how fast to write
//   - redirect.go: where an answer may send us
//   - list.go: how to read all of a list that changes while it is read
//   - write.go: how to open, and how to tell that a part of it was dropped
//   - edit.go, whole.go: how to change in two writes without losing what people added
//   - milestones.go: how to find a milestone by its title, which GitHub cannot be asked for
//   - comments.go: how to hear what people say at the price of one request
//   - permission.go: what GitHub's answer about a login is worth
//   - group.go: how to show one issue under another, where that can be
//
// go-github builds the requests and knows the types. Its own ideas of tokens, redirects,
// rate limits and paths are not used: it follows redirects with the token, takes 429 for
// a plain error, locks itself out for an hour after a secondary limit, and puts names into
// addresses as they are. Tokens of apps are made here for reasons that stand in token.go.
//
// A write is never sent twice unless GitHub said that it did nothing. A write without an
// answer is an error that wraps reconcile.ErrUnknownOutcome; a limit that will not lift
// soon is one that wraps reconcile.ErrDeferred.
package github

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/almanac-gitops/almanac/reconcile"
)

// DefaultAPI is the address of github.com.
const DefaultAPI = "https://api.github.com"

// Options says which repository, as whom, and with what clock. Repository and one of Token
// and App are needed; the rest has defaults.
type Options struct {
	// APIURL is the base of the interface, as GITHUB_API_URL has it: DefaultAPI when empty,
	// https://host/api/v3 for an Enterprise Server. It must be https, unless the host is
	// this machine. It comes from the environment, never from the files of a repository.
	APIURL string
	// Repository is owner/name.
	Repository string
	// Token is a personal token, or the GITHUB_TOKEN of a workflow.
	Token string
	// App is used where there is no Token.
	App *App
	// Login is who opens issues with the Token, where GitHub cannot be asked: an
	// installation token that somebody else made. Empty asks.
	Login string
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// Now and Sleep are the clock; nil is the real one.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
	// MinWriteGap is the least time between two writes; 0 is one second, which GitHub asks for.
	MinWriteGap time.Duration
	// MaxWait is the longest that one call waits for limits, in all; 0 is three minutes.
	// What would wait longer is deferred. It must stay well below the time after which a
	// claim in the ledger may be taken over.
	MaxWait time.Duration
	// Timeout bounds each single try; 0 is one minute.
	Timeout time.Duration
	// Log is told of waiting and of tries that are repeated, Warn of things that somebody
	// should look at, such as an assignee who does not exist. Both get one line without
	// secrets; nil drops it.
	Log, Warn func(string)
}

// Forge is a repository on GitHub. It is safe for use by several goroutines; writes happen
// one after the other whoever asks for them.
type Forge struct {
	api    *url.URL
	owner  string
	repo   string
	login  string
	tokens tokens
	client *github.Client
	wire   *transport
	warn   func(string)

	labels *labels
	people *people
	// milestones are asked for when they are first needed.
	milestones milestones

	mu sync.Mutex
	// home is the repository as GitHub describes it, once it was asked for.
	home *github.Repository
	// ids are GitHub's own numbers of the issues that it showed, by number.
	ids map[int]int64
	// flat is set when GitHub turned out to have no sub-issues.
	flat bool
	// mute is set when GitHub left out labels: nothing more is opened then.
	mute error
}

var (
	ownerShape = regexp.MustCompile(`^[A-Za-z0-9](-?[A-Za-z0-9_])*$`)
	repoShape  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)
)

// New returns the issues of a repository. It sends nothing.
func New(o Options) (*Forge, error) {
	api, err := parseAPI(o.APIURL)
	if err != nil {
		return nil, err
	}
	owner, repo, err := parseRepository(o.Repository)
	if err != nil {
		return nil, err
	}
	f := &Forge{api: api, owner: owner, repo: repo, login: o.Login, labels: newLabels(), people: newPeople(), ids: map[int]int64{}}
	f.wire = newTransport(api, o)
	if f.tokens, err = f.newTokens(o); err != nil {
		return nil, err
	}
	f.wire.tokens = f.tokens
	f.warn = f.safely(o.Warn)
	f.wire.log = f.safely(o.Log)
	f.client = github.NewClient(&http.Client{Transport: f.wire, CheckRedirect: f.checkRedirect})
	f.client.BaseURL = api
	f.client.UserAgent = "almanac"
	return f, nil
}

// safely returns a printer that gets lines without tokens.
func (f *Forge) safely(print func(string)) func(string) {
	if print == nil {
		return func(string) {}
	}
	return func(s string) { print(f.safe(s)) }
}

// parseAPI returns the base address, with a slash at its end.
func parseAPI(s string) (*url.URL, error) {
	if s == "" {
		s = DefaultAPI
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the GitHub API address is not an address: expected one such as " + DefaultAPI + " or https://github.example/api/v3")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("the GitHub API address must begin with https, so that nobody on the way reads the token: %s://%s", u.Scheme, u.Host)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+"/", ""
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// parseRepository takes owner/name apart. What it lets through needs no escaping in an
// address.
func parseRepository(s string) (owner, repo string, err error) {
	owner, repo, _ = strings.Cut(s, "/")
	if !ownerShape.MatchString(owner) || len(owner) > 100 || !repoShape.MatchString(repo) || repo == "." || repo == ".." {
		return "", "", fmt.Errorf("%q is not a repository: expected owner/name, such as northwind/client-operations", clean(s))
	}
	return owner, repo, nil
}

// Name says which repository it is, and on which server where that is not github.com.
func (f *Forge) Name() string {
	name := "GitHub issues of " + f.owner + "/" + f.repo
	if f.api.Host != "api.github.com" {
		name += " on " + f.api.Host
	}
	return name
}

// path returns the address of something in the repository, below the base. Every part is
// escaped.
func (f *Forge) path(parts ...string) string {
	p := "repos/" + f.owner + "/" + f.repo
	for _, s := range parts {
		p += "/" + url.PathEscape(s)
	}
	return p
}

var _ reconcile.Forge = (*Forge)(nil)
