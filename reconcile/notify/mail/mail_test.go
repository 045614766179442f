package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// secret is the password of the tests, and must be in no error.
const secret = "SENTINEL-c0ffee"

// server is a real mail server that can be made to misbehave.
type server struct {
	mu    sync.Mutex
	mails []got
	conns int
	// refuse answers to what it is asked about: "mail:", "rcpt:lee@...", "data:".
	refuse func(what string, n int) error
	mechs  []string
	n      int
	stop   chan struct{}
}

type got struct {
	from string
	to   []string
	data string
}

type session struct {
	s *server
	g got
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns++
	return &session{s: s}, nil
}

func (s *server) ask(what string) error {
	s.mu.Lock()
	s.n++
	n, refuse := s.n, s.refuse
	s.mu.Unlock()
	if refuse == nil {
		return nil
	}
	return refuse(what, n)
}

func (c *session) AuthMechanisms() []string { return c.s.mechs }
func (c *session) Reset()                   { c.g = got{} }
func (c *session) Logout() error            { return nil }

func (c *session) Auth(mech string) (sasl.Server, error) {
	check := func(user, pass string) error {
		if user != "almanac" || pass != secret {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "you said " + pass}
		}
		return nil
	}
	if mech == "XOAUTH2" {
		return xoauth2(check), nil
	}
	return sasl.NewPlainServer(func(_, user, pass string) error { return check(user, pass) }), nil
}

// xoauth2 reads "user=U^Aauth=Bearer T^A^A".
type xoauth2 func(user, token string) error

func (x xoauth2) Next(in []byte) ([]byte, bool, error) {
	if in == nil {
		return []byte{}, false, nil
	}
	parts := strings.Split(string(in), "\x01")
	return nil, true, x(strings.TrimPrefix(parts[0], "user="), strings.TrimPrefix(parts[1], "auth=Bearer "))
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.g.from = from
	return c.s.ask("mail:" + from)
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := c.s.ask("rcpt:" + to); err != nil {
		return err
	}
	c.g.to = append(c.g.to, to)
	return nil
}

func (c *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := c.s.ask("data:"); err != nil {
		return err
	}
	c.g.data = string(b)
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.mails = append(c.s.mails, c.g)
	return nil
}

// how a server is reached.
type how struct{ clear, ssl bool }

// start runs a server and returns options that lead to it as mail.example.
func start(t *testing.T, s *server, h how) Options {
	t.Helper()
	borrowed := httptest.NewTLSServer(nil) // for its certificate, of example.com
	t.Cleanup(borrowed.Close)
	pool := x509.NewCertPool()
	pool.AddCert(borrowed.Certificate())
	s.stop = make(chan struct{})
	srv := smtp.NewServer(s)
	srv.Domain, srv.ErrorLog = "mail.example", quiet{}
	config := &tls.Config{Certificates: borrowed.TLS.Certificates}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if h.ssl {
		l = tls.NewListener(l, config)
	} else if !h.clear {
		srv.TLSConfig = config
	}
	srv.AllowInsecureAuth = h.clear
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { close(s.stop); _ = srv.Close() })
	scheme := "smtp"
	if h.ssl {
		scheme = "smtps"
	}
	people := map[string]Person{
		"dana": {"Dana Whitfield", "dana@northwind.example"}, "lee": {"Lee Park", "lee@northwind.example"},
		"pat": {`O'Brien, Pat; "PJ"` + "\r\nBcc: x@evil.example", "pat@northwind.example"},
		"eve": {"Eve", "eve@client.example"}, "odd": {"Odd", "odd@northwind.example@evil.example"}, "mute": {Name: "Mute"},
		"sub": {"Sub", "sub@mail.northwind.example"}, "two": {"Two", "two@northwind.example, eve@client.example"},
	}
	return Options{Channel: "staff-mail", Server: scheme + "://almanac:" + secret + "@example.com:2525", From: "almanac@northwind.example",
		Installation: "northwind", Name: "Northwind IT", Domains: []string{"northwind.example"},
		Person:  func(id string) (Person, bool) { p, ok := people[id]; return p, ok },
		Timeout: time.Minute, Sleep: func(context.Context, time.Duration) error { return nil },
		Now: func() time.Time { return time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC) },
		TLS: &tls.Config{RootCAs: pool},
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}}
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func message(to ...string) reconcile.Message {
	i := reconcile.Item{ID: "acme/vcio/2026/audit/heads-up/1/2026-05-04/staff-mail", Key: "acme/vcio/2026/audit", Kind: due.HeadsUp, Client: "Acme <b>",
		Owner: "Dana Whitfield", To: to, Due: civil.MustParse("2026-05-18"), Title: "Acme <b>: IT audit is due", Text: "Acme <b>: IT audit is due.\n\nClient: Acme <b>", URL: "https://github.com/northwind/ops/issues/7"}
	return reconcile.Message{ID: i.ID, Channel: "staff-mail", To: to, Title: i.Title, Text: i.Text, URL: i.URL, On: civil.MustParse("2026-05-04"), Items: []reconcile.Item{i}}
}

