package mail

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
)

// issuer is a token server that remembers what it was asked.
type issuer struct {
	mu     sync.Mutex
	asked  []url.Values
	answer func(n int, w http.ResponseWriter, r *http.Request)
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	i.mu.Lock()
	i.asked = append(i.asked, r.PostForm)
	n := len(i.asked)
	i.mu.Unlock()
	i.answer(n, w, r)
}

// token answers with a token, which the mail server takes for the right password.
func token(extra string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token": %q, "token_type": "Bearer"%s}`, secret, extra)
	}
}

// refusal answers with an error that repeats the secret in every way it can.
func refusal(status int, code string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "https://evil.example/"+secret)
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error": %q, "error_description": "you said %s", "error_uri": "https://x.example/%s"}`, code, secret, secret)
	}
}

// issued starts a mail server and a token server, and returns options that lead to both.
func issued(t *testing.T, i *issuer, query string) (Options, *server) {
	s := &server{mechs: []string{"XOAUTH2"}}
	o := start(t, s, how{})
	ts := httptest.NewServer(i)
	t.Cleanup(func() { ts.CloseClientConnections(); ts.Close() })
	o.Server = "smtp://almanac@example.com:2525"
	o.Token = strings.Replace(ts.URL, "http://", "http://app-1:"+secret+"@", 1) + "/tenant/token?" + query
	return o, s
}

// TestTokens holds that tokens are fetched as the server wants to be asked, and kept until
// shortly before they end.
func TestTokens(t *testing.T) {
	for name, tt := range map[string]struct {
		query, extra string
		later        time.Duration
		fetched      int
		first, last  string
	}{
		"client credentials":   {query: "scope=https%3A%2F%2Foutlook.office365.com%2F.default", extra: `, "expires_in": 3600`, fetched: 1, first: "grant_type=client_credentials&scope=https%3A%2F%2Foutlook.office365.com%2F.default"},
		"refresh token":        {query: "refresh_token=R1", extra: `, "expires_in": 3600`, fetched: 1, first: "grant_type=refresh_token&refresh_token=R1"},
		"ended":                {query: "scope=a+b", extra: `, "expires_in": 3600`, later: 2 * time.Hour, fetched: 2, first: "grant_type=client_credentials&scope=a+b", last: "grant_type=client_credentials&scope=a+b"},
		"about to end":         {query: "", extra: `, "expires_in": 3600`, later: time.Hour - 30*time.Second, fetched: 2, first: "grant_type=client_credentials"},
		"refresh token passed": {query: "refresh_token=R1", extra: `, "expires_in": 3600, "refresh_token": "R2"`, later: 2 * time.Hour, fetched: 2, first: "grant_type=refresh_token&refresh_token=R1", last: "grant_type=refresh_token&refresh_token=R2"},
		"no end is said":       {query: "", extra: "", later: 2 * time.Hour, fetched: 1, first: "grant_type=client_credentials"},
	} {
		t.Run(name, func(t *testing.T) {
			i := &issuer{answer: token(tt.extra)}
			o, s := issued(t, i, tt.query)
			later := time.Duration(0)
			o.Now = func() time.Time { return time.Now().Add(later) }
			m, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := m.Send(t.Context(), message("dana")); err != nil {
					t.Fatal(err)
				}
				later = tt.later
			}
			if len(s.mails) != 2 || len(i.asked) != tt.fetched {
				t.Fatalf("%d mails, %d tokens fetched", len(s.mails), len(i.asked))
			}
			for n, want := range map[int]string{0: tt.first, len(i.asked) - 1: tt.last} {
				got := i.asked[n]
				if got.Get("client_id") != "app-1" || got.Get("client_secret") != secret {
					t.Errorf("asked as %v", got)
				}
				got.Del("client_id")
				got.Del("client_secret")
				if want != "" && got.Encode() != want {
					t.Errorf("asked %q, want %q", got.Encode(), want)
				}
				got.Set("client_id", "app-1")
				got.Set("client_secret", secret)
			}
		})
	}
}

