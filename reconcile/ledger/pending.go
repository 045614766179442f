package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// pendingFile holds an update of a folder between the moment from which it counts and the
// moment when all files say so.
const pendingFile = "pending.json"

// pending is one update of a folder.
type pending struct {
	// Update is what meta.json names once the update has been carried out.
	Update string `json:"update"`
	// Meta is the new text of meta.json.
	Meta string `json:"meta"`
	// Files are the additions by client.
	Files map[string]addition `json:"files"`
}

// addition is what an update adds to a file.
type addition struct {
	// Size is how long the file was.
	Size  int    `json:"size"`
	Lines string `json:"lines"`
}

// onto returns a file with the lines added once, however far they were written already. A
// file that somebody has changed since keeps what it says, and gets the lines at its end.
func (a addition) onto(text []byte) []byte {
	if len(text) >= a.Size {
		switch tail := string(text[a.Size:]); {
		case len(tail) >= len(a.Lines) && tail[:len(a.Lines)] == a.Lines:
			return text
		case len(tail) < len(a.Lines) && a.Lines[:len(tail)] == tail:
			return slices.Concat(text[:a.Size], []byte(a.Lines))
		}
	}
	return added(text, []byte(a.Lines))
}

// pending returns the update that has not been carried out, or nil.
func (l *dirLedger) pending(metaText []byte) (*pending, error) {
	text, err := optional(l.path(pendingFile))
	if text == nil || err != nil {
		return nil, err
	}
	var p pending
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("read the pending update of the ledger: %s: %w", l.path(pendingFile), err)
	}
	m, err := parseMeta(metaText)
	if err != nil {
		return nil, err
	}
	if m.Update == p.Update {
		return nil, nil
	}
	return &p, nil
}

// commit makes an update count, and carries it out.
func (l *dirLedger) commit(p *pending) error {
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	if err := os.MkdirAll(l.dir, 0o777); err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	if err := replace(l.path(pendingFile), text); err != nil {
		return err
	}
	if err := l.carryOut(p); err != nil {
		// It counts already, and whoever writes next carries it out.
		return fmt.Errorf("%w: %w", reconcile.ErrUnknownOutcome, err)
	}
	return nil
}

// recover carries out the update that a crash left, under the lock.
func (l *dirLedger) recover() error {
	m, err := optional(l.path(metaFile))
	if err != nil {
		return err
	}
	p, err := l.pending(m)
	if p == nil || err != nil {
		return err
	}
	return l.carryOut(p)
}

func (l *dirLedger) carryOut(p *pending) error {
	if err := os.MkdirAll(l.path(eventsDir), 0o777); err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	for _, client := range slices.Sorted(maps.Keys(p.Files)) {
		if err := p.Files[client].write(l.path(record.File(client))); err != nil {
			return fmt.Errorf("write the ledger: %w", err)
		}
	}
	if err := syncDir(l.path(eventsDir)); err != nil {
		return err
	}
	if err := replace(l.path(metaFile), []byte(p.Meta)); err != nil {
		return err
	}
	if err := os.Remove(l.path(pendingFile)); err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return nil
}

// write puts the lines into a file and to the disk.
func (a addition) write(name string) (err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	text := a.onto(old)
	from := 0
	for from < len(old) && from < len(text) && old[from] == text[from] {
		from++
	}
	if _, err := f.WriteAt(text[from:], int64(from)); err != nil {
		return err
	}
	return f.Sync()
}

// optional reads a file that need not be there; nil says that it is not.
func optional(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	if text == nil {
		text = []byte{}
	}
	return text, nil
}

// replace gives a file new content, so that a reader sees the old or the new, also after
// the power failed. Only who holds the lock may call it.
func replace(name string, text []byte) (err error) {
	tmp := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".tmp")
	f, err := os.Create(tmp)
	if err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the ledger: %w", errors.Join(err, os.Remove(tmp)))
	}
	if err := os.Rename(tmp, name); err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return syncDir(filepath.Dir(name))
}

// syncDir puts the names in a folder to the disk. Windows has no such call.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("%w: write the ledger: %w", reconcile.ErrUnknownOutcome, err)
	}
	return nil
}

// lock waits until no other process holds the lock on a file, or for the context.
func lock(ctx context.Context, name string) (unlock func(), err error) {
	type answer struct {
		unlock func()
		err    error
	}
	got := make(chan answer, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(name).Lock()
		got <- answer{unlock, err}
	}()
	select {
	case a := <-got:
		return a.unlock, a.err
	case <-ctx.Done():
		// The lock may be granted later to nobody, and is given back then.
		go func() {
			if a := <-got; a.err == nil {
				a.unlock()
			}
		}()
		return nil, ctx.Err()
	}
}
