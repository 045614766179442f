package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// Dir returns the ledger in a folder, which the first Update makes.
//
// Writers take turns by a lock of the operating system on the file `.lock`. The system
// drops it when a process ends in whatever way, so a crash blocks nobody, and there is no
// age at which a lock is taken for stale, which a suspended process would outlive.
//
// An update of several files is one step by way of `pending.json`, which holds all of it:
// once that file has got its name the update counts. Readers, who take no lock, read the
// files as if it had been carried out, and the next writer carries it out where a crash
// came between. meta.json is written last and names the newest update, so a reader that
// sees another name at the end than at the start reads again.
func Dir(path string) Ledger { return &dirLedger{dir: path} }

type dirLedger struct {
	dir string
	mu  sync.Mutex
	reader
}

func (l *dirLedger) Name() string { return "folder " + filepath.ToSlash(l.dir) }

func (l *dirLedger) path(name string) string { return filepath.Join(l.dir, filepath.FromSlash(name)) }

func (l *dirLedger) Load(ctx context.Context) (*reconcile.History, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h, _, err := l.load(ctx)
	return h, err
}

// readTries is how often Load reads a folder that changes under it before it asks writers
// to wait.
const readTries = 4

func (l *dirLedger) load(ctx context.Context) (*reconcile.History, meta, error) {
	for range readTries {
		h, m, same, err := l.loadOnce(ctx)
		if err != nil || same {
			return h, m, err
		}
	}
	unlock, err := lock(ctx, l.path(".lock"))
	if err != nil {
		return nil, meta{}, fmt.Errorf("read the ledger, %s, which does not stop changing: %w", l.Name(), err)
	}
	defer unlock()
	h, m, _, err := l.loadOnce(ctx)
	return h, m, err
}

// loadOnce reads the folder and reports whether nobody wrote meanwhile.
func (l *dirLedger) loadOnce(ctx context.Context) (h *reconcile.History, m meta, same bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, meta{}, false, fmt.Errorf("read the ledger: %w", err)
	}
	if err := l.isFolder(); err != nil {
		return nil, meta{}, false, err
	}
	before, err := l.mark()
	if err != nil {
		return nil, meta{}, false, err
	}
	c, err := l.read()
	if err != nil {
		return nil, meta{}, false, err
	}
	after, err := l.mark()
	if err != nil || before != after {
		return nil, meta{}, false, err
	}
	h, m, err = l.history(c.content())
	return h, m, true, err
}

// mark is what changes with every update: the text of meta.json and of pending.json.
func (l *dirLedger) mark() (string, error) {
	m, err := optional(l.path(metaFile))
	if err != nil {
		return "", err
	}
	p, err := optional(l.path(pendingFile))
	return string(m) + "\x00" + string(p), err
}

// read returns what the folder holds, with a pending update as if it were carried out.
func (l *dirLedger) read() (folder, error) {
	texts, err := l.texts()
	if err != nil {
		return folder{}, err
	}
	text, err := optional(l.path(metaFile))
	if err != nil {
		return folder{}, err
	}
	p, err := l.pending(text)
	if err != nil {
		return folder{}, err
	}
	c := folder{text, texts}
	if p != nil {
		c = c.after(p)
	}
	return c, nil
}

// folder is what a folder holds: meta.json, nil where there is none, and the clients' files
// by client.
type folder struct {
	meta  []byte
	texts map[string][]byte
}

// after returns the folder with an update carried out.
func (c folder) after(p *pending) folder {
	c.meta, c.texts = []byte(p.Meta), maps.Clone(c.texts)
	for client, a := range p.Files {
		c.texts[client] = a.onto(c.texts[client])
	}
	return c
}

// content names every file, and the whole, by a hash of what it holds.
func (c folder) content() content {
	all := content{meta: c.meta, files: make(map[string]file, len(c.texts))}
	sum := sha256.New()
	sum.Write(c.meta)
	for _, client := range slices.Sorted(maps.Keys(c.texts)) {
		text := c.texts[client]
		id := sha256.Sum256(text)
		all.files[client] = file{string(id[:]), func() ([]byte, error) { return text, nil }}
		fmt.Fprintf(sum, "%s %x\n", client, id)
	}
	if c.meta != nil || len(c.texts) > 0 {
		all.head = hex.EncodeToString(sum.Sum(nil))[:40]
	}
	return all
}

