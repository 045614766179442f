// Package notify delivers messages. Log writes them down; the channels themselves are
// packages of their own.
package notify

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"

	"github.com/almanac-gitops/almanac/reconcile"
)

// Log returns a notifier that writes one line a message: when it is used, the line is the
// delivery. Control and direction characters are left out, so that a message stays one
// line and no line looks like a command to whatever reads the log.
func Log(w io.Writer) reconcile.Notifier { return &log{w: w} }

type log struct {
	mu sync.Mutex
	w  io.Writer
}

// Send writes the message.
func (l *log) Send(ctx context.Context, m reconcile.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	line := fmt.Sprintf("notify %s to %s: %s", cmp.Or(m.Channel, "log"), cmp.Or(strings.Join(m.To, ", "), "nobody"), m.Title)
	if m.URL != "" {
		line += " (" + m.URL + ")"
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := fmt.Fprintln(l.w, printable(line))
	return err
}

// printable puts a space in the place of everything that is not shown.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
