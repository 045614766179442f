package notify

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
	"github.com/almanac-gitops/almanac/reconcile/notify/slack"
	"github.com/almanac-gitops/almanac/reconcile/notify/teams"
	"github.com/almanac-gitops/almanac/reconcile/notify/webhook"
)

// TestAnswers holds what each channel over HTTP makes of each answer: how often it asks, and
// what the run is told. Only a webhook, which tells repeats apart, is asked again where it
// may have taken the message.
func TestAnswers(t *testing.T) {
	channels := map[string]func(post.Options) (sender, error){
		"slack":   func(o post.Options) (sender, error) { return slack.New(o) },
		"teams":   func(o post.Options) (sender, error) { return teams.New(o) },
		"webhook": func(o post.Options) (sender, error) { return webhook.New(o, "") },
	}
	unknown, deferred := reconcile.ErrUnknownOutcome, reconcile.ErrDeferred
	for name, tt := range map[string]struct {
		code, asked int
		is          error
		says        string
		// webhook is what differs for a webhook: how often it is asked.
		webhook int
	}{
		"200":      {code: 200, asked: 1, webhook: 1},
		"202":      {code: 202, asked: 1, webhook: 1},
		"400":      {code: 400, asked: 1, webhook: 1, says: "not accepted"},
		"404":      {code: 404, asked: 1, webhook: 1, says: "no such webhook"},
		"429":      {code: 429, asked: 3, webhook: 3, is: deferred, says: "takes no more for now"},
		"500":      {code: 500, asked: 1, webhook: 3, is: unknown, says: "500"},
		"stall":    {code: 0, asked: 1, webhook: 3, is: unknown, says: "no answer came"},
		"redirect": {code: 307, asked: 1, webhook: 1, says: "leads elsewhere"},
	} {
		for channel, build := range channels {
			t.Run(channel+"/"+name, func(t *testing.T) {
				var asked, elsewhere atomic.Int32
				other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
				defer other.Close()
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					asked.Add(1)
					_, _ = io.Copy(io.Discard, r.Body)
					if tt.code == 0 {
						<-r.Context().Done()
						return
					}
					w.Header().Set("Location", other.URL+"/"+secret)
					w.WriteHeader(tt.code)
					_, _ = io.WriteString(w, secret)
				}))
				defer s.Close()
				timeout := time.Minute
				if tt.code == 0 {
					timeout = time.Second // long enough for the request to arrive on a busy machine
				}
				c, err := build(post.Options{Channel: "ops", Address: s.URL + "/" + secret, Timeout: timeout, Now: time.Now,
					Sleep: func(context.Context, time.Duration) error { return nil }})
				if err != nil {
					t.Fatal(err)
				}
				err = c.Send(t.Context(), single())
				want, is := tt.asked, tt.is
				if channel == "webhook" {
					if want = tt.webhook; tt.code == 500 {
						is = nil // it failed thrice, and a later run may ask once more
					}
				}
				switch {
				case int(asked.Load()) != want || elsewhere.Load() != 0:
					t.Errorf("asked %d times, and %d times elsewhere; want %d", asked.Load(), elsewhere.Load(), want)
				case tt.says == "" && err != nil, tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), secret)):
					t.Errorf("%v, want %q", err, tt.says)
				case is != nil && !errors.Is(err, is), is == nil && (errors.Is(err, unknown) || errors.Is(err, deferred)):
					t.Errorf("%v, want %v", err, is)
				}
			})
		}
	}
}