func send(t *testing.T, o Options, m reconcile.Message) error {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err = c.Send(context.Background(), m); err != nil && strings.Contains(err.Error(), secret) {
		t.Errorf("the error tells the password: %v", err)
	}
	return err
}

func TestSend(t *testing.T) {
	for name, tt := range map[string]struct {
		how   how
		query string
		mechs []string
	}{
		"STARTTLS, plain":    {mechs: []string{"PLAIN"}},
		"STARTTLS, xoauth2":  {mechs: []string{"XOAUTH2"}, query: "?auth=xoauth2"},
		"TLS from the start": {how: how{ssl: true}, mechs: []string{"PLAIN"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{mechs: tt.mechs}
			o := start(t, s, tt.how)
			o.Server += tt.query
			m := message("dana", "pat")
			for range 2 {
				if err := send(t, o, m); err != nil {
					t.Fatal(err)
				}
			}
			if len(s.mails) != 2 || s.mails[0].from != "almanac@northwind.example" || strings.Join(s.mails[0].to, " ") != "dana@northwind.example pat@northwind.example" {
				t.Fatalf("%+v", s.mails)
			}
			first, again := read(t, s.mails[0].data), read(t, s.mails[1].data)
			if id := first.Header.Get("Message-ID"); id == "" || id != again.Header.Get("Message-ID") || !strings.HasSuffix(id, "@northwind.example>") {
				t.Errorf("Message-ID %q and %q", id, again.Header.Get("Message-ID"))
			}
			other := m
			other.ID = "acme/vcio/2026/audit/reminder/1/2026-05-20/staff-mail"
			if err := send(t, o, other); err != nil {
				t.Fatal(err)
			}
			third := read(t, s.mails[2].data)
			if third.Header.Get("Message-ID") == first.Header.Get("Message-ID") || third.Header.Get("In-Reply-To") == "" || third.Header.Get("In-Reply-To") != first.Header.Get("In-Reply-To") {
				t.Errorf("the thread of an occurrence: %v, %v", first.Header, third.Header)
			}
			if len(first.Header["Bcc"]) > 0 || first.Header.Get("Auto-Submitted") != "auto-generated" || first.Header.Get("User-Agent") != "" {
				t.Errorf("headers %v", first.Header)
			}
			parts := alternatives(t, first)
			if !strings.Contains(parts["text/plain"], "Client: Acme <b>") || !strings.Contains(parts["text/html"], "Client: Acme &lt;b&gt;") ||
				!strings.Contains(parts["text/html"], `<a href="https://github.com/northwind/ops/issues/7">`) {
				t.Errorf("%v", parts)
			}
		})
	}
}

func read(t *testing.T, data string) *netmail.Message {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func alternatives(t *testing.T, m *netmail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	found := map[string]string{}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		_, _ = b.ReadFrom(quotedprintable.NewReader(p))
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		found[kind] = strings.ReplaceAll(b.String(), "\r\n", "\n")
	}
}

