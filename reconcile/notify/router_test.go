package notify

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
	"github.com/almanac-gitops/almanac/schema"
)

// secret is in every variable of the tests, and must never be seen.
const secret = "SENTINEL-c0ffee"

func env(name string) *schema.FromEnv { return &schema.FromEnv{Env: name} }

func catalog() *schema.Catalog {
	c := &schema.Catalog{
		Organization: &schema.Organization{Meta: schema.Meta{ID: "northwind"}, Name: "Northwind IT", EmailDomains: []string{"northwind.example"}, Channels: []schema.Channel{
			{ID: "ops", Type: "slack", URLFrom: env("OPS")},
			{ID: "team", Type: "teams", URLFrom: env("TEAM")},
			{ID: "hook", Type: "webhook", URLFrom: env("HOOK"), SecretFrom: env("HOOK_SECRET")},
			{ID: "mail", Type: "email", From: "almanac@northwind.example", ServerFrom: env("MAIL")},
			{ID: "nowhere", Type: "slack"},
			{ID: "cloud", Type: "email", From: "almanac@northwind.example", ServerFrom: env("CLOUD"), TokenFrom: env("CLOUD_TOKEN")},
		}},
		People: []*schema.Person{
			{Meta: schema.Meta{ID: "dana"}, Name: "Dana Whitfield", Email: "dana@northwind.example"},
			{Meta: schema.Meta{ID: "eve"}, Name: "Eve", Email: "eve@client.example"},
		},
	}
	c.Index()
	return c
}

// world is a router with what it says.
type world struct {
	*Router
	log      strings.Builder
	warnings []string
}

func newWorld(vars map[string]string) *world {
	w := &world{}
	w.Router = New(Options{Catalog: catalog(), Getenv: func(k string) string { return vars[k] }, Now: func() time.Time { return time.Unix(1_780_000_000, 0) },
		Sleep: func(context.Context, time.Duration) error { return nil }, Log: &w.log,
		Warn: func(channel, variable string) { w.warnings = append(w.warnings, channel+" "+variable) }})
	return w
}

func message(channel string, to ...string) reconcile.Message {
	return reconcile.Message{ID: "acme/vcio/2026/audit/heads-up", Channel: channel, To: to, Title: "Acme: IT audit is due", Text: "Acme: IT audit is due."}
}

// hook is a server that remembers bodies and answers with a code.
func hook(t *testing.T, code int) (address string, bodies *[]string) {
	var l []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		l = append(l, string(b))
		w.WriteHeader(code)
		fmt.Fprint(w, secret)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/" + secret, &l
}

func TestOneOfTwoFails(t *testing.T) {
	dead, asked := hook(t, 404)
	alive, got := hook(t, 202)
	w := newWorld(map[string]string{"OPS": dead, "TEAM": alive})
	for i := range 3 {
		m := message("ops")
		m.ID += fmt.Sprint(i)
		err := w.Send(context.Background(), m)
		if err == nil || strings.Contains(err.Error(), secret) || !strings.HasPrefix(err.Error(), "channel ops (127.0.0.1): ") {
			t.Errorf("%v", err)
		}
		if later := errors.Is(err, reconcile.ErrDeferred); later != (i > 0) {
			t.Errorf("message %d: %v", i, err)
		}
		if err := w.Send(context.Background(), message("team")); err != nil {
			t.Error(err)
		}
	}
	if len(*asked) != 1 || len(*got) != 3 {
		t.Errorf("the dead channel was asked %d times, the other had %d messages", len(*asked), len(*got))
	}
}

// TestRefusedMessage holds that a message which is not accepted says nothing about the next.
func TestRefusedMessage(t *testing.T) {
	address, asked := hook(t, 400)
	w := newWorld(map[string]string{"OPS": address})
	for range 2 {
		if err := w.Send(context.Background(), message("ops")); err == nil {
			t.Error("no error")
		}
	}
	if len(*asked) != 2 {
		t.Errorf("asked %d times", len(*asked))
	}
}

func TestWithoutVariables(t *testing.T) {
	w := newWorld(nil)
	for _, channel := range []string{"ops", "ops", "mail", "nowhere", ""} {
		if err := w.Send(context.Background(), message(channel, "dana")); err != nil {
			t.Error(err)
		}
	}
	if got := strings.Join(w.warnings, ", "); got != "ops OPS, mail MAIL, nowhere " {
		t.Errorf("warnings %q", got)
	}
	if n := strings.Count(w.log.String(), "\n"); n != 5 {
		t.Errorf("%d lines:\n%s", n, w.log.String())
	}
	if err := w.Send(context.Background(), message("gone")); err == nil || err.Error() != `there is no channel "gone"` {
		t.Error(err)
	}
}

