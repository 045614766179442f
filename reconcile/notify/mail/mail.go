// Package mail sends messages as e-mail over SMTP.
//
// The address of the server is one secret: smtp://user:password@host:587 with STARTTLS, or
// smtps://user:password@host:465. `?auth=login` or `?auth=xoauth2` chooses another way to
// log in than PLAIN; with xoauth2 the password is an access token. Such tokens end after an
// hour, so the address of a token server, another secret, has them fetched: see newTokens.
// Without TLS nothing is sent, except to this machine.
//
// Nothing is sent to an address outside the domains of the staff, whatever the caller says;
// only a message to one contact of a client goes to the address that the options find for it.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
)

// attempts is how often one message is tried in one run.
const attempts = 3

// Person is who a message goes to.
type Person struct{ Name, Address string }

// Options say how a channel is reached.
type Options struct {
	// Channel is the id of the channel, Server its secret address and From the address that
	// mail comes from.
	Channel, Server, From string
	// Token is the secret address of the token server; without it the password of Server is
	// taken as it is.
	Token string
	// Installation and Name are those of the organization.
	Installation, Name string
	// Domains are those that mail may go to, in lower case.
	Domains []string
	// Person returns the person with an id.
	Person func(id string) (Person, bool)
	// Contact returns the contact of a client whom a message outside is for, or why there is
	// none to whom it may go. Without it nobody outside is written to.
	Contact func(*reconcile.Message) (p Person, why string)
	// Timeout is how long one attempt may take in all; post.Timeout where it is zero.
	Timeout time.Duration
	// Sleep waits between two attempts.
	Sleep func(context.Context, time.Duration) error
	// Now reads the clock, for the date of the message.
	Now func() time.Time
	// TLS replaces the certificates of the system where it is set, and Dial the network.
	TLS  *tls.Config
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Mail is a channel.
type Mail struct {
	o          Options
	host, port string
	ssl        bool
	policy     mail.TLSPolicy
	auth       mail.SMTPAuthType
	user, pass string
	// tokens is nil where the password is given.
	tokens *tokens
}

// New checks the address of the server. It sends nothing.
func New(o Options) (*Mail, error) {
	m := &Mail{o: o, policy: mail.TLSMandatory}
	if m.o.Timeout == 0 {
		m.o.Timeout = post.Timeout
	}
	if m.o.Dial == nil {
		m.o.Dial = (&net.Dialer{}).DialContext
	}
	u, err := url.Parse(o.Server)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, m.fail("its server is not one: expected smtp://user:password@host:587 or smtps://user:password@host:465", true)
	}
	m.host, m.port, m.ssl = u.Hostname(), u.Port(), u.Scheme == "smtps"
	switch {
	case m.port != "":
	case m.ssl:
		m.port = "465"
	default:
		m.port = "587"
	}
	if m.ssl || post.Loopback(m.host) {
		m.policy = mail.NoTLS
	}
	if _, err := netmail.ParseAddress(o.From); err != nil {
		return nil, m.fail("it does not say whom its mail comes from: write from in almanac.yaml", true)
	}
	return m, m.login(u)
}

// login reads how to log in.
func (m *Mail) login(u *url.URL) error {
	m.user = u.User.Username()
	m.pass, _ = u.User.Password()
	ways := map[string]mail.SMTPAuthType{"": mail.SMTPAuthPlain, "plain": mail.SMTPAuthPlain, "login": mail.SMTPAuthLogin, "xoauth2": mail.SMTPAuthXOAUTH2}
	way, known := ways[strings.ToLower(u.Query().Get("auth"))]
	if !known {
		return m.fail("its way to log in is unknown: expected auth=plain, auth=login or auth=xoauth2", true)
	}
	if m.auth = way; m.user == "" {
		m.auth = mail.SMTPAuthNoAuth
	}
	if m.ssl && m.auth == mail.SMTPAuthLogin {
		m.auth = mail.SMTPAuthLoginNoEnc // go-mail does not see that the connection of ours is encrypted
	}
	if m.o.Token != "" {
		return m.loginByToken(u.Query().Get("auth"))
	}
	return nil
}

// loginByToken has the password fetched.
func (m *Mail) loginByToken(way string) (err error) {
	if m.user == "" || m.pass != "" || way != "" && !strings.EqualFold(way, "xoauth2") {
		return m.fail("its tokens are fetched, so the server is smtp://MAILBOX@host:587 without a password and another way to log in (write %40 for the @ of the mailbox)", true)
	}
	m.auth = mail.SMTPAuthXOAUTH2
	m.tokens, err = m.newTokens()
	return err
}

// Host returns the host of the server, which is no secret.
func (m *Mail) Host() string { return m.host }

func (m *Mail) fail(what string, down bool) *post.Error {
	return &post.Error{Channel: m.o.Channel, Host: m.host, What: what, Down: down}
}