// TestNeverOutside tries to get mail to somebody who is not on the staff.
func TestNeverOutside(t *testing.T) {
	s := &server{mechs: []string{"PLAIN"}}
	o := start(t, s, how{})
	for _, to := range [][]string{{"eve"}, {"dana", "eve"}, {"odd"}, {"sub"}, {"two"}, {"mute"}, {"nobody"}, {"role:support"}, nil} {
		var e *post.Error
		if err := send(t, o, message(to...)); !errors.As(err, &e) || e.Is != nil || e.Down || strings.Contains(err.Error(), "@") {
			t.Errorf("to %v: %v", to, err)
		}
	}
	o.Domains = nil
	if err := send(t, o, message("dana")); err == nil {
		t.Error("without email-domains something is sent")
	}
	if s.conns > 0 {
		t.Errorf("%d connections were made", s.conns)
	}
}

func TestFaults(t *testing.T) {
	smtpError := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "you said " + secret}
	}
	on := func(what string, times, code int) func(string, int) error {
		n := 0
		return func(got string, _ int) error {
			if strings.HasPrefix(got, what) {
				if n++; n <= times {
					return smtpError(code)
				}
			}
			return nil
		}
	}
	for name, tt := range map[string]struct {
		how    how
		refuse func(string, int) error
		edit   func(*Options)
		to     []string
		mails  int
		is     error
		down   bool
		says   string
	}{
		"no STARTTLS":         {how: how{clear: true}, down: true, says: "does not offer STARTTLS"},
		"unknown certificate": {edit: func(o *Options) { o.TLS = nil }, down: true, says: "certificate is not trusted"},
		"wrong name":          {edit: func(o *Options) { o.Server = strings.Replace(o.Server, "example.com", "mail.evil", 1) }, down: true, says: "certificate is not trusted"},
		"wrong password":      {edit: func(o *Options) { o.Server = strings.Replace(o.Server, "almanac:", "other:", 1) }, down: true, says: "refuses the login (535)"},
		"other way to log in": {edit: func(o *Options) { o.Server += "?auth=login" }, down: true, says: "does not offer this way"},
		"not connected": {edit: func(o *Options) {
			o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New(secret) }
		}, down: true, says: "cannot be reached"},
		"sender refused":     {refuse: on("mail:", 9, 550), down: true, says: "refuses the sender (550 5.1.1)"},
		"recipient refused":  {refuse: on("rcpt:", 9, 550), says: "refuses a recipient (550 5.1.1)"},
		"one of two refused": {refuse: on("rcpt:lee", 9, 550), to: []string{"dana", "lee"}, mails: 1, is: reconcile.ErrNotAll, says: "refused Lee Park; the others have it"},
		"both refused":       {refuse: on("rcpt:", 9, 550), to: []string{"dana", "lee"}, says: "refuses a recipient"},
		"content refused":    {refuse: on("data:", 9, 554), says: "refuses the message (554 5.1.1)"},
		"busy twice":         {refuse: on("mail:", 2, 451), mails: 1},
		"busy at the end":    {refuse: on("data:", 1, 452), mails: 1},
		"busy for ever":      {refuse: on("rcpt:", 9, 451), is: reconcile.ErrDeferred, says: "takes no more for now (451 4.1.1)"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{mechs: []string{"PLAIN"}, refuse: tt.refuse}
			o := start(t, s, tt.how)
			if tt.edit != nil {
				tt.edit(&o)
			}
			if tt.to == nil {
				tt.to = []string{"dana"}
			}
			wants(t, send(t, o, message(tt.to...)), tt.says, tt.is, tt.down)
			if len(s.mails) != tt.mails {
				t.Errorf("%d mails, want %d", len(s.mails), tt.mails)
			}
		})
	}
}

func wants(t *testing.T, err error, says string, is error, down bool) {
	t.Helper()
	var e *post.Error
	switch {
	case says == "":
		if err != nil {
			t.Error(err)
		}
	case !errors.As(err, &e) || !strings.Contains(err.Error(), says) || e.Is != is || e.Down != down || !strings.HasPrefix(err.Error(), "channel staff-mail ("):
		t.Errorf("%v, want %q, %v, down %v", err, says, is, down)
	}
}