func TestTokenFaults(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	for name, tt := range map[string]struct {
		answer func(int, http.ResponseWriter, *http.Request)
		asked  int
		is     error
		says   string
		mails  int
	}{
		"wrong secret":   {answer: refusal(401, "invalid_client"), asked: 1, says: "its token server 127.0.0.1 refuses (401 invalid_client): check the name and the secret of the application"},
		"token taken":    {answer: refusal(400, "invalid_grant"), asked: 1, says: "(400 invalid_grant): the refresh token has ended"},
		"another error":  {answer: refusal(400, secret), asked: 1, says: "refuses (400): check the address"},
		"not there":      {answer: refusal(404, ""), asked: 1, says: "refuses (404): check the address"},
		"redirect":       {answer: refusal(302, ""), asked: 1, says: "answered 302: it leads elsewhere, which is not followed"},
		"redirect, POST": {answer: refusal(307, ""), asked: 1, says: "answered 307: it leads elsewhere, which is not followed"},
		"busy":           {answer: refusal(429, ""), asked: 3, is: reconcile.ErrDeferred, says: "takes no more for now (429)"},
		"down":           {answer: refusal(503, ""), asked: 3, is: reconcile.ErrDeferred, says: "takes no more for now (503)"},
		"busy, it says":  {answer: refusal(400, "temporarily_unavailable"), asked: 3, is: reconcile.ErrDeferred, says: "takes no more for now (400)"},
		"no token in it": {answer: func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>"+secret) }, asked: 1, says: "answered what is no token"},
		"hangs up":       {answer: func(int, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, asked: 3, says: "cannot be reached or did not answer in time"},
		"stalls": {answer: func(_ int, _ http.ResponseWriter, r *http.Request) {
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		}, asked: 3, says: "cannot be reached or did not answer in time"},
		"down, then well": {answer: func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				refusal(500, "")(n, w, r)
				return
			}
			token("")(n, w, r)
		}, asked: 2, mails: 1},
		"stale token": {answer: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token": "old"}`)
		}, asked: 1, says: "refuses the login (535)"},
	} {
		t.Run(name, func(t *testing.T) {
			i := &issuer{answer: tt.answer}
			o, s := issued(t, i, "scope=x&refresh_token="+secret)
			if name == "stalls" {
				o.Timeout = time.Second // long enough for the request to arrive on a busy machine
			}
			wants(t, send(t, o, message("dana")), tt.says, tt.is, tt.says != "")
			if len(i.asked) != tt.asked || len(s.mails) != tt.mails {
				t.Errorf("asked %d times, %d mails", len(i.asked), len(s.mails))
			}
		})
	}
}

// TestTokenUnreachable holds that an interrupted run waits for no token, and that nothing of
// the address is told.
func TestTokenUnreachable(t *testing.T) {
	o, _ := issued(t, &issuer{answer: token("")}, "refresh_token="+secret)
	u, _ := url.Parse(o.Token)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	u.Host = l.Addr().String()
	o.Token = u.String()
	wants(t, send(t, o, message("dana")), "its token server 127.0.0.1 cannot be reached", nil, true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, m.Send(ctx, message("dana")), "cannot be reached or did not answer in time", nil, true)
}

func TestTokenConfiguration(t *testing.T) {
	good := "https://app-1:" + secret + "@login.example/t/token"
	for _, tt := range []struct{ server, token, says string }{
		{"smtp://almanac%40northwind.example@mail.example", good, ""},
		{"smtps://almanac@mail.example?auth=XOAUTH2", good, ""},
		{"smtp://almanac@mail.example", "https://app-1@login.example/token?refresh_token=x", ""},
		{"smtp://mail.example", good, "without a password"},
		{"smtp://almanac:" + secret + "@mail.example", good, "without a password"},
		{"smtp://almanac@mail.example?auth=plain", good, "without a password"},
		{"smtp://almanac@mail.example", secret, "its token server is not one"},
		{"smtp://almanac@mail.example", "https://login.example/" + secret, "its token server is not one"},
		{"smtp://almanac@mail.example", "http://app-1:" + secret + "@login.example/token", "its token server is not one"},
		{"smtp://almanac@mail.example", "https://app-1:" + secret + "@login.example:port/token", "its token server is not one"},
	} {
		_, err := New(Options{Channel: "staff-mail", Server: tt.server, Token: tt.token, From: "almanac@northwind.example"})
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), secret)) {
			t.Errorf("%s, %s: %v", tt.server, tt.token, err)
		}
	}
}
