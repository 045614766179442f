package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	netmail "net/mail"
	"slices"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
)

// letter writes a message as mail, with a text and an HTML part.
func (m *Mail) letter(msg reconcile.Message, to []Person) (*mail.Msg, error) {
	l := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := l.FromFormat(oneLine(m.o.Name), m.o.From); err != nil {
		return nil, err
	}
	for _, p := range to {
		if err := l.AddToFormat(oneLine(p.Name), p.Address); err != nil {
			return nil, err
		}
	}
	l.Subject(oneLine(msg.Title))
	l.SetDateWithValue(m.o.Now())
	l.SetMessageIDWithValue(m.id(msg.ID))
	if len(msg.Items) == 1 {
		of := msg.Items[0].Key
		if msg.Outside() {
			of += "\n" + msg.To[0] // what is for a client is in no thread with what is for the staff
		}
		thread := "<" + m.id(of) + ">"
		l.SetGenHeader(mail.HeaderInReplyTo, thread)
		l.SetGenHeader(mail.HeaderReferences, thread)
	}
	l.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	l.SetBodyString(mail.TypeTextPlain, text(&msg))
	l.AddAlternativeString(mail.TypeTextHTML, page(&msg))
	if msg.Invite != nil {
		m.invite(l, &msg)
	}
	return l, nil
}

// invite adds what calendars read, last, as the form that says most. It is no attachment as
// well: Outlook and Gmail need none, and some programs would show the meeting twice. It is
// written in base64, so that no server along the way breaks its lines anew.
func (m *Mail) invite(l *mail.Msg, msg *reconcile.Message) {
	i := *msg.Invite
	i.URL = msg.URL
	from, _ := netmail.ParseAddress(m.o.From) // New has read it
	// Whom the message is for was looked at before; nobody else's address gets into it.
	party := func(id string) (meeting.Party, bool) {
		p, ok := m.o.Person(id)
		return meeting.Party(p), ok && slices.Contains(msg.To, id)
	}
	text := i.Text(meeting.Party{Name: m.o.Name, Address: from.Address}, party, m.o.Now())
	l.AddAlternativeString(mail.ContentType("text/calendar; method="+i.Method()), string(text), mail.WithPartEncoding(mail.EncodingB64))
}

// id is a Message-ID that is the same for the same thing in every run: two mails with one
// id are one mail to most programs. It tells nothing of what it is made of.
func (m *Mail) id(of string) string {
	sum := sha256.Sum256([]byte(m.o.Installation + "\n" + m.o.Channel + "\n" + of))
	from, _ := netmail.ParseAddress(m.o.From)
	_, domain, _ := strings.Cut(from.Address, "@")
	return "almanac." + hex.EncodeToString(sum[:16]) + "@" + domain
}

// oneLine leaves nothing that would end a header or turn the direction of a line.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }), " ")
}

func text(msg *reconcile.Message) string {
	s := msg.Text
	if !msg.Digest() && msg.URL != "" {
		s += "\n\n" + msg.URL
	}
	return s + "\n"
}

// page is the HTML part.
func page(msg *reconcile.Message) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + html.EscapeString(msg.Title) + "</title></head>\n<body>\n")
	if msg.Digest() {
		list(&b, msg)
	} else {
		for _, p := range strings.Split(msg.Text, "\n\n") {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(p), "\n", "<br>\n") + "</p>\n")
		}
		if isLink(msg.URL) {
			b.WriteString("<p>" + link("Open the issue", msg.URL) + "</p>\n")
		}
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

// list writes the notices of a digest.
func list(b *strings.Builder, msg *reconcile.Message) {
	for _, s := range msg.Sections() {
		b.WriteString("<h2>" + html.EscapeString(s.Title) + "</h2>\n<ul>\n")
		for i := range s.Items {
			b.WriteString("<li>" + link(s.Items[i].Line(), s.Items[i].URL) + "</li>\n")
		}
		b.WriteString("</ul>\n")
	}
}

func link(text, url string) string {
	if !isLink(url) {
		return html.EscapeString(text)
	}
	return "<a href=\"" + html.EscapeString(url) + "\">" + html.EscapeString(text) + "</a>"
}

// isLink reports whether an address leads to the web: that of an issue in a folder does not.
func isLink(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}
