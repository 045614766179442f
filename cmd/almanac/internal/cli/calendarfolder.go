package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile/calendar"
)

// feedFolder is the folder that feeds are written into.
type feedFolder string

func (d feedFolder) path(name string) string {
	return filepath.Join(string(d), filepath.FromSlash(name))
}

// read returns a feed as it was last written, or nil.
func (d feedFolder) read(name string) []byte {
	text, err := os.ReadFile(d.path(name))
	if err != nil {
		return nil
	}
	return text
}

// write puts a feed in its place whole, unless it is there already.
func (d feedFolder) write(name string, text []byte) (changed bool, err error) {
	if old := d.read(name); old != nil && bytes.Equal(old, text) {
		return false, nil
	}
	path := d.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return false, err
	}
	return true, replaceFile(path, text)
}

// prune removes the feeds of people, clients and roles that are no more. Files that are not
// ours stay.
func (d feedFolder) prune(feeds []*calendar.Feed) (removed int, err error) {
	known := map[string]bool{}
	for _, f := range feeds {
		known[f.Name] = true
	}
	for _, kind := range []string{"client", "person", "role"} {
		entries, err := os.ReadDir(d.path(kind))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return removed, err
		}
		for _, e := range entries {
			name := kind + "/" + e.Name()
			if known[name] || !strings.HasSuffix(name, ".ics") || !calendar.Ours(d.read(name)) {
				continue
			}
			if err := os.Remove(d.path(name)); err != nil {
				return removed, err
			}
			removed++
		}
	}
	return removed, nil
}
