package ledger

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/record"
)

// content is a ledger as it lies in its place.
type content struct {
	// head names the version; it is empty for an absent ledger.
	head string
	// meta is the text of meta.json, nil where there is none.
	meta []byte
	// files are the clients' files by client.
	files map[string]file
}

// file is one client's file.
type file struct {
	// id changes whenever the text does.
	id   string
	text func() ([]byte, error)
}

// reader turns content into a History. It remembers what each file said, since between
// Load and the Updates of one run nearly all of them stay the same.
type reader struct {
	known contents
}

type remembered struct {
	id string
	parsed
}

// history reads content. Files are returned in the order of their clients.
func (r *reader) history(c content) (*reconcile.History, meta, error) {
	m, err := parseMeta(c.meta)
	if err != nil {
		return nil, meta{}, err
	}
	if err := r.learn(c.files); err != nil {
		return nil, meta{}, err
	}
	h := &reconcile.History{Exists: c.head != "", Head: c.head, Installation: m.Installation, Heartbeat: m.Heartbeat, All: r.known.all}
	for client, p := range r.known {
		if p.damage != nil {
			if h.Damaged == nil {
				h.Damaged = map[string]error{}
			}
			h.Damaged[client] = p.damage
		}
	}
	h.Entries = r.known.entries()
	return h, m, nil
}

// contents hold what each file said, by client. They are not changed once complete.
type contents map[string]remembered

// all reads the events of all files again, in the order of their clients.
func (m contents) all() []record.Event {
	total := 0
	for _, p := range m {
		total += p.events
	}
	list := make([]record.Event, 0, total)
	for _, client := range slices.Sorted(maps.Keys(m)) {
		list = events(client, m[client].text, list, nobody)
	}
	return list
}

// entries folds all events. As long as nothing was ever renamed no event counts for another
// client than its own, and what each file folds to is put together; that is the greater part
// of an Update saved.
func (m contents) entries() record.Entries {
	n := 0
	for _, p := range m {
		if p.renames {
			return record.Fold(m.all())
		}
		n += len(p.entries)
	}
	entries := make(record.Entries, n)
	for _, p := range m {
		for i := range p.entries {
			entries[p.entries[i].Key] = &p.entries[i]
		}
	}
	return entries
}

// learn parses the files that are new or differ, on all processors, and forgets the rest.
func (r *reader) learn(files map[string]file) error {
	known := make(contents, len(files))
	var missing []string
	for client, f := range files {
		if old, ok := r.known[client]; ok && old.id == f.id {
			known[client] = old
		} else {
			missing = append(missing, client)
		}
	}
	results := make([]remembered, len(missing))
	errs := make([]error, len(missing))
	rooms := make([][]record.Event, runtime.GOMAXPROCS(0))
	spread(len(missing), len(rooms), func(worker, i int) {
		f := files[missing[i]]
		var text []byte
		if text, errs[i] = f.text(); errs[i] == nil {
			results[i].id = f.id
			results[i].parsed, rooms[worker] = parse(missing[i], string(text), rooms[worker])
		}
	})
	for i, client := range missing {
		known[client] = results[i]
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	r.known = known
	return nil
}

// spread calls f for 0 to n-1 on so many workers, which count from 0.
func spread(n, workers int, f func(worker, i int)) {
	workers = min(n, workers)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < n; i += workers {
				f(w, i)
			}
		})
	}
	wait.Wait()
}

// writable refuses a ledger that a later almanac has written to.
func writable(h *reconcile.History) error {
	for _, client := range slices.Sorted(maps.Keys(h.Damaged)) {
		if err := h.Damaged[client]; errors.Is(err, record.ErrNewer) {
			return fmt.Errorf("the ledger holds events of a version that this almanac, which knows up to %d, does not write to: %w", record.Version, err)
		}
	}
	return nil
}

// empty reports whether a batch says nothing that the ledger does not know.
func empty(b reconcile.Batch, h *reconcile.History) bool {
	return len(b.Events) == 0 && !b.Heartbeat.After(h.Heartbeat)
}
