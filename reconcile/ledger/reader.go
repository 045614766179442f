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
	known map[string]remembered
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
	h := &reconcile.History{Exists: c.head != "", Head: c.head, Installation: m.Installation, Heartbeat: m.Heartbeat}
	total := 0
	for client := range c.files {
		total += len(r.known[client].events)
	}
	h.Events = make([]record.Event, 0, total)
	for _, client := range slices.Sorted(maps.Keys(c.files)) {
		p := r.known[client]
		h.Events = append(h.Events, p.events...)
		if p.damage != nil {
			if h.Damaged == nil {
				h.Damaged = map[string]error{}
			}
			h.Damaged[client] = p.damage
		}
	}
	h.Entries = r.entries(h.Events)
	return h, m, nil
}

// entries folds all events. As long as nothing was ever renamed no event counts for another
// client than its own, and what each file folds to is put together; that is the greater part
// of an Update saved.
func (r *reader) entries(all []record.Event) record.Entries {
	n := 0
	for _, p := range r.known {
		if p.renames {
			return record.Fold(all)
		}
		n += len(p.entries)
	}
	entries := make(record.Entries, n)
	for _, p := range r.known {
		maps.Copy(entries, p.entries)
	}
	return entries
}

// learn parses the files that are new or differ, on all processors, and forgets the rest.
func (r *reader) learn(files map[string]file) error {
	known := make(map[string]remembered, len(files))
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
	spread(len(missing), func(i int) {
		f := files[missing[i]]
		var text []byte
		if text, errs[i] = f.text(); errs[i] == nil {
			results[i] = remembered{f.id, parse(missing[i], text)}
		}
	})
	for i, client := range missing {
		known[client] = results[i]
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	r.known = known
	return nil
}

// spread calls f for 0 to n-1 on all processors.
func spread(n int, f func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
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
