package gitfs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

var (
	errIsDir     = errors.New("is a folder")
	errSubmodule = errors.New("is a submodule, which is a repository of its own")
	errEscapes   = errors.New("is a symbolic link that leaves the repository")
	errLoop      = errors.New("is a symbolic link that leads to itself")
)

// blob returns the content of a blob.
func (r *Repo) blob(h plumbing.Hash) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, err := object.GetBlob(r.store, h)
	if err != nil {
		return nil, r.missing(err)
	}
	rd, err := b.Reader()
	if err != nil {
		return nil, r.missing(err)
	}
	defer rd.Close()
	buf := bytes.NewBuffer(make([]byte, 0, b.Size+bytes.MinRead))
	_, err = buf.ReadFrom(rd)
	return buf.Bytes(), err
}

// size returns the length of a blob in bytes without reading all of it.
func (r *Repo) size(h plumbing.Hash) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, err := r.store.EncodedObjectSize(h)
	if err != nil {
		return 0, r.missing(err)
	}
	return n, nil
}

// info is an entry as fs.DirEntry and, once its size is known, as fs.FileInfo.
type info struct {
	tree *Tree
	entry
	name string
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) IsDir() bool        { return i.isDir() }
func (i info) Type() fs.FileMode  { return i.fileMode().Type() }
func (i info) Mode() fs.FileMode  { return i.fileMode() }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) Sys() any           { return nil }
func (i info) String() string     { return fs.FormatDirEntry(i) }

// Info asks for the size, which needs the object.
func (i info) Info() (fs.FileInfo, error) {
	if !i.fileMode().IsRegular() {
		return i, nil
	}
	n, err := i.tree.repo.size(i.hash)
	if err != nil {
		return nil, err
	}
	i.size = n
	return i, nil
}

// openFile is an open blob.
type openFile struct {
	info
	content *bytes.Reader
	closed  bool
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.Info() }

func (f *openFile) Read(p []byte) (int, error) {
	if f.closed {
		return 0, &fs.PathError{Op: "read", Path: f.name, Err: fs.ErrClosed}
	}
	if f.content == nil {
		b, err := f.tree.repo.blob(f.hash)
		if err != nil {
			return 0, &fs.PathError{Op: "read", Path: f.name, Err: err}
		}
		f.content = bytes.NewReader(b)
	}
	return f.content.Read(p)
}

func (f *openFile) Close() error {
	if f.closed {
		return &fs.PathError{Op: "close", Path: f.name, Err: fs.ErrClosed}
	}
	f.closed, f.content = true, nil
	return nil
}

// openDir is an open folder.
type openDir struct {
	info
	path string
	rest []fs.DirEntry
	read bool
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openDir) Close() error               { return nil }

func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.path, Err: errIsDir}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.read {
		l, err := d.tree.ReadDir(d.path)
		if err != nil {
			return nil, err
		}
		d.rest, d.read = l, true
	}
	if n <= 0 {
		n = len(d.rest)
	} else if len(d.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(d.rest))
	l := d.rest[:n:n]
	d.rest = d.rest[n:]
	return l, nil
}