// TestStalls holds that a server which says nothing any more does not hold up a run, and
// that what happened is known as far as it can be.
func TestStalls(t *testing.T) {
	for what, is := range map[string]error{"mail:": nil, "rcpt:": nil, "data:": reconcile.ErrUnknownOutcome} {
		for _, interrupted := range []bool{false, true} {
			s := &server{mechs: []string{"PLAIN"}}
			o := start(t, s, how{})
			ctx, cancel := context.WithCancel(context.Background())
			s.refuse = func(got string, _ int) error {
				if strings.HasPrefix(got, what) {
					if interrupted {
						cancel()
					}
					<-s.stop
				}
				return nil
			}
			o.Timeout = time.Second // long enough for what comes before, on a busy machine
			if interrupted {
				o.Timeout = time.Hour
			}
			m, err := New(o)
			if err != nil {
				t.Fatal(err)
			}
			says := "did not answer in time"
			if is != nil {
				says = "the message may have been taken"
			}
			wants(t, m.Send(ctx, message("dana")), says, is, true)
			cancel()
		}
	}
}

// TestDropped holds the same of a server that hangs up, before it greets and after the
// content.
func TestDropped(t *testing.T) {
	s := &server{mechs: []string{"PLAIN"}}
	o := start(t, s, how{})
	var last net.Conn
	dial, conns := o.Dial, 0
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		last = c
		if conns++; conns == 1 {
			_ = c.Close()
		}
		return c, err
	}
	if err := send(t, o, message("dana")); err != nil || conns != 2 || len(s.mails) != 1 {
		t.Errorf("%v, %d connections, %d mails", err, conns, len(s.mails))
	}
	s.refuse = func(what string, _ int) error {
		if what == "data:" {
			_ = last.Close()
		}
		return nil
	}
	wants(t, send(t, o, message("dana")), "the message may have been taken", reconcile.ErrUnknownOutcome, true)
	if conns != 3 {
		t.Errorf("%d connections: a message that may have been taken was sent again", conns)
	}
}

// TestLoopback holds that a relay on this machine needs neither TLS nor a login.
func TestLoopback(t *testing.T) {
	s := &server{}
	o := start(t, s, how{clear: true})
	o.Server = "smtp://localhost:2525"
	if err := send(t, o, message("dana")); err != nil || len(s.mails) != 1 {
		t.Errorf("%v, %d mails", err, len(s.mails))
	}
}

func TestConfiguration(t *testing.T) {
	for server, says := range map[string]string{
		"smtp://mail.example": "", "smtps://u:p@mail.example": "", "smtp://u:p@mail.example:25?auth=LOGIN": "",
		"": "its server is not one", "mail.example:587": "its server is not one", "https://" + secret + "@mail.example": "its server is not one",
		"smtp://u:" + secret + "@mail.example?auth=digest": "its way to log in is unknown",
	} {
		_, err := New(Options{Channel: "staff-mail", Server: server, From: "almanac@northwind.example"})
		switch {
		case says == "" && err != nil, says != "" && (err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), secret)):
			t.Errorf("%s: %v", server, err)
		}
	}
	if _, err := New(Options{Channel: "staff-mail", Server: "smtp://mail.example"}); err == nil || !strings.Contains(err.Error(), "write from in almanac.yaml") {
		t.Error(err)
	}
}

func TestDigest(t *testing.T) {
	s := &server{mechs: []string{"PLAIN"}}
	o := start(t, s, how{})
	m := message("dana")
	second := m.Items[0]
	second.ID, second.Due, second.Title, second.URL = "b", civil.MustParse("2026-05-01"), "Birch: call", "issues/3.md"
	m.Items, m.ID, m.Title, m.Text = append(m.Items, second), "digest/1", "2 notices", "Overdue\n- Birch: call"
	if err := send(t, o, m); err != nil {
		t.Fatal(err)
	}
	got := read(t, s.mails[0].data)
	parts := alternatives(t, got)
	want := "<h2>Overdue</h2>\n<ul>\n<li>Birch: call (Dana Whitfield)</li>\n</ul>\n<h2>Coming up</h2>\n<ul>\n<li><a href=\"https://github.com/northwind/ops/issues/7\">Acme &lt;b&gt;: IT audit is due (Dana Whitfield)</a></li>"
	if got.Header.Get("In-Reply-To") != "" || !strings.Contains(parts["text/html"], want) {
		t.Errorf("%v\n%s", got.Header, parts["text/html"])
	}
}