// Send sends one mail to everybody whom the message is for. Where the server refuses one
// of them, the others get theirs alone, and the error wraps reconcile.ErrNotAll.
func (m *Mail) Send(ctx context.Context, msg reconcile.Message) error {
	to, err := m.recipients(&msg)
	if err != nil {
		return err
	}
	fail := m.deliver(ctx, msg, to)
	if fail == nil {
		return nil
	}
	if !fail.refused || len(to) == 1 {
		return fail.Error
	}
	return m.apart(ctx, msg, to, fail)
}

// apart sends to each recipient alone.
func (m *Mail) apart(ctx context.Context, msg reconcile.Message, to []Person, whole *failure) error {
	var refused []string
	for _, p := range to {
		switch fail := m.deliver(ctx, msg, []Person{p}); {
		case fail == nil:
		case fail.refused:
			refused = append(refused, p.Name)
		case len(refused) == 0 && p == to[0]:
			return fail.Error
		default:
			refused = append(refused, p.Name)
		}
	}
	switch len(refused) {
	case 0:
		return nil
	case len(to):
		return whole.Error
	}
	e := m.fail("refused "+strings.Join(refused, ", ")+"; the others have it", false)
	e.Is = reconcile.ErrNotAll
	return e
}

// recipients returns the people behind ids. It is the last place that keeps mail inside the
// organization, and trusts nobody before it.
func (m *Mail) recipients(msg *reconcile.Message) ([]Person, error) {
	if msg.Outside() {
		return m.contact(msg)
	}
	var l []Person
	for _, id := range msg.To {
		if strings.HasPrefix(id, "role:") {
			continue // a pool without people
		}
		p, ok := m.o.Person(id)
		if !ok || p.Address == "" {
			return nil, m.fail(id+" has no e-mail address", false)
		}
		a, err := netmail.ParseAddress(p.Address)
		if err != nil || a.Address != p.Address {
			return nil, m.fail("the e-mail address of "+id+" cannot be read", false)
		}
		domain := strings.ToLower(a.Address[strings.LastIndex(a.Address, "@")+1:])
		if !slices.Contains(m.o.Domains, domain) {
			return nil, m.fail("the e-mail address of "+id+" lies outside email-domains: nothing is sent", false)
		}
		l = append(l, p)
	}
	if len(l) == 0 {
		return nil, m.fail("there is nobody to write to", false)
	}
	return l, nil
}

// deliver tries a mail until it is taken, or must not be tried again.
func (m *Mail) deliver(ctx context.Context, msg reconcile.Message, to []Person) *failure {
	for n := 1; ; n++ {
		f := m.attempt(ctx, msg, to)
		if f == nil || !f.again || n == attempts || ctx.Err() != nil {
			return f
		}
		if m.o.Sleep(ctx, time.Duration(n)*time.Second) != nil {
			return f
		}
	}
}

// attempt dials and sends once. go-mail does not look at the context once it is connected,
// so the connection is closed under it when the time is over.
func (m *Mail) attempt(ctx context.Context, msg reconcile.Message, to []Person) *failure {
	ctx, cancel := context.WithTimeout(ctx, m.o.Timeout)
	defer cancel()
	letter, err := m.letter(msg, to)
	if err != nil {
		return &failure{Error: m.fail("the message cannot be written as mail", false)}
	}
	pass := m.pass
	if m.tokens != nil {
		token, fail := m.tokens.get(ctx)
		if fail != nil {
			return fail
		}
		pass = token
	}
	options := []mail.Option{
		mail.WithTimeout(m.o.Timeout), mail.WithTLSConfig(m.tls()), mail.WithTLSPolicy(m.policy), mail.WithHELO("almanac.invalid"),
		mail.WithDialContextFunc(func(dialing context.Context, network, _ string) (net.Conn, error) {
			return m.dial(ctx, dialing, network)
		}),
	}
	if m.auth != mail.SMTPAuthNoAuth {
		options = append(options, mail.WithSMTPAuth(m.auth), mail.WithUsername(m.user), mail.WithPassword(pass))
	}
	client, err := mail.NewClient(m.host, options...)
	if err != nil {
		return &failure{Error: m.fail("its server is not one: expected smtp://user:password@host:587", true)}
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if err == nil || letter.IsDelivered() {
		return nil
	}
	return m.judge(err)
}

// dial connects, encrypted from the start where that is asked for. The connection ends with
// the attempt.
func (m *Mail) dial(attempt, dialing context.Context, network string) (net.Conn, error) {
	conn, err := m.o.Dial(dialing, network, net.JoinHostPort(m.host, m.port))
	if err != nil {
		return nil, errors.Join(errDial, err)
	}
	context.AfterFunc(attempt, func() { _ = conn.Close() })
	if !m.ssl {
		return conn, nil
	}
	secure := tls.Client(conn, m.tls())
	return secure, secure.HandshakeContext(dialing)
}

func (m *Mail) tls() *tls.Config { return m.tlsFor(m.host) }

// tlsFor returns how to encrypt a connection to a host.
func (m *Mail) tlsFor(host string) *tls.Config {
	c := &tls.Config{}
	if m.o.TLS != nil {
		c = m.o.TLS.Clone()
	}
	c.MinVersion, c.ServerName = tls.VersionTLS12, host
	return c
}