// texts returns the files of the clients by client.
func (l *dirLedger) texts() (map[string][]byte, error) {
	entries, err := os.ReadDir(l.path(eventsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return map[string][]byte{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	var clients []string
	for _, e := range entries {
		if client, ok := clientOf(e.Name()); ok {
			clients = append(clients, client)
		}
	}
	read, errs := make([][]byte, len(clients)), make([]error, len(clients))
	spread(len(clients), runtime.GOMAXPROCS(0), func(_, i int) { read[i], errs[i] = os.ReadFile(l.path(record.File(clients[i]))) })
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	texts := make(map[string][]byte, len(clients))
	for i, client := range clients {
		texts[client] = read[i]
	}
	return texts, nil
}

// isFolder refuses a path that is something else; none at all is fine.
func (l *dirLedger) isFolder() error {
	info, err := os.Stat(l.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read the ledger: %w", err)
	case !info.IsDir():
		return fmt.Errorf("read the ledger: %s is a file: name a folder", l.dir)
	}
	return nil
}

func (l *dirLedger) Update(ctx context.Context, decide func(*reconcile.History) (reconcile.Batch, error)) (*reconcile.History, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("write the ledger: %w", err)
	}
	if _, err := os.Stat(l.dir); errors.Is(err, fs.ErrNotExist) {
		// What is refused without writing must not make the folder.
		h := &reconcile.History{}
		if b, err := decide(h); err != nil || empty(b, h) {
			return h, err
		}
	} else if err := l.isFolder(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(l.dir, 0o777); err != nil {
		return nil, fmt.Errorf("make the ledger: %w", err)
	}
	unlock, err := lock(ctx, l.path(".lock"))
	if err != nil {
		return nil, fmt.Errorf("lock the ledger, %s: %w", l.Name(), err)
	}
	defer unlock()
	return l.update(ctx, decide)
}

// update is Update under the lock. Almanac's own writers are shut out; a person who puts the
// folder back or deletes it meanwhile is noticed, and decide is called again.
func (l *dirLedger) update(ctx context.Context, decide func(*reconcile.History) (reconcile.Batch, error)) (*reconcile.History, error) {
	for {
		if err := l.recover(); err != nil {
			return nil, err
		}
		before, err := l.mark()
		if err != nil {
			return nil, err
		}
		c, err := l.read()
		if err != nil {
			return nil, err
		}
		h, m, err := l.history(c.content())
		if err != nil {
			return nil, err
		}
		b, err := decide(h)
		if err != nil || empty(b, h) {
			return h, err
		}
		after, err := l.mark()
		if err != nil {
			return nil, err
		}
		if after != before {
			continue
		}
		if err := writable(h); err != nil {
			return nil, err
		}
		return l.write(ctx, c, m, b)
	}
}

// write puts a batch on top of what was read.
func (l *dirLedger) write(ctx context.Context, c folder, m meta, b reconcile.Batch) (*reconcile.History, error) {
	p, err := c.prepare(m, b)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("write the ledger: %w", err)
	}
	if err := l.commit(p); err != nil {
		return nil, err
	}
	h, _, err := l.history(c.after(p).content())
	return h, err
}

// prepare works out what a batch does to the files.
func (c folder) prepare(m meta, b reconcile.Batch) (*pending, error) {
	m, err := m.updated(b)
	if err != nil {
		return nil, err
	}
	byClient, err := lines(b.Events)
	if err != nil {
		return nil, err
	}
	m.Update = rand.Text()
	p := &pending{Update: m.Update, Meta: string(m.text()), Files: map[string]addition{}}
	for client, add := range byClient {
		old := c.texts[client]
		p.Files[client] = addition{Size: len(old), Lines: string(separator(old)) + string(add)}
	}
	return p, nil
}
