// Package webhook posts messages as JSON to any receiver, with the headers and the signature
// of Standard Webhooks (https://www.standardwebhooks.com). The same message has the same
// webhook-id in every attempt and every run, so that a receiver can leave out repeats.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
)

// Webhook is a channel.
type Webhook struct {
	post   *post.Poster
	secret []byte
	now    func() time.Time
}

// New checks the address and the secret, which is whsec_ and at least 24 bytes in base64.
// Without a secret the messages are not signed. It sends nothing. The clock of the options
// is needed.
func New(o post.Options, secret string) (*Webhook, error) {
	o.Repeats = true
	p, err := post.New(o)
	if err != nil {
		return nil, err
	}
	w := &Webhook{post: p, now: o.Now}
	if secret != "" {
		w.secret, err = base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(w.secret) < 24 {
			return nil, &post.Error{Channel: o.Channel, Host: p.Host(), Down: true,
				What: "its secret is not one: expected whsec_ and at least 24 bytes in base64, for example from: openssl rand -base64 32"}
		}
	}
	return w, nil
}

// Host returns the host of the address.
func (w *Webhook) Host() string { return w.post.Host() }

// Send posts the message.
func (w *Webhook) Send(ctx context.Context, m reconcile.Message) error {
	now := w.now().UTC()
	raw := Body(&m, now)
	sum := sha256.Sum256([]byte(m.ID))
	id := "msg_" + base64.RawURLEncoding.EncodeToString(sum[:18])
	at := strconv.FormatInt(now.Unix(), 10)
	h := http.Header{}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", at)
	if w.secret != nil {
		mac := hmac.New(sha256.New, w.secret)
		mac.Write([]byte(id + "." + at + "."))
		mac.Write(raw)
		h.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return w.post.Post(ctx, h, raw)
}

type body struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      data   `json:"data"`
}

type data struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Text  string   `json:"text"`
	URL   string   `json:"url,omitempty"`
	To    []string `json:"to"`
	Items []item   `json:"items"`
}

type item struct {
	ID     string   `json:"id"`
	Key    string   `json:"key"`
	Kind   string   `json:"kind"`
	Client string   `json:"client"`
	Owner  string   `json:"owner"`
	To     []string `json:"to"`
	Due    string   `json:"due"`
	Title  string   `json:"title"`
	URL    string   `json:"url,omitempty"`
}

// Body returns what is posted. It names people by id and carries no e-mail address. Fields
// are added to it, never renamed.
func Body(m *reconcile.Message, now time.Time) []byte {
	b := body{Type: "almanac.notice", Timestamp: now.Format(time.RFC3339),
		Data: data{ID: m.ID, Title: m.Title, Text: m.Text, URL: m.URL, To: m.To, Items: []item{}}}
	switch {
	case m.Digest():
		b.Type = "almanac.digest"
	case len(m.Items) == 0:
		b.Type = "almanac.message"
	}
	if b.Data.To == nil {
		b.Data.To = []string{}
	}
	for i := range m.Items {
		n := &m.Items[i]
		b.Data.Items = append(b.Data.Items, item{ID: n.ID, Key: n.Key, Kind: string(n.Kind), Client: n.Client, Owner: n.Owner,
			To: n.To, Due: n.Due.String(), Title: n.Title, URL: n.URL})
	}
	raw, _ := json.Marshal(b) // strings only: it cannot fail
	return raw
}
