package mail

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
)

// tokens fetches the access tokens that are the password of a login by xoauth2. A token
// serves until a minute before it ends.
type tokens struct {
	host   string
	fetch  func(context.Context) (*oauth2.Token, error)
	client *http.Client
	now    func() time.Time
	fail   func(what string, down bool) *post.Error

	mu   sync.Mutex
	held *oauth2.Token
}

// newTokens reads the address of a token server, which is one secret:
//
//	https://CLIENT:SECRET@host/path?scope=SCOPE                    client credentials (RFC 6749 §4.4)
//	https://CLIENT:SECRET@host/path?scope=SCOPE&refresh_token=T    refresh token (§6)
//
// It is https, or http on this machine.
func (m *Mail) newTokens() (*tokens, error) {
	u, err := url.Parse(m.o.Token)
	if err != nil || u.Hostname() == "" || u.User.Username() == "" || u.Scheme != "https" && (u.Scheme != "http" || !post.Loopback(u.Hostname())) {
		return nil, m.fail("its token server is not one: expected https://CLIENT:SECRET@host/path?scope=SCOPE, with &refresh_token=TOKEN where there is one", true)
	}
	query := u.Query()
	secret, _ := u.User.Password()
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	t := &tokens{host: u.Hostname(), now: m.o.Now, fail: m.fail}
	t.client = &http.Client{
		Timeout:       m.o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: m.tlsFor(t.host)},
	}
	if refresh := query.Get("refresh_token"); refresh != "" {
		c := oauth2.Config{ClientID: u.User.Username(), ClientSecret: secret, Scopes: strings.Fields(query.Get("scope")),
			Endpoint: oauth2.Endpoint{TokenURL: bare.String(), AuthStyle: oauth2.AuthStyleInParams}}
		t.fetch = func(ctx context.Context) (*oauth2.Token, error) {
			got, err := c.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
			if err == nil && got.RefreshToken != "" {
				refresh = got.RefreshToken // some servers give a new one each time
			}
			return got, err
		}
		return t, nil
	}
	c := clientcredentials.Config{ClientID: u.User.Username(), ClientSecret: secret, Scopes: strings.Fields(query.Get("scope")),
		TokenURL: bare.String(), AuthStyle: oauth2.AuthStyleInParams}
	t.fetch = c.Token
	return t, nil
}

// get returns a token that is good for the next attempt.
func (t *tokens) get(ctx context.Context) (string, *failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if h := t.held; h != nil && (h.Expiry.IsZero() || t.now().Add(time.Minute).Before(h.Expiry)) {
		return h.AccessToken, nil
	}
	got, err := t.fetch(context.WithValue(ctx, oauth2.HTTPClient, t.client))
	if err != nil {
		return "", t.judge(err)
	}
	t.held = got
	return got.AccessToken, nil
}

// codes are what a token server may say (RFC 6749 §5.2), and what to do. Nothing else of its
// answer is passed on: it may repeat what it was told.
var codes = map[string]string{
	"invalid_client":         "check the name and the secret of the application; secrets end",
	"invalid_grant":          "the refresh token has ended or was taken back: make a new one",
	"invalid_scope":          "check the scope",
	"invalid_request":        "check the address, above all the tenant",
	"unauthorized_client":    "let the application use this way to get tokens",
	"unsupported_grant_type": "the server does not know this way to get tokens",
}

// judge says what it means that there is no token. No mail was sent.
func (t *tokens) judge(err error) *failure {
	where := "its token server " + t.host + " "
	f := &failure{Error: t.fail(where+"cannot be reached or did not answer in time", true), again: true}
	var refused *oauth2.RetrieveError
	var transport *url.Error
	switch {
	case errors.As(err, &refused):
		t.refused(f, where, refused)
	case !errors.As(err, &transport) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled):
		f.What, f.again = where+"answered what is no token: check the address", false
	}
	return f
}

// refused judges an answer other than a token.
func (t *tokens) refused(f *failure, where string, e *oauth2.RetrieveError) {
	status := e.Response.StatusCode
	switch {
	case status == http.StatusTooManyRequests || status >= 500:
		f.What, f.Is = fmt.Sprintf("%stakes no more for now (%d)", where, status), reconcile.ErrDeferred
	case status >= 300 && status < 400:
		f.What, f.again = fmt.Sprintf("%sanswered %d: it leads elsewhere, which is not followed; set the final address", where, status), false
	case slices.Contains([]string{"temporarily_unavailable", "server_error"}, e.ErrorCode):
		f.What, f.Is = fmt.Sprintf("%stakes no more for now (%d)", where, status), reconcile.ErrDeferred
	case codes[e.ErrorCode] != "":
		f.What, f.again = fmt.Sprintf("%srefuses (%d %s): %s", where, status, e.ErrorCode, codes[e.ErrorCode]), false
	default:
		f.What, f.again = fmt.Sprintf("%srefuses (%d): check the address, the name and the secret", where, status), false
	}
}
