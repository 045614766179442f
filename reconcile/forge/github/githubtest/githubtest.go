// Package githubtest is a GitHub for tests: a server on this machine that keeps the issues
// of one repository, answers as GitHub does, and fails as GitHub fails.
//
// Every request and every answer is checked against GitHub's own OpenAPI description. A
// request that GitHub does not know, or that does not fit, fails the test, as does an
// answer of this server that GitHub would not give.
//
// To teach it another operation, add a line to operations and a method beside those of its
// kind. If it is not among the operations of testdata/openapi-cut.json, add its description
// to testdata/openapi-app.json, from GitHub's own.
//
// It is for one client under test at a time or several at once. Faults are put in by
// Inject; what people do on the web page by Change, Delete, Transfer and the like; what
// was asked is told by Count.
package githubtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"
)

// TB is what is needed of a test: *testing.T, *testing.B, or what a script has.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
}

// Options shape a server. The zero value is a private repository northwind/client-operations
// below /api/v3/ on HTTP/1, with one token that may write.
type Options struct {
	// Repository is owner/name.
	Repository string
	// BasePath is the path of the interface: "/" as on github.com, "/api/v3/" as on
	// GitHub Enterprise Server, which is the default.
	BasePath string
	// HTTP2 serves HTTP/2 over TLS; clients must then use Transport.
	HTTP2 bool
	// PageSize makes pages smaller than what is asked for; 0 leaves them.
	PageSize int
	// MaxPage is the last page that can be asked for by number; 0 is 100, as on GitHub.
	MaxPage int
	// Now is the clock of the server. Nil makes one of its own, which Clock returns.
	Now func() time.Time
	// Tick is how far the server's own clock moves with each request.
	Tick time.Duration
	// Hourly is the primary limit of each token, in requests an hour; 0 is 5,000.
	Hourly int
	// Watch sees each request before it is answered, with its body.
	Watch func(r *http.Request, body []byte)
}

// Token is accepted by every server until it is revoked. It looks like a personal token.
const Token = "ghp_SENTINELsentinelSENTINELsentinel0001"

// Server is a GitHub. Its methods may be called at any time.
type Server struct {
	tb       TB
	opt      Options
	contract *contract
	http     *httptest.Server
	base     *url.URL
	clock    *Clock
	now      func() time.Time
	closing  chan struct{}

	mu     sync.Mutex
	repo   repository
	tokens map[string]*account
	apps   map[string]*app
	faults []*Fault
	counts map[string]int
	sent   []Request
}

// New starts a server. The caller closes it.
func New(tb TB, o Options) *Server {
	tb.Helper()
	if o.Repository == "" {
		o.Repository = "northwind/client-operations"
	}
	if o.BasePath == "" {
		o.BasePath = "/api/v3/"
	}
	if o.MaxPage == 0 {
		o.MaxPage = 100
	}
	if o.Hourly == 0 {
		o.Hourly = 5000
	}
	s := &Server{tb: tb, opt: o, now: o.Now, closing: make(chan struct{}), counts: map[string]int{}, apps: map[string]*app{}}
	if s.now == nil {
		s.clock = NewClock(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
		s.now = s.clock.Now
	}
	s.repo = newRepository(o.Repository)
	s.tokens = map[string]*account{Token: {Account: Account{Login: "almanac-bot", Access: Write}}}
	s.start()
	return s
}

func (s *Server) start() {
	var err error
	if s.contract, err = loadContract(); err != nil {
		s.tb.Errorf("githubtest: the description of GitHub: %v", err)
	}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if s.opt.HTTP2 {
		s.http.EnableHTTP2 = true
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	s.base, err = url.Parse(s.http.URL + s.opt.BasePath)
	if err != nil {
		s.tb.Errorf("githubtest: the base path: %v", err)
	}
}

// URL is the address of the interface, as GITHUB_API_URL has it: without a slash at its end.
func (s *Server) URL() string { return trimSlash(s.base.String()) }

func trimSlash(a string) string {
	for a != "" && a[len(a)-1] == '/' {
		a = a[:len(a)-1]
	}
	return a
}

// Transport reaches the server; over HTTP/2 no other does.
func (s *Server) Transport() http.RoundTripper { return s.http.Client().Transport }

// Clock is the server's own clock, nil where Options.Now was given.
func (s *Server) Clock() *Clock { return s.clock }

// Repository is owner/name, as it is now.
func (s *Server) Repository() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.repo.owner + "/" + s.repo.name
}

// Close stops the server. Requests that hang are let go.
func (s *Server) Close() {
	close(s.closing)
	s.http.CloseClientConnections()
	s.http.Close()
}

// Request is one that was answered, or not.
type Request struct {
	// Operation is GitHub's name for it, such as issues/create.
	Operation, Method, Path string
	// At is by the server's clock, Began and Ended by the real one.
	At           time.Time
	Began, Ended time.Time
	// Status is 0 where there was no answer.
	Status int
}

// Write reports whether it could change something that people see.
func (r Request) Write() bool { return r.Method != http.MethodGet && r.Operation != opAppToken }

// Requests returns all requests so far, in the order in which they came.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.sent...)
}

// Count returns how often an operation was asked for, by GitHub's name for it, such as
// issues/list-for-repo.
func (s *Server) Count(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[operation]
}

// Totals returns how many requests there were, and how many of them were writes.
func (s *Server) Totals() (requests, writes int) {
	for _, r := range s.Requests() {
		requests++
		if r.Write() {
			writes++
		}
	}
	return requests, writes
}

// Reset forgets what was asked so far.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent, s.counts = nil, map[string]int{}
}
