package github

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestNextLink(t *testing.T) {
	for link, want := range map[string]string{
		"":                                "",
		`<https://a/?page=2>; rel="next"`: "https://a/?page=2",
		`<https://a/?page=1>; rel="prev"`: "",
		`<https://a/?p=1>; rel="first", <https://a/?labels=a,b&p=2>; rel="next", <https://a/?p=9>; rel="last"`: "https://a/?labels=a,b&p=2",
		`<https://a/?p=1>;rel="next"`: "https://a/?p=1",
		`<https://a`:                  "",
		`rel="next"`:                  "",
		`<>; rel="next"`:              "",
	} {
		if got := nextLink(http.Header{"Link": {link}}); got != want {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}

// TestPinned: the port that goes without saying may be said, and nothing else differs.
func TestPinned(t *testing.T) {
	f, err := New(Options{APIURL: "https://GitHub.example/api/v3", Repository: "a/b", Token: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://github.example/api/v3/user":     true,
		"https://github.example:443/api/v3/user": true,
		"https://github.example:80/api/v3/user":  false,
		"http://github.example/api/v3/user":      false,
		"https://github.example/api/v30/user":    false,
		"https://github.example/user":            false,
		"https://x@github.example/api/v3/user":   false,
		"https://github.example.evil/api/v3/":    false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.wire.pinned(u) == nil; got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// FuzzNextLink: what comes out stands between angle brackets in what goes in.
func FuzzNextLink(f *testing.F) {
	f.Add(`<https://a/?p=1>; rel="first", <https://a/?p=2>; rel="next"`)
	f.Add(`<`)
	f.Add(`<<>>;,rel="next"`)
	f.Fuzz(func(t *testing.T, link string) {
		if got := nextLink(http.Header{"Link": {link}}); got != "" && !strings.Contains(link, "<"+got+">") {
			t.Errorf("%q gives %q", link, got)
		}
	})
}

// FuzzAddresses: whatever the repository, label and login, a request stays below the
// repository, and whatever the base address, the token goes nowhere unencrypted.
func FuzzAddresses(f *testing.F) {
	f.Add("https://github.example/api/v3", "northwind/ops", "client:a/../b")
	f.Add("http://127.0.0.1:80", "a/..", "..")
	f.Add("http://localhost.example", "../../user", "%2e%2e/x?y#z")
	f.Fuzz(func(t *testing.T, api, repository, label string) {
		g, err := New(Options{APIURL: api, Repository: repository, Token: "x"})
		if err != nil {
			return
		}
		if g.api.Scheme != "https" && !isLoopback(g.api.Hostname()) {
			t.Errorf("the token would go to %s", g.api)
		}
		names, err := labelNames([]string{label})
		if err != nil {
			return
		}
		req, err := g.client.NewRequest(http.MethodDelete, g.path("issues", "1", "labels", names[0]), nil)
		if err != nil {
			t.Fatalf("%q: %v", label, err)
		}
		if err := g.wire.pinned(req.URL); err != nil {
			t.Errorf("%q: %v", label, err)
		}
		last := req.URL.EscapedPath()[strings.LastIndexByte(req.URL.EscapedPath(), '/')+1:]
		back, err := url.PathUnescape(last)
		if err != nil || back != names[0] || !strings.HasSuffix(req.URL.EscapedPath(), "/repos/"+repository+"/issues/1/labels/"+last) {
			t.Errorf("%q goes to %s: %v", label, req.URL, err)
		}
	})
}
