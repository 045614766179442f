package ledger_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/ledger/ledgertest"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T) ledgertest.Place {
	dir := filepath.Join(t.TempDir(), "a", "ledger")
	return ledgertest.Place{
		Open: func() reconcile.Ledger { return ledger.Dir(dir) },
		Put:  func(name, text string) { check(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666)) },
		Get: func(name string) string {
			text, err := os.ReadFile(filepath.Join(dir, name))
			check(t, err)
			return string(text)
		},
		Remove: func() { check(t, os.RemoveAll(dir)) },
		Keep: func() func() {
			kept := filepath.Join(t.TempDir(), "kept")
			check(t, os.CopyFS(kept, os.DirFS(dir)))
			return func() {
				check(t, os.RemoveAll(dir))
				check(t, os.CopyFS(dir, os.DirFS(kept)))
			}
		},
	}
}

func TestDir(t *testing.T) { ledgertest.Run(t, folder) }
