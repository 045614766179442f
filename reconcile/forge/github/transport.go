package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
)

const (
	// maxTries bounds how often one request is sent.
	maxTries = 3
	// maxAnswer bounds an answer: a hundred issues of the greatest size fit four times.
	maxAnswer = 64 << 20
)

// transport sends requests to one host, below one path, with the token. It reads the whole
// answer, so that one that breaks off is an error here, where it is known what may be
// tried again.
type transport struct {
	base             http.RoundTripper
	api              *url.URL
	tokens           tokens
	now              func() time.Time
	sleep            func(context.Context, time.Duration) error
	timeout, maxWait time.Duration
	pace             *pace
	log              func(string)

	mu sync.Mutex
	// ahead is how far GitHub's clock is ahead of ours, once an answer came.
	ahead *time.Duration
	// refused is the time by our clock until which GitHub takes nothing more.
	refused time.Time
}

func newTransport(api *url.URL, o Options) *transport {
	t := &transport{
		base: o.Transport, api: api, now: o.Now, sleep: o.Sleep,
		timeout: o.Timeout, maxWait: o.MaxWait,
	}
	if t.base == nil {
		t.base = http.DefaultTransport
	}
	if t.now == nil {
		t.now = time.Now
	}
	if t.sleep == nil {
		t.sleep = sleep
	}
	if t.timeout == 0 {
		t.timeout = time.Minute
	}
	if t.maxWait == 0 {
		t.maxWait = 3 * time.Minute
	}
	t.pace = newPace(o.MinWriteGap)
	return t
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// kind says what a request does.
type kind int

const (
	read     kind = iota
	change        // of something that exists
	creation      // of an issue, a comment or a label, which GitHub limits more
)

// kindOf tells reads from writes. To make an installation token changes nothing that
// anybody sees, so it counts as a read. To put a label on an issue makes no label.
func (t *transport) kindOf(r *http.Request) kind {
	p := r.URL.Path
	switch {
	case r.Method == http.MethodGet, r.Method == http.MethodHead, strings.HasPrefix(p, t.api.Path+"app/"):
		return read
	case r.Method == http.MethodPost && (strings.HasSuffix(p, "/issues") || strings.HasSuffix(p, "/comments") ||
		strings.HasSuffix(p, "/labels") && !strings.Contains(p, "/issues/")):
		return creation
	}
	return change
}

// RoundTrip sends a request until there is an answer to it. What it cannot answer is a
// *failure, which it also leaves in the note that the context carries: go-github puts the
// error of the context before that of the transport, and so forgets that a cancelled write
// may have happened.
func (t *transport) RoundTrip(in *http.Request) (*http.Response, error) {
	resp, err := t.roundTrip(in)
	if in.Body != nil {
		_ = in.Body.Close()
	}
	if err != nil {
		if n, ok := in.Context().Value(noteKey{}).(*note); ok {
			n.err = err
		}
		return nil, err
	}
	// go-github must not see these: it would refuse later requests by its own clock.
	for _, h := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After"} {
		resp.Header.Del(h)
	}
	return resp, nil
}

type noteKey struct{}

// note carries an error past go-github.
type note struct{ err error }

func (t *transport) roundTrip(in *http.Request) (*http.Response, error) {
	if err := t.pinned(in.URL); err != nil {
		return nil, err
	}
	k, b := t.kindOf(in), t.budget(in.Context())
	if k == read {
		return t.tries(in, k, b)
	}
	done, err := t.pace.begin(in.Context(), t, k, b)
	if err != nil {
		return nil, err
	}
	defer done()
	return t.tries(in, k, b)
}

// budget is how long may still be waited.
type budget struct{ left time.Duration }

type budgetKey struct{}

// withBudget makes all requests of one write share the time for waiting, so that the
// whole of it ends long before its claim in the ledger may be taken over.
func (t *transport) withBudget(ctx context.Context) context.Context {
	return context.WithValue(ctx, budgetKey{}, &budget{left: t.maxWait})
}

func (t *transport) budget(ctx context.Context) *budget {
	if b, ok := ctx.Value(budgetKey{}).(*budget); ok {
		return b
	}
	return &budget{left: t.maxWait}
}

