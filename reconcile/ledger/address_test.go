package ledger_test

import (
	"context"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/ledger"
)

// An address that cannot be read is one in which nobody can tell the password from the rest,
// so none of it is repeated.
func TestAddressesThatCannotBeRead(t *testing.T) {
	for _, address := range []string{
		"https://marcus:hun/ter2@git.northwind.example/ops.git",
		"https://marcus:hun%ter2@git.northwind.example/ops.git",
		"https://marcus:hun ter2@git.northwind.example/ops.git",
		"https://marcus:hun@ter2@git.northwind.example/ops.git",
		"https://marcus:hun#ter2@git.northwind.example/ops.git",
		"https://marcus:hun?ter2@git.northwind.example/ops.git",
		"ssh://marcus:hun/ter2@git.northwind.example/ops.git",
		"https:///ops.git",
	} {
		l, err := ledger.Git(ledger.Options{URL: address})
		text := ""
		if err != nil {
			text = err.Error()
		} else {
			text = l.Name()
			_, err := l.Load(canceled(t))
			text += "\n" + err.Error()
		}
		for _, secret := range []string{"hun", "ter2", "marcus"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: %q holds %q", address, text, secret)
			}
		}
	}
}

// canceled is a context with which nothing is asked.
func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
