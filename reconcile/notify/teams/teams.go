// Package teams posts messages as Adaptive Cards to a workflow of Microsoft Teams, made
// from its template "Send webhook alerts to a channel" with "Anyone" allowed to trigger it.
//
// Addresses of Office 365 connectors are refused: Microsoft has switched those off. The card
// is written here, because names and texts of clients must not be read as Markdown. Only a
// RichTextBlock does not read it, and the elements of atc0005/go-teams-notify, which has the
// name of it, have no field for its inlines; all they can hold are text blocks.
package teams

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
)

// budget is how long a message may get. Teams takes 28 KB, and trouble was measured from 21.
const budget = 20_000

// Teams is a channel.
type Teams struct{ post *post.Poster }

// New checks the address. It sends nothing.
func New(o post.Options) (*Teams, error) {
	if u, err := url.Parse(o.Address); err == nil && isConnector(u) {
		return nil, &post.Error{Channel: o.Channel, Host: u.Hostname(), Down: true,
			What: "this address is of an Office 365 connector, which no longer delivers: in Teams add the workflow \"Send webhook alerts to a channel\", let anyone trigger it, and set its address"}
	}
	p, err := post.New(o)
	if err != nil {
		return nil, err
	}
	return &Teams{p}, nil
}

// isConnector reports whether an address belongs to the connectors that are gone.
func isConnector(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	return host == "webhook.office.com" || strings.HasSuffix(host, ".webhook.office.com") ||
		(host == "outlook.office.com" || host == "outlook.office365.com") && strings.HasPrefix(u.Path, "/webhook")
}

// Host returns the host of the address.
func (t *Teams) Host() string { return t.post.Host() }

// Send posts the message. Taken means that the workflow began, not that it ended.
func (t *Teams) Send(ctx context.Context, m reconcile.Message) error {
	return t.post.Post(ctx, nil, Body(&m))
}

type body struct {
	Type        string       `json:"type"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	ContentType string `json:"contentType"`
	Content     card   `json:"content"`
}

type card struct {
	Schema  string      `json:"$schema"`
	Type    string      `json:"type"`
	Version string      `json:"version"`
	Body    []paragraph `json:"body"`
}

// paragraph is a RichTextBlock: unlike a TextBlock it reads no Markdown.
type paragraph struct {
	Type    string `json:"type"`
	Inlines []run  `json:"inlines"`
}

type run struct {
	Type   string  `json:"type"`
	Text   string  `json:"text"`
	Weight string  `json:"weight,omitempty"`
	Size   string  `json:"size,omitempty"`
	Select *action `json:"selectAction,omitempty"`
}

type action struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// Body returns what is posted. What does not fit is counted.
func Body(m *reconcile.Message) []byte {
	c := card{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4"}
	left := budget - 600
	put := func(r run) bool {
		r.Type = "TextRun"
		p := paragraph{"RichTextBlock", []run{r}}
		raw, _ := json.Marshal(p)
		if left -= len(raw) + 1; left < 0 {
			return false
		}
		c.Body = append(c.Body, p)
		return true
	}
	put(run{Text: cut(m.Title, 300), Weight: "Bolder", Size: "Medium"})
	if m.Digest() {
		digest(m, put)
	} else {
		for _, l := range strings.Split(cut(m.Text, 3000), "\n") {
			if l != "" {
				put(run{Text: l})
			}
		}
		if isLink(m.URL) {
			put(run{Text: "Open the issue", Select: &action{"Action.OpenUrl", m.URL}})
		}
	}
	if left < 0 {
		c.Body = append(c.Body, paragraph{"RichTextBlock", []run{{Type: "TextRun", Text: more(m, &c)}}})
	}
	raw, _ := json.Marshal(body{"message", []attachment{{"application/vnd.microsoft.card.adaptive", c}}}) // strings only: it cannot fail
	return raw
}

// digest puts the notices section by section, until one does not fit.
func digest(m *reconcile.Message, put func(run) bool) {
	for _, s := range m.Sections() {
		if !put(run{Text: s.Title, Weight: "Bolder"}) {
			return
		}
		for i := range s.Items {
			r := run{Text: cut(s.Items[i].Line(), 300)}
			if isLink(s.Items[i].URL) {
				r.Select = &action{"Action.OpenUrl", s.Items[i].URL}
			}
			if !put(r) {
				return
			}
		}
	}
}

// more counts the notices that did not fit.
func more(m *reconcile.Message, c *card) string {
	shown := 0
	for _, p := range c.Body[1:] {
		if p.Inlines[0].Weight == "" {
			shown++
		}
	}
	if !m.Digest() {
		return "…"
	}
	return fmt.Sprintf("and %d more", len(m.Items)-shown)
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func isLink(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}