// pinned refuses every address but those of the interface that was configured.
func (t *transport) pinned(u *url.URL) error {
	if u.Scheme != t.api.Scheme || hostPort(u) != hostPort(t.api) || u.User != nil || !strings.HasPrefix(u.Path, t.api.Path) {
		return &failure{text: "refused to go to " + clean(u.Host) + ", which is not below the API address " + t.api.Host + strings.TrimRight(t.api.Path, "/") + ": the token must not get there"}
	}
	return nil
}

// hostPort returns the host and port of an address, with the port that goes without saying.
func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// tries sends a request up to maxTries times, as the verdicts on the answers allow.
func (t *transport) tries(in *http.Request, k kind, b *budget) (*http.Response, error) {
	for try := 1; ; try++ {
		if err := t.open(); err != nil {
			return nil, err
		}
		resp, maybe, err := t.once(in)
		v := t.verdict(resp, err, k, maybe, try)
		if v.err == nil {
			return resp, nil
		}
		if !v.again || try == maxTries || v.wait > b.left {
			return nil, t.give(v)
		}
		t.log(fmt.Sprintf("GitHub: %v; trying again in %v", v.err, v.wait.Round(time.Second)))
		b.left -= v.wait
		if err := t.sleep(in.Context(), v.wait); err != nil {
			return nil, &failure{text: "stopped while waiting for GitHub", kind: err}
		}
	}
}

// open refuses locally while GitHub takes nothing: asking all the same can get a token
// banned.
func (t *transport) open() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now().Before(t.refused) {
		return &failure{text: "GitHub takes no more until " + clock(t.refused), kind: reconcile.ErrDeferred}
	}
	return nil
}

// give returns the error of a last try, and after a limit closes the door until it lifts.
func (t *transport) give(v verdict) error {
	if v.limited {
		t.mu.Lock()
		defer t.mu.Unlock()
		if until := t.now().Add(v.wait); until.After(t.refused) {
			t.refused = until
		}
	}
	return v.err
}

// once sends a request one time and reads the whole answer. When it fails, maybe says that
// the request may have reached GitHub: everything but a connection that was never made.
func (t *transport) once(in *http.Request) (resp *http.Response, maybe bool, err error) {
	req, err := t.prepare(in)
	if err != nil {
		return nil, false, err
	}
	ctx, cancel := context.WithTimeout(in.Context(), t.timeout)
	defer cancel()
	var asked, got atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { got.Store(true) },
	})
	resp, err = t.base.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, got.Load() || !asked.Load(), err
	}
	t.setClock(resp)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	_ = resp.Body.Close()
	if err != nil {
		return nil, true, fmt.Errorf("the answer broke off: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, true, nil
}

type composeKey struct{}

// composed has the body of a request made anew at each try, right before it is sent.
func composed(ctx context.Context, body func() (any, error)) context.Context {
	return context.WithValue(ctx, composeKey{}, body)
}

// recompose gives a request the body that it ought to have at this moment.
func recompose(req *http.Request, body func() (any, error)) error {
	v, err := body()
	if err != nil {
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	req.ContentLength = int64(len(b))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }
	req.Body, err = req.GetBody()
	return err
}

// prepare copies a request with its body as it was at first, unless that is composed, and
// adds the token.
func (t *transport) prepare(in *http.Request) (*http.Request, error) {
	req := in.Clone(in.Context())
	if body, ok := in.Context().Value(composeKey{}).(func() (any, error)); ok {
		if err := recompose(req, body); err != nil {
			return nil, err
		}
	} else if in.Body != nil && in.Body != http.NoBody {
		if in.GetBody == nil {
			return nil, &failure{text: "the body of the request can be sent only once"}
		}
		body, err := in.GetBody()
		if err != nil {
			return nil, err
		}
		req.Body = body
	}
	if req.Method == http.MethodGet {
		// GitHub lets an answer be kept for a minute; an old list makes duplicates.
		req.Header.Set("Cache-Control", "max-age=0")
	}
	if req.Header.Get("Authorization") == "" {
		token, err := t.tokens.token(in.Context())
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}

// setClock notes how far GitHub's clock is from ours.
func (t *transport) setClock(resp *http.Response) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	ahead := date.Sub(t.now())
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ahead = &ahead
}

// clock returns the time by GitHub's clock, and false before the first answer.
func (t *transport) clock() (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ahead == nil {
		return time.Time{}, false
	}
	return t.now().Add(*t.ahead).UTC(), true
}
