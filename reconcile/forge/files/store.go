package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/almanac-gitops/almanac/reconcile"
)

// lockFile is locked by whoever writes, by the operating system, which drops the lock with
// the process. It holds the greatest number that was ever given, so that the number of a
// deleted issue is not given to another.
const lockFile = ".almanac"

// lock waits until no other process writes, or for the context.
func (f *forge) lock(ctx context.Context) (*lockedfile.File, error) {
	type answer struct {
		file *lockedfile.File
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		file, err := lockedfile.OpenFile(filepath.Join(f.dir, lockFile), os.O_RDWR|os.O_CREATE, 0o666)
		got <- answer{file, err}
	}()
	select {
	case a := <-got:
		return a.file, a.err
	case <-ctx.Done():
		// The lock may be granted later to nobody, and is given back then.
		go func() {
			if a := <-got; a.err == nil {
				a.file.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// add writes a new file under a new number.
func (f *forge) add(ctx context.Context, compose func(number int) (*document, error)) (d *document, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(f.dir, 0o777); err != nil {
		return nil, err
	}
	locked, err := f.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, locked.Close()) }()
	number, err := f.reserve(locked)
	if err != nil {
		return nil, err
	}
	if d, err = compose(number); err == nil {
		err = f.write(d)
	}
	if err != nil && !errors.Is(err, reconcile.ErrUnknownOutcome) {
		return nil, errors.Join(err, os.Remove(filepath.FromSlash(f.path(number))))
	}
	return d, err
}

// reserve takes the next number by making its file, empty, which fails if there is one:
// that holds even where a file system does not honour locks.
func (f *forge) reserve(locked *lockedfile.File) (int, error) {
	taken, err := f.numbers()
	if err != nil {
		return 0, err
	}
	number := given(locked)
	if n := len(taken); n > 0 {
		number = max(number, taken[n-1])
	}
	for {
		number++
		file, err := os.OpenFile(filepath.FromSlash(f.path(number)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		note := strconv.Itoa(number) + "\n"
		_, err = locked.WriteAt([]byte(note), 0)
		return number, errors.Join(err, locked.Truncate(int64(len(note))), file.Close())
	}
}

// given returns the greatest number that was given; 0 for a note that cannot be read, since
// the files that are there tell it too.
func given(locked *lockedfile.File) int {
	note, err := io.ReadAll(io.NewSectionReader(locked, 0, 32))
	n, err2 := strconv.Atoi(strings.TrimSpace(string(note)))
	if err != nil || err2 != nil {
		return 0
	}
	return n
}

// editTries is how often a change is worked out again because somebody saved the file
// meanwhile.
const editTries = 5

// change rewrites a file unless the new one is the old.
func (f *forge) change(ctx context.Context, number int, next func(*document) (*document, error)) (d *document, err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("change issue %d: %w", number, err)
	}
	// Before the lock, which needs the folder.
	if _, err := f.get(number); err != nil {
		return nil, err
	}
	locked, err := f.lock(ctx)
	if err != nil {
		return nil, fmt.Errorf("change issue %d: %w", number, err)
	}
	defer func() { err = errors.Join(err, locked.Close()) }()
	for range editTries {
		old, err := f.get(number)
		if err != nil {
			return nil, err
		}
		d, err := next(old)
		if err != nil || d == old {
			return d, err
		}
		now, err := os.ReadFile(filepath.FromSlash(f.path(number)))
		if err != nil || !bytes.Equal(now, old.source) {
			continue
		}
		return d, f.write(d)
	}
	return nil, fmt.Errorf("change issue %d: somebody else keeps changing %s", number, f.path(number))
}

// write puts a file in place, so that a reader sees the old or the new one, also after the
// power failed.
func (f *forge) write(d *document) error {
	name := filepath.FromSlash(d.file)
	tmp := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".tmp")
	file, err := os.Create(tmp)
	if err != nil {
		return err
	}
	_, err = file.Write(d.bytes())
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if err := os.Rename(tmp, name); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("%w: %w", reconcile.ErrUnknownOutcome, err)
	}
	return nil
}
