package post

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
)

// secret is in every address of the tests and in every answer, and must be in no error.
const secret = "SENTINEL-c0ffee"

// server answers each request by the next of the given answers, the last one again and again.
func server(t *testing.T, answers ...http.HandlerFunc) (address string, requests *atomic.Int32) {
	n := &atomic.Int32{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers[min(int(n.Add(1)), len(answers))-1](w, r)
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL + "/hook/" + secret + "?sig=" + secret, n
}

func answer(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte("no_service " + secret))
	}
}

// drop ends the connection without an answer.
func drop(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// stall never answers.
func stall(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client went away
	<-r.Context().Done()
}

func TestAnswers(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		answers  []http.HandlerFunc
		repeats  bool
		requests int
		waits    time.Duration
		is       error
		down     bool
		says     string
	}{
		"200":                     {answers: []http.HandlerFunc{answer(200)}, requests: 1},
		"202":                     {answers: []http.HandlerFunc{answer(202)}, requests: 1},
		"400":                     {answers: []http.HandlerFunc{answer(400)}, requests: 1, says: "400 Bad Request: the message is not accepted"},
		"403":                     {answers: []http.HandlerFunc{answer(403)}, requests: 1, down: true, says: "make a new webhook"},
		"404":                     {answers: []http.HandlerFunc{answer(404)}, requests: 1, down: true, says: "there is no such webhook any more"},
		"429 then 200":            {answers: []http.HandlerFunc{answer(429, "Retry-After", "7"), answer(200)}, requests: 2, waits: 7 * time.Second},
		"429 until a date":        {answers: []http.HandlerFunc{answer(429, "Retry-After", now.Add(9*time.Second).Format(http.TimeFormat)), answer(200)}, requests: 2, waits: 9 * time.Second},
		"429 without a time":      {answers: []http.HandlerFunc{answer(429), answer(200)}, requests: 2, waits: time.Second},
		"429 for ever":            {answers: []http.HandlerFunc{answer(429)}, requests: 3, waits: 3 * time.Second, is: reconcile.ErrDeferred, down: true, says: "takes no more for now"},
		"429 for an hour":         {answers: []http.HandlerFunc{answer(429, "Retry-After", "3600")}, requests: 1, is: reconcile.ErrDeferred, down: true, says: "takes no more for now"},
		"429, as long as we wait": {answers: []http.HandlerFunc{answer(429, "Retry-After", "30"), answer(200)}, requests: 2, waits: 30 * time.Second},
		"429, longer":             {answers: []http.HandlerFunc{answer(429, "Retry-After", "31"), answer(200)}, requests: 1, is: reconcile.ErrDeferred, down: true, says: "takes no more for now"},
		"503 then 200":            {answers: []http.HandlerFunc{answer(503), answer(200)}, requests: 2, waits: time.Second},
		"500":                     {answers: []http.HandlerFunc{answer(500)}, requests: 1, is: reconcile.ErrUnknownOutcome, down: true, says: "500"},
		"500, repeats are safe":   {answers: []http.HandlerFunc{answer(500), answer(500), answer(200)}, repeats: true, requests: 3, waits: 3 * time.Second},
		"500 for ever, repeats":   {answers: []http.HandlerFunc{answer(500)}, repeats: true, requests: 3, waits: 3 * time.Second, down: true, says: "500"},
		"redirect":                {answers: []http.HandlerFunc{answer(302, "Location", "https://evil.example/"+secret)}, requests: 1, down: true, says: "it leads elsewhere"},
		"dropped":                 {answers: []http.HandlerFunc{drop}, requests: 1, is: reconcile.ErrUnknownOutcome, down: true, says: "no answer came"},
		"dropped, repeats":        {answers: []http.HandlerFunc{drop, answer(200)}, repeats: true, requests: 2, waits: time.Second},
		"stalled":                 {answers: []http.HandlerFunc{stall}, requests: 1, is: reconcile.ErrUnknownOutcome, down: true, says: "no answer came"},
	} {
		t.Run(name, func(t *testing.T) {
			address, requests := server(t, tt.answers...)
			var waits time.Duration
			timeout := time.Minute
			if name == "stalled" {
				timeout = time.Second // long enough for the request to arrive on a busy machine
			}
			p, err := New(Options{Channel: "ops", Address: address, Repeats: tt.repeats, Timeout: timeout,
				Now: func() time.Time { return now }, Sleep: func(_ context.Context, d time.Duration) error { waits += d; return nil }})
			if err != nil {
				t.Fatal(err)
			}
			err = p.Post(context.Background(), http.Header{"X-Test": {"1"}}, []byte(`{}`))
			check(t, err, tt.says, tt.is, tt.down)
			if int(requests.Load()) != tt.requests || waits != tt.waits {
				t.Errorf("%d requests, waited %s; want %d and %s", requests.Load(), waits, tt.requests, tt.waits)
			}
		})
	}
}

func check(t *testing.T, err error, says string, is error, down bool) {
	t.Helper()
	var e *Error
	if says == "" {
		if err != nil {
			t.Error(err)
		}
		return
	}
	if !errors.As(err, &e) || !strings.Contains(err.Error(), says) || !errors.Is(err, is) && is != nil || is == nil && e.Is != nil || e.Down != down {
		t.Errorf("got %#v (%v); want %q, %v, down %v", err, err, says, is, down)
	}
	if !strings.HasPrefix(err.Error(), "channel ops (127.0.0.1): ") && !strings.HasPrefix(err.Error(), "channel ops: ") {
		t.Errorf("%v does not name channel and host", err)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error tells the secret: %v", err)
	}
}

func TestInterruptedIsNotTriedAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	address, requests := server(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	p, err := New(Options{Channel: "ops", Address: address, Repeats: true, Sleep: func(context.Context, time.Duration) error { return nil }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	check(t, p.Post(ctx, nil, nil), "no answer came", reconcile.ErrUnknownOutcome, true)
	if requests.Load() != 1 {
		t.Errorf("%d requests", requests.Load())
	}
}

func TestUnreachable(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	n := 0
	p, err := New(Options{Channel: "ops", Address: s.URL + "/" + secret, Sleep: func(context.Context, time.Duration) error { n++; return nil }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	check(t, p.Post(context.Background(), nil, nil), "cannot be reached", nil, true)
	if n != 2 {
		t.Errorf("waited %d times, want 2", n)
	}
}

func TestUntrustedCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	p, err := New(Options{Channel: "ops", Address: s.URL + "/" + secret, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	check(t, p.Post(context.Background(), nil, nil), "certificate is not trusted", nil, true)
}

func TestAddress(t *testing.T) {
	for address, says := range map[string]string{
		"https://hooks.example/x":     "",
		"http://127.0.0.1:8080/x":     "",
		"http://localhost/x":          "",
		"http://[::1]/x":              "",
		"http://hooks.example/x":      "does not begin with https://",
		"ftp://hooks.example/x":       "does not begin with https://",
		"http://127.0.0.1.evil/x":     "does not begin with https://",
		"hooks.example/" + secret:     "its address is not one",
		"https://":                    "its address is not one",
		"https://h.example:" + secret: "its address is not one",
		"":                            "its address is not one",
	} {
		_, err := New(Options{Channel: "ops", Address: address})
		switch {
		case says == "" && err != nil:
			t.Errorf("%s: %v", address, err)
		case says != "" && (err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), secret)):
			t.Errorf("%s: %v, want %s", address, err, says)
		}
	}
}
