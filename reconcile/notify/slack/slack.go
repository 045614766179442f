// Package slack posts messages to an incoming webhook of Slack, or of a program that
// understands the same. The library is used for the form of a message only. It would post
// with any HTTP client and follow redirects, so posting is left to package post.
package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	lib "github.com/slack-go/slack"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
)

// Limits of Slack: 150 characters in a header and 3,000 in a section
// (https://api.slack.com/reference/block-kit/blocks), 50 blocks, and about 13,200 characters
// in all blocks together, beyond which it answers msg_blocks_too_long. Those here leave room.
const (
	maxHeader  = 140
	maxSection = 2800
	maxBlocks  = 45
	maxAll     = 11_000
	maxText    = 3_000
	maxLink    = 400
)

// Slack is a channel.
type Slack struct{ post *post.Poster }

// New checks the address. It sends nothing.
func New(o post.Options) (*Slack, error) {
	p, err := post.New(o)
	if err != nil {
		return nil, err
	}
	return &Slack{p}, nil
}

// Host returns the host of the address.
func (s *Slack) Host() string { return s.post.Host() }

// Send posts the message.
func (s *Slack) Send(ctx context.Context, m reconcile.Message) error {
	return s.post.Post(ctx, nil, Body(&m))
}

// body is a message under way.
type body struct{ lib.WebhookMessage }

// Body returns what is posted: blocks, and a text for notifications and for those who
// cannot see blocks. What does not fit is counted.
func Body(m *reconcile.Message) []byte {
	b := body{lib.WebhookMessage{Text: escape(m.Title+"\n"+m.Text, maxText), Blocks: &lib.Blocks{}}}
	b.add(lib.NewHeaderBlock(lib.NewTextBlockObject(lib.PlainTextType, cut(m.Title, maxHeader), false, false)))
	if m.Digest() {
		b.digest(m)
	} else {
		s := escape(m.Text, maxSection-maxLink)
		if isLink(m.URL) {
			s += "\n<" + m.URL + "|Open the issue>"
		}
		b.section(s)
	}
	raw, _ := json.Marshal(b.WebhookMessage) // strings only: it cannot fail
	return raw
}

func (b *body) add(l lib.Block) { b.Blocks.BlockSet = append(b.Blocks.BlockSet, l) }

func (b *body) section(s string) {
	if s != "" {
		b.add(lib.NewSectionBlock(lib.NewTextBlockObject(lib.MarkdownType, s, false, false), nil, nil))
	}
}

// digest writes the notices section by section, as far as they fit.
func (b *body) digest(m *reconcile.Message) {
	left, all := len(m.Items), maxAll
	for _, s := range m.Sections() {
		part := "*" + s.Title + "*"
		for i := range s.Items {
			l := "\n• " + line(&s.Items[i])
			if all -= len(l); all < 0 || len(b.Blocks.BlockSet) >= maxBlocks {
				break
			}
			if len(part)+len(l) > maxSection {
				b.section(part)
				part, l = "", l[1:]
			}
			part += l
			left--
		}
		b.section(part)
		if all < 0 {
			break
		}
	}
	if left > 0 {
		b.section(fmt.Sprintf("and %d more", left))
	}
}

func line(i *reconcile.Item) string {
	s := escape(i.Line(), 400)
	if isLink(i.URL) {
		return "<" + i.URL + "|" + strings.ReplaceAll(s, "|", "¦") + ">"
	}
	return s
}

// escape takes their meaning from the three characters that have one, and with them from
// <!channel> and links (https://api.slack.com/reference/surfaces/formatting#escaping). What
// comes out has at most n characters.
func escape(s string, n int) string {
	var b strings.Builder
	for _, r := range s {
		e := string(r)
		switch r {
		case '&':
			e = "&amp;"
		case '<':
			e = "&lt;"
		case '>':
			e = "&gt;"
		}
		if n -= utf8.RuneCountInString(e); n < 1 {
			return b.String() + "…"
		}
		b.WriteString(e)
	}
	return b.String()
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// isLink reports whether an address leads to the web and can be written between < and |.
func isLink(url string) bool {
	return (strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")) && len(url) < maxLink-20 && !strings.ContainsAny(url, "<>|\n ")
}
