// Package files is a forge in a folder: every issue is a Markdown file named after its
// number, with its fields in YAML above the text. It needs no network and no account.
//
//	---
//	number: 12
//	key: acme-dental/vcio/2026/audit
//	title: "Acme Dental Group: IT audit"
//	state: open
//	labels:
//	  - almanac
//	assignees:
//	  - priya
//	created: 2026-03-04T09:00:00Z
//	updated: 2026-03-04T09:00:00Z
//	---
//
//	The text of the issue.
//
// People work on the files with an editor. Who writes `state: closed` has closed the issue,
// as completed unless `state_reason` says not_planned or duplicate. Fields that are unknown
// here, comments and the order of the fields stay as they are; a file is only written when
// almanac changes the issue. A comment is an entry of the list comments with author, at and
// text; what became of it is written into it:
//
//	comments:
//	  - author: priya
//	    at: 2026-05-04T09:30:00Z
//	    text: /done
//	    id: 12-5f1d0c9a77e2
//	    reaction: accepted
//
// A file that cannot be read is an error that names the line, for
// an issue that is passed over would be opened again.
package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// Options tune the forge.
type Options struct {
	// Now is the time that is written into files; the clock of the machine where nil.
	Now func() time.Time
}

// New returns the forge in a folder, which the first issue makes. Until then it is an empty
// one.
func New(dir string, o Options) reconcile.Forge {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &forge{dir: dir, now: o.Now}
}

type forge struct {
	dir string
	now func() time.Time
}

func (f *forge) Name() string { return "folder " + filepath.ToSlash(f.dir) }

// Clock returns the zero time: a folder has no clock but that of the machine.
func (f *forge) Clock(ctx context.Context) (time.Time, error) { return time.Time{}, ctx.Err() }

// Identity returns "": whoever can write the folder is trusted.
func (f *forge) Identity(ctx context.Context) (string, error) { return "", ctx.Err() }

// path returns the file of an issue as messages name it.
func (f *forge) path(number int) string {
	return path.Join(filepath.ToSlash(f.dir), strconv.Itoa(number)+".md")
}

// numberOf returns the number of the issue that a file is named after, or 0.
func numberOf(name string) int {
	base, ok := strings.CutSuffix(name, ".md")
	n, err := strconv.Atoi(base)
	if !ok || err != nil || n < 1 || strconv.Itoa(n) != base {
		return 0
	}
	return n
}

// numbers returns the numbers that are taken, in order.
func (f *forge) numbers() ([]int, error) {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		if info, e := os.Stat(f.dir); e == nil && !info.IsDir() {
			return nil, fmt.Errorf("read the issues: %s is a file: name a folder", f.dir)
		}
		return nil, fmt.Errorf("read the issues: %w", err)
	}
	var l []int
	for _, e := range entries {
		if n := numberOf(e.Name()); n > 0 {
			l = append(l, n)
		}
	}
	slices.Sort(l)
	return l, nil
}

// List reads every file. A closed issue without the time of its closing was closed by hand,
// and is returned whatever since says: its file does not tell when.
func (f *forge) List(ctx context.Context, since time.Time) ([]issue.Issue, error) {
	docs, err := f.documents(ctx)
	if err != nil {
		return nil, err
	}
	var l []issue.Issue
	for _, d := range docs {
		if !hasLabel(d.Labels, issue.OwnershipLabel) {
			continue
		}
		if d.State == issue.Open || d.undated || !d.Updated.Before(since) {
			l = append(l, d.Issue)
		}
	}
	return l, nil
}

// documents reads every issue of the folder. Reservations are left out.
func (f *forge) documents(ctx context.Context) ([]*document, error) {
	numbers, err := f.numbers()
	if err != nil {
		return nil, err
	}
	docs, err := f.readAll(ctx, numbers)
	return slices.DeleteFunc(docs, func(d *document) bool { return d == nil }), err
}

// readAll reads files on all processors. Reservations are nil.
func (f *forge) readAll(ctx context.Context, numbers []int) ([]*document, error) {
	docs, errs := make([]*document, len(numbers)), make([]error, len(numbers))
	workers := min(len(numbers), runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(numbers) && ctx.Err() == nil; i += workers {
				docs[i], errs[i] = f.read(numbers[i])
			}
		})
	}
	wait.Wait()
	if err := cmp.Or(ctx.Err(), errors.Join(errs...)); err != nil {
		return nil, fmt.Errorf("read the issues: %w", err)
	}
	return docs, nil
}

// read reads one file. An empty one is a number that a creation took before it was cut
// short: no issue, and nil.
func (f *forge) read(number int) (*document, error) {
	name := filepath.FromSlash(f.path(number))
	text, err := os.ReadFile(name)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	d, err := parse(f.path(number), text)
	if err != nil {
		return nil, err
	}
	if d.Number == 0 {
		d.Number = number
	}
	if d.Number != number {
		return nil, fmt.Errorf("%s:%d: the number is %d, but the file is named after %d: delete the file if it is a copy", d.file, d.line("number"), d.Number, number)
	}
	if d.undated {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		d.Closed = latest(d.Updated, info.ModTime().UTC().Truncate(time.Second))
		d.Updated = d.Closed
	}
	return d, nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// get is read for an issue that must be there.
func (f *forge) get(number int) (*document, error) {
	d, err := (*document)(nil), error(fs.ErrNotExist)
	if number > 0 {
		d, err = f.read(number)
	}
	if errors.Is(err, fs.ErrNotExist) || err == nil && d == nil {
		return nil, fmt.Errorf("issue %d of the %s: %w", number, f.Name(), reconcile.ErrNotFound)
	}
	return d, err
}

func (f *forge) Get(ctx context.Context, number int) (issue.Issue, error) {
	if err := ctx.Err(); err != nil {
		return issue.Issue{}, fmt.Errorf("read issue %d: %w", number, err)
	}
	d, err := f.get(number)
	if err != nil {
		return issue.Issue{}, err
	}
	return d.Issue, nil
}

// hasLabel compares without regard to case.
func hasLabel(labels []string, l string) bool {
	return slices.ContainsFunc(labels, func(have string) bool { return strings.EqualFold(have, l) })
}
