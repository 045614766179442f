package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/lint"
	"github.com/almanac-gitops/almanac/schema/load"
	"github.com/almanac-gitops/almanac/schema/validate"
)

// workspace is a repository, read and checked.
type workspace struct {
	// root is the folder that almanac.yaml is in.
	root    string
	files   fs.FS
	loaded  *load.Result
	catalog *schema.Catalog
	// faults are those of loading and linting, sorted.
	faults diag.List
	// now is the instant of the run, and today the day that it is in the organization's zone,
	// or the ones of --as-of.
	now time.Time
	// clock is the time at which what is done in a folder of issues is written down.
	clock func() time.Time
	// played is behind that clock on a day that is played, nil on any other.
	played *rehearsal
	today  civil.Date
	// zone is that of the organization; UTC where it is unknown.
	zone *time.Location
}

// reading says how a repository is read. The zero value reads everything with the cache.
type reading struct {
	engine  validate.Engine
	noCache bool
	// only limits the files that are read in full to these paths from the root.
	only []string
}

// folder returns the folder that the command works in.
func (c *Command) folder(o *options) string {
	if filepath.IsAbs(o.dir) {
		return o.dir
	}
	return filepath.Join(c.Dir, o.dir)
}

// root returns the root of the repository that the command works in.
func (c *Command) repository(o *options) (string, error) {
	dir := c.folder(o)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", hinted(fmt.Errorf("there is no folder %s", dir), "give the folder of your repository: almanac -C FOLDER ...")
	}
	root, err := load.FindRoot(dir)
	if errors.Is(err, load.ErrNoRoot) {
		return "", &exitError{code: ExitInvalid, err: fmt.Errorf("no almanac.yaml in %s or above it", dir), hints: []string{
			"go into the folder of your repository, or name it: almanac -C FOLDER ...",
			"to begin a new one: almanac init FOLDER"}}
	}
	return root, err
}

// open reads the repository that the command works in.
func (c *Command) open(ctx context.Context, o *options, r reading) (*workspace, error) {
	root, err := c.repository(o)
	if err != nil {
		return nil, err
	}
	return c.read(ctx, o, r, root, os.DirFS(root))
}

// read reads a repository out of a file system: a folder, or a revision.
func (c *Command) read(ctx context.Context, o *options, r reading, root string, files fs.FS) (*workspace, error) {
	lo := load.Options{Engine: r.engine, Check: lint.CheckFile, Version: thisBuild(), Only: r.only}
	if !r.noCache {
		lo.CacheDir = c.cacheDir(root)
	}
	loaded, err := load.Load(ctx, files, lo)
	if err != nil {
		return nil, fmt.Errorf("read the repository: %w", err)
	}
	w := &workspace{root: root, files: files, loaded: loaded, catalog: loaded.Catalog}
	if err := c.clock(o, w); err != nil {
		return nil, err
	}
	found := lint.Run(w.catalog, lint.Options{Today: w.today, Files: files, Locate: loaded.Locate, LocateKey: loaded.LocateKey, KnownZone: knownZone})
	w.faults = append(append(diag.List{}, loaded.Faults...), found...).Sorted()
	return w, nil
}

// clock sets the instant and the day of the run.
func (c *Command) clock(o *options, w *workspace) (err error) {
	w.zone = time.UTC
	if org := w.catalog.Organization; org != nil {
		if z, err := time.LoadLocation(org.Timezone); err == nil {
			w.zone = z
		}
	}
	w.now, w.today, err = c.instant(o, w.zone)
	if w.clock = c.Now; o.asOf != "" {
		w.played = rehearse(w.now, w.zone, c.Now)
		w.clock = w.played.now
	}
	return err
}

// instant returns the instant that --as-of means, or now, and the day that it is in a zone.
// A date stands for its noon, so that no zone moves it to another day.
func (c *Command) instant(o *options, zone *time.Location) (time.Time, civil.Date, error) {
	if o.asOf == "" {
		now := c.Now()
		return now, civil.Of(now.In(zone)), nil
	}
	day, why := civil.Parse(o.asOf)
	if why == nil {
		y, m, d := day.YMD()
		return time.Date(y, m, d, 12, 0, 0, 0, zone), day, nil
	}
	at, err := time.Parse(time.RFC3339, o.asOf)
	if err != nil {
		return at, 0, usage("--as-of 2026-05-01 or --as-of 2026-05-01T09:00:00Z", "--as-of: %v", why)
	}
	return at, civil.Of(at.In(zone)), nil
}

func knownZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// cacheDir returns the folder of a repository's cache, or "" where the system has none.
// Repositories do not share one: each would push out what the other has.
func (c *Command) cacheDir(root string) string {
	base := c.Getenv("XDG_CACHE_HOME")
	if base == "" {
		var err error
		if base, err = os.UserCacheDir(); err != nil {
			return ""
		}
	}
	sum := sha256.Sum256([]byte(root))
	return filepath.Join(base, "almanac", hex.EncodeToString(sum[:8]))
}

// source returns a function that finds lines of files, for faults to be shown in.
func (w *workspace) source() func(file string, line int) (string, bool) {
	texts := map[string][]string{}
	return func(file string, line int) (string, bool) {
		lines, ok := texts[file]
		if !ok {
			src, err := fs.ReadFile(w.files, file)
			if err == nil {
				lines = strings.Split(string(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))), "\n")
			}
			texts[file] = lines
		}
		if line < 1 || line > len(lines) {
			return "", false
		}
		return strings.TrimPrefix(lines[line-1], "\ufeff"), true
	}
}

// usable returns an error when files that everything rests on are invalid: without an
// organization nothing can be reckoned. Its faults are shown on standard error.
func (c *Command) usable(w *workspace, o *options) error {
	if w.catalog.Organization != nil {
		return nil
	}
	if err := diag.WriteText(c.Stderr, w.faults, diag.TextOptions{Source: w.source()}); err != nil {
		return err
	}
	return &exitError{code: ExitInvalid, err: errors.New("the organization is missing or invalid, so nothing can be reckoned"),
		hints: []string{"mend the faults above, then look again with: almanac validate"}}
}
