package gitfs

import (
	"cmp"
	"path"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
)

// Changed returns the paths of all files that two trees do not have alike, in content or in
// mode: added, removed and edited ones, links and submodules too. Paths count from the
// roots of the trees, whichever folders these are, and are sorted. Folders with equal hashes
// are not entered and no blob is opened. A renamed file is there under both names.
func Changed(base, head *Tree) ([]string, error) {
	w := walker{base: base.repo, head: head.repo}
	if err := w.pair(".", base.root, head.root); err != nil {
		return nil, err
	}
	slices.Sort(w.paths)
	return w.paths, nil
}

type walker struct {
	base, head *Repo
	paths      []string
}

// pair compares two folders; a zero hash is an absent one.
func (w *walker) pair(dir string, base, head plumbing.Hash) error {
	if base == head {
		return nil
	}
	a, err := w.base.entries(base)
	if err != nil {
		return err
	}
	b, err := w.head.entries(head)
	if err != nil {
		return err
	}
	for len(a) > 0 || len(b) > 0 {
		var x, y entry
		switch c := order(a, b); {
		case c < 0:
			x, a = a[0], a[1:]
		case c > 0:
			y, b = b[0], b[1:]
		default:
			x, y, a, b = a[0], b[0], a[1:], b[1:]
		}
		if err := w.entries(dir, x, y); err != nil {
			return err
		}
	}
	return nil
}

// entries compares two entries of one name, one of which may be absent. Where a folder
// became a file or the reverse, both sides are reported.
func (w *walker) entries(dir string, x, y entry) error {
	if x == y {
		return nil
	}
	name := path.Join(dir, cmp.Or(x.name, y.name))
	if (x.name != "" && !x.isDir()) || (y.name != "" && !y.isDir()) {
		w.paths = append(w.paths, name)
	}
	var from, to plumbing.Hash
	if x.isDir() {
		from = x.hash
	}
	if y.isDir() {
		to = y.hash
	}
	return w.pair(name, from, to)
}

// order says which of two sorted lists comes first.
func order(a, b []entry) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return cmp.Compare(a[0].name, b[0].name)
}

func (r *Repo) entries(h plumbing.Hash) ([]entry, error) {
	if h.IsZero() {
		return nil, nil
	}
	f, err := r.read(h)
	if err != nil {
		return nil, err
	}
	return f.entries, nil
}
