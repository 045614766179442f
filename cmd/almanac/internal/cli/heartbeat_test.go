package cli

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
)

func TestStaleHeartbeat(t *testing.T) {
	now := time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC) // a Wednesday
	weekend := &schema.Organization{Policies: schema.Policies{Heartbeat: schema.Heartbeat{After: civil.Span{N: 1, Unit: civil.BusinessDay, Set: true}}}}
	for name, tt := range map[string]struct {
		org  *schema.Organization
		last time.Time
		want bool
	}{
		"never":                       {&schema.Organization{}, time.Time{}, false},
		"an hour":                     {&schema.Organization{}, now.Add(-time.Hour), false},
		"a day to the minute":         {&schema.Organization{}, now.Add(-24 * time.Hour), false},
		"a day and a minute":          {&schema.Organization{}, now.Add(-24*time.Hour - time.Minute), true},
		"Friday, on Sunday, by work":  {weekend, now.AddDate(0, 0, -5), true},
		"a business day, over Sunday": {weekend, now.AddDate(0, 0, -1), false},
	} {
		if got := staleHeartbeat(tt.org, tt.last, now); (got != "") != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestBeat calls a watchdog that answers, refuses, sends elsewhere or is not there. Its
// address is never shown.
func TestBeat(t *testing.T) {
	called := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed to another host") }))
	defer elsewhere.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called++
		switch {
		case strings.HasSuffix(r.URL.Path, "refused"):
			w.WriteHeader(http.StatusForbidden)
		case strings.HasSuffix(r.URL.Path, "moved"):
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		}
	}))
	defer s.Close()
	org := &schema.Organization{Policies: schema.Policies{Heartbeat: schema.Heartbeat{URLFrom: &schema.FromEnv{Env: "WATCHDOG_URL"}}}}
	for path, want := range map[string]string{
		s.URL + "/SECRET/ok":        "",
		s.URL + "/SECRET/refused":   "it answered 403",
		s.URL + "/SECRET/moved":     "it answered 302",
		"http://127.0.0.1:1/SECRET": "it cannot be reached",
		"http://SECRET:%zz":         "its value is not an address",
		"":                          "WATCHDOG_URL is not set",
	} {
		var talk bytes.Buffer
		c := &Command{Stderr: &talk, Getenv: func(string) string { return path }}
		c.beat(context.Background(), org)
		if got := talk.String(); want == "" && got != "" || !strings.Contains(got, want) || strings.Contains(got, "SECRET") {
			t.Errorf("%s: told %q", path, got)
		}
	}
	if called != 3 {
		t.Errorf("called %d times", called)
	}
}
