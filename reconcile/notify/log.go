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

// Log returns a notifier that writes one line a notice: when it is used, the line is the
// delivery. Control and direction characters are left out, so that a notice stays one
// line and no line looks like a command to whatever reads the log.
func Log(w io.Writer) reconcile.Notifier { return &log{w: w} }

type log struct {
	mu sync.Mutex
	w  io.Writer
}

// Send writes the message, a digest in as many lines as it has notices.
func (l *log) Send(ctx context.Context, m reconcile.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var b strings.Builder
	write := func(to []string, title, url string) {
		line := fmt.Sprintf("notify %s to %s: %s", cmp.Or(m.Channel, "log"), cmp.Or(strings.Join(to, ", "), "nobody"), title)
		if url != "" {
			line += " (" + url + ")"
		}
		b.WriteString(printable(line) + "\n")
	}
	if !m.Digest() {
		write(m.To, m.Title, m.URL)
	} else {
		for _, i := range m.Items {
			write(i.To, i.Title, i.URL)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := io.WriteString(l.w, b.String())
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