func TestChannels(t *testing.T) {
	w := newWorld(map[string]string{"OPS": "http://hooks.example/" + secret, "TEAM": "https://x.webhook.office.com/" + secret, "HOOK": "https://hooks.example/" + secret, "MAIL": "smtp://u:" + secret + "@mail.example", "CLOUD": "smtp://u@mail.example"})
	var l []string
	for _, c := range w.Channels() {
		l = append(l, fmt.Sprint(c.ID, " ", c.Set, " ", c.Host, " ", c.Err))
	}
	got := strings.Join(l, "\n")
	want := `ops true hooks.example channel ops (hooks.example): its address does not begin with https://
team true x.webhook.office.com channel team (x.webhook.office.com): this address is of an Office 365 connector, which no longer delivers: in Teams add the workflow "Send webhook alerts to a channel", let anyone trigger it, and set its address
hook true  channel hook: HOOK_SECRET is not set: messages would not be signed
mail true mail.example <nil>
nowhere false  <nil>
cloud true  channel cloud: CLOUD_TOKEN is not set: nobody can log in without a token`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, id := range []string{"ops", "team", "hook"} {
		var e *post.Error
		if err := w.Send(context.Background(), message(id)); !errors.As(err, &e) || strings.Contains(err.Error(), secret) {
			t.Errorf("%v", err)
		}
	}
	if w.log.Len() > 0 || len(w.warnings) > 0 {
		t.Error("a channel that cannot work goes to the log unnoticed")
	}
	vars := map[string]string{"CLOUD": "smtp://u@mail.example", "CLOUD_TOKEN": "https://app:" + secret + "@login.example/token"}
	if cloud := newWorld(vars).Channels()[5]; cloud.Err != nil || cloud.Host != "mail.example" {
		t.Errorf("%+v", cloud)
	}
	// The plan would have refused Eve; mail does so itself.
	if err := w.Send(context.Background(), message("mail", "eve")); err == nil || !strings.Contains(err.Error(), "eve lies outside email-domains") {
		t.Error(err)
	}
}

// TestComment holds that a notice is written on its issue, once it is there, and mentions
// people of the staff and nobody else.
func TestComment(t *testing.T) {
	c := catalog()
	c.Organization.Channels = []schema.Channel{{ID: "issue", Type: "comment"}}
	c.People[0].GitHub = "dana-w"
	c.Index()
	got, fail := "", error(nil)
	r := New(Options{Catalog: c, Comment: func(_ context.Context, n int, text string) error { got += fmt.Sprintln(n, text); return fail }})
	m := message("issue", "dana", "eve")
	if err := r.Send(t.Context(), m); err == nil {
		t.Error("a message about no issue is written somewhere")
	}
	m.Items = []reconcile.Item{{Number: 7, To: m.To, Title: "Acme @all <!-- x -->: IT audit is due"}}
	if err := r.Send(t.Context(), m); err != nil {
		t.Error(err)
	}
	if want := "7 @dana-w, Eve: "; !strings.HasPrefix(got, want) || strings.Contains(got, "@all") || strings.Contains(got, " <!--") {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, is := range []error{reconcile.ErrDeferred, reconcile.ErrUnknownOutcome} {
		if fail = fmt.Errorf("comment: %w", is); !errors.Is(r.Send(t.Context(), m), is) {
			t.Errorf("%v is lost", is)
		}
	}
	m.Items[0].Number = 0
	if err := r.Send(t.Context(), m); !errors.Is(err, reconcile.ErrDeferred) {
		t.Error(err)
	}
}

// TestWebhookSignature checks the signature as a receiver would, by the words of the
// standard, and that each attempt has the same id.
func TestWebhookSignature(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	var ids []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		h := r.Header
		ids = append(ids, h.Get("webhook-id"))
		if want := sign(key, h.Get("webhook-id")+"."+h.Get("webhook-timestamp")+"."+string(b)); h.Get("webhook-signature") != want {
			t.Errorf("signature %s, want %s", h.Get("webhook-signature"), want)
		}
		var body struct {
			Type string
			Data struct{ ID string }
		}
		if err := json.Unmarshal(b, &body); err != nil || body.Type != "almanac.message" || body.Data.ID != "acme/vcio/2026/audit/heads-up" || h.Get("webhook-timestamp") != "1780000000" {
			t.Errorf("%s: %v", b, err)
		}
		if len(ids) == 1 {
			w.WriteHeader(500)
		}
	}))
	defer s.Close()
	w := newWorld(map[string]string{"HOOK": s.URL, "HOOK_SECRET": "whsec_" + base64.StdEncoding.EncodeToString(key)})
	if err := w.Send(context.Background(), message("hook")); err != nil {
		t.Error(err)
	}
	if len(ids) != 2 || ids[0] != ids[1] || !strings.HasPrefix(ids[0], "msg_") {
		t.Errorf("ids %q", ids)
	}
	if c := newWorld(map[string]string{"HOOK": s.URL, "HOOK_SECRET": secret}).Channels()[2]; c.Err == nil || strings.Contains(c.Err.Error(), secret) {
		t.Errorf("%v", c.Err)
	}
}
