// Package post sends the bodies of messages over HTTP, for the channels that are webhooks.
//
// The address of a webhook is a secret. It appears in no error and is followed nowhere:
// a redirect is a failure. An answer that does not come leaves it open whether the message
// was taken, so it is sent again within the same run only where that does no harm: after an
// answer that says it was not taken, after a connection that was never made, or to a
// receiver that tells repeats apart.
package post

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
)

const (
	// Timeout is how long one attempt may take.
	Timeout = 15 * time.Second
	// attempts is how often one message is tried in one run.
	attempts = 3
	// patience is the longest that a run waits because a receiver asks it to.
	patience = 30 * time.Second
)

// Options say how a channel is reached.
type Options struct {
	// Channel is the id of the channel and Address its secret address.
	Channel, Address string
	// Repeats says that the receiver tells repeats apart by the headers of a message.
	Repeats bool
	// Timeout replaces the constant where it is set.
	Timeout time.Duration
	// Sleep waits between two attempts.
	Sleep func(context.Context, time.Duration) error
	// TLS replaces the certificates of the system where it is set.
	TLS *tls.Config
	// Now reads the clock, to understand a Retry-After that is a date.
	Now func() time.Time
}

// Poster sends to one address. It may be used from several goroutines.
type Poster struct {
	o      Options
	url    *url.URL
	client *http.Client
}

// New checks the address: https, or http on this machine. It sends nothing.
func New(o Options) (*Poster, error) {
	p := &Poster{o: o}
	u, err := url.Parse(o.Address)
	if err != nil || u.Host == "" {
		return nil, p.fail("its address is not one: expected https://host/path")
	}
	p.url = u
	if u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Hostname())) {
		return nil, p.fail("its address does not begin with https://")
	}
	p.client = &http.Client{
		Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			TLSClientConfig: tlsConfig(o.TLS),
			DialContext:     (&net.Dialer{Timeout: Timeout}).DialContext,
		},
	}
	if p.client.Timeout == 0 {
		p.client.Timeout = Timeout
	}
	return p, nil
}

func tlsConfig(c *tls.Config) *tls.Config {
	if c == nil {
		c = &tls.Config{}
	}
	c = c.Clone()
	c.MinVersion = tls.VersionTLS12
	return c
}

// Loopback reports whether a host is this machine.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Host returns the host of the address, which is no secret.
func (p *Poster) Host() string { return p.url.Hostname() }

// fail is a failure that lasts: the message did not go out, and no other would.
func (p *Poster) fail(format string, args ...any) *Error {
	e := &Error{Channel: p.o.Channel, What: fmt.Sprintf(format, args...), Down: true}
	if p.url != nil {
		e.Host = p.url.Hostname()
	}
	return e
}

// Post sends a body. The header is added to each attempt.
func (p *Poster) Post(ctx context.Context, header http.Header, body []byte) error {
	for n := 1; ; n++ {
		wait, err := p.attempt(ctx, header, body)
		if err == nil || wait < 0 || n == attempts {
			return err
		}
		if wait == 0 {
			wait = time.Duration(n) * time.Second
		}
		if p.o.Sleep(ctx, wait) != nil {
			return err
		}
	}
}

// attempt sends once. It returns how long to wait before the next attempt: 0 for as long as
// is usual, less where there must be none.
func (p *Poster) attempt(ctx context.Context, header http.Header, body []byte) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url.String(), bytes.NewReader(body))
	if err != nil {
		return -1, p.fail("its address is not one: expected https://host/path")
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "almanac")
	res, err := p.client.Do(req)
	if err != nil {
		return p.noAnswer(ctx, err)
	}
	_, _ = io.CopyN(io.Discard, res.Body, 64<<10)
	_ = res.Body.Close()
	return p.judge(res)
}

// noAnswer judges an attempt that nothing came back from.
func (p *Poster) noAnswer(ctx context.Context, err error) (time.Duration, error) {
	var dial *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return -1, p.fail("its certificate is not trusted")
	case errors.As(err, &dial) && dial.Op == "dial":
		return 0, p.fail("cannot be reached: check the network and the host")
	}
	e := p.fail("no answer came: the message may have been taken")
	e.Is = reconcile.ErrUnknownOutcome
	if p.o.Repeats && ctx.Err() == nil {
		return 0, e
	}
	return -1, e
}

// judge says what an answer means.
func (p *Poster) judge(res *http.Response) (time.Duration, error) {
	code := res.StatusCode
	e := p.fail("answered %d %s", code, http.StatusText(code))
	switch {
	case code >= 200 && code < 300:
		return 0, nil
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		wait := p.retryAfter(res.Header.Get("Retry-After"))
		e.What += ": it takes no more for now"
		e.Is = reconcile.ErrDeferred
		if wait > patience {
			return -1, e
		}
		return wait, e
	case code >= 500 && p.o.Repeats:
		return 0, e
	case code >= 500:
		// The server failed; whether before or after it passed the message on is unknown.
		e.Is = reconcile.ErrUnknownOutcome
	case code >= 300 && code < 400:
		e.What += ": it leads elsewhere, which is not followed; set the final address"
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		e.What += ": the address or its secret is not accepted; make a new webhook and set its address"
	case code == http.StatusNotFound, code == http.StatusGone:
		e.What += ": there is no such webhook any more; make a new one and set its address"
	default:
		e.Down = false
		e.What += ": the message is not accepted"
	}
	return -1, e
}

// retryAfter reads seconds or a date (RFC 9110 §10.2.3); 0 where there is neither.
func (p *Poster) retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < 1<<30 {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(0, t.Sub(p.o.Now()))
	}
	return 0
}
