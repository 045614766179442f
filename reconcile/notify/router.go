// Package notify delivers messages, each by its channel. The channels themselves are
// packages of their own; their addresses are secrets that the environment holds.
//
// A channel whose variable is not set writes to the log, so that everything can be tried
// without one; whoever runs it is told once. A channel whose variable holds what cannot
// work fails, and says how to mend it. One that turns out to be down is not tried again in
// the same run: the others go on, and the next run tries it anew.
package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/notify/mail"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
	"github.com/almanac-gitops/almanac/reconcile/notify/slack"
	"github.com/almanac-gitops/almanac/reconcile/notify/teams"
	"github.com/almanac-gitops/almanac/reconcile/notify/webhook"
	"github.com/almanac-gitops/almanac/schema"
)

// Options say where everything is.
type Options struct {
	// Catalog has the channels and the people.
	Catalog *schema.Catalog
	// Getenv reads the environment, which holds the addresses and secrets.
	Getenv func(string) string
	Now    func() time.Time
	// Sleep waits between two attempts; nil waits on the clock.
	Sleep func(context.Context, time.Duration) error
	// Log takes what has no channel, or one whose variable is not set.
	Log io.Writer
	// Warn is told, once in a run, of a channel that writes to the log because the variable
	// is not set.
	Warn func(channel, variable string)
	// Comment writes on an issue, for channels of the type comment; nil where there is no
	// forge to write to.
	Comment func(ctx context.Context, number int, text string) error
	// TLS replaces the certificates of the system where it is set, and Dial the network of
	// mail.
	TLS  *tls.Config
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Channel is the state of a channel before anything is sent.
type Channel struct {
	ID, Type string
	// Variable holds its address; empty where the files name none.
	Variable string
	// Secret is the variable of its secret, or of its token server; empty for none.
	Secret string
	// Set says that the variable has a value, or that none is needed.
	Set bool
	// Host is where it leads, as far as that is known and no secret.
	Host string
	// Err says why it cannot work.
	Err error
}

// Router sends each message by its channel. It may be used from several goroutines.
type Router struct {
	o        Options
	log      reconcile.Notifier
	channels []Channel
	senders  map[string]sender

	mu     sync.Mutex
	warned map[string]bool
	down   map[string]error
}

// sender is a channel that is ready.
type sender interface {
	reconcile.Notifier
	Host() string
}

// New looks at the channels of the organization. It sends nothing.
func New(o Options) *Router {
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	r := &Router{o: o, log: Log(o.Log), senders: map[string]sender{}, warned: map[string]bool{}, down: map[string]error{}}
	for i := range o.Catalog.Organization.Channels {
		r.channels = append(r.channels, r.build(&o.Catalog.Organization.Channels[i]))
	}
	return r
}

// Channels returns the channels in the order of the file.
func (r *Router) Channels() []Channel { return r.channels }

// build makes a channel ready, or finds out why it cannot be.
func (r *Router) build(ch *schema.Channel) Channel {
	c := Channel{ID: ch.ID, Type: ch.Type}
	if ch.Type == "comment" {
		c.Set, r.senders[ch.ID] = true, &commenter{channel: ch.ID, comment: r.o.Comment, person: r.o.Catalog.Person}
		return c
	}
	from := ch.URLFrom
	if ch.Type == "email" {
		from = ch.ServerFrom
	}
	if from == nil {
		return c
	}
	c.Variable = from.Env
	if more := cmp.Or(ch.TokenFrom, ch.SecretFrom); more != nil {
		c.Secret = more.Env
	}
	address := r.o.Getenv(from.Env)
	if c.Set = address != ""; !c.Set {
		return c
	}
	s, err := r.sender(ch, address)
	if err != nil {
		c.Err = err
		var e *post.Error
		if errors.As(err, &e) {
			c.Host = e.Host
		}
		return c
	}
	r.senders[ch.ID], c.Host = s, s.Host()
	return c
}

func (r *Router) sender(ch *schema.Channel, address string) (sender, error) {
	o := post.Options{Channel: ch.ID, Address: address, Sleep: r.o.Sleep, TLS: r.o.TLS, Now: r.o.Now}
	switch ch.Type {
	case "email":
		org, token := r.o.Catalog.Organization, ""
		if from := ch.TokenFrom; from != nil {
			if token = r.o.Getenv(from.Env); token == "" {
				return nil, &post.Error{Channel: ch.ID, What: from.Env + " is not set: nobody can log in without a token", Down: true}
			}
		}
		return mail.New(mail.Options{Channel: ch.ID, Server: address, Token: token, From: ch.From, Installation: org.ID, Name: org.Name, Domains: org.EmailDomains,
			Person: r.person, Contact: r.contact, Sleep: r.o.Sleep, Now: r.o.Now, TLS: r.o.TLS, Dial: r.o.Dial})
	case "slack":
		return slack.New(o)
	case "teams":
		return teams.New(o)
	case "webhook":
		secret := ""
		if ch.SecretFrom != nil {
			if secret = r.o.Getenv(ch.SecretFrom.Env); secret == "" {
				return nil, &post.Error{Channel: ch.ID, What: ch.SecretFrom.Env + " is not set: messages would not be signed", Down: true}
			}
		}
		return webhook.New(o, secret)
	}
	return nil, fmt.Errorf("channel %s: unknown type %q", ch.ID, ch.Type)
}

func (r *Router) person(id string) (mail.Person, bool) {
	p := r.o.Catalog.Person(id)
	if p == nil {
		return mail.Person{}, false
	}
	return mail.Person{Name: p.Name, Address: p.Email}, true
}

// Send sends a message by its channel, or to the log.
func (r *Router) Send(ctx context.Context, m reconcile.Message) error {
	if err := r.mayLeave(&m, r.o.Catalog.Channel(m.Channel)); err != nil {
		return err
	}
	if m.Channel == "" {
		return r.log.Send(ctx, m)
	}
	for i := range r.channels {
		c := &r.channels[i]
		switch {
		case c.ID != m.Channel:
		case c.Err != nil:
			return c.Err
		case !c.Set:
			r.warn(c)
			return r.log.Send(ctx, m)
		default:
			return r.send(ctx, r.senders[c.ID], m)
		}
	}
	return fmt.Errorf("there is no channel %q", m.Channel)
}

func (r *Router) warn(c *Channel) {
	r.mu.Lock()
	first := !r.warned[c.ID]
	r.warned[c.ID] = true
	r.mu.Unlock()
	if first && r.o.Warn != nil {
		r.o.Warn(c.ID, c.Variable)
	}
}

// send sends unless the channel was found to be down.
func (r *Router) send(ctx context.Context, s sender, m reconcile.Message) error {
	r.mu.Lock()
	down := r.down[m.Channel]
	r.mu.Unlock()
	if down != nil {
		return down
	}
	err := s.Send(ctx, m)
	var e *post.Error
	if errors.As(err, &e) && e.Down {
		r.mu.Lock()
		r.down[m.Channel] = &post.Error{Channel: e.Channel, Host: e.Host, What: "not tried again in this run: " + e.What, Down: true, Is: reconcile.ErrDeferred}
		r.mu.Unlock()
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
