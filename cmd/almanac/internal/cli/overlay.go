package cli

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// overlay returns a file system in which one file has another content, or is new.
func overlay(below fs.FS, name string, text []byte) fs.FS {
	return &overlaid{below, name, text}
}

type overlaid struct {
	below fs.FS
	name  string
	text  []byte
}

// Open opens the changed file, or one below.
func (o *overlaid) Open(name string) (fs.File, error) {
	if name == o.name {
		return &changedFile{Reader: bytes.NewReader(o.text), info: o.info()}, nil
	}
	return o.below.Open(name)
}

// ReadDir lists a folder with the changed file in it.
func (o *overlaid) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(o.below, name)
	add := changedInfo{name: path.Base(o.name), size: int64(len(o.text))}
	switch dir := path.Dir(o.name); {
	case name == dir:
	case name == "." && !strings.Contains(dir, "/") && dir != ".":
		// The folder of a new file may be new as well.
		add = changedInfo{name: dir, dir: true}
	default:
		return list, err
	}
	if err != nil && name == "." {
		return nil, err
	}
	at, there := slices.BinarySearchFunc(list, add.name, func(e fs.DirEntry, n string) int { return strings.Compare(e.Name(), n) })
	switch {
	case there && add.dir:
	case there:
		list = slices.Clone(list)
		list[at] = fs.FileInfoToDirEntry(add)
	default:
		list = slices.Insert(slices.Clone(list), at, fs.FileInfoToDirEntry(add))
	}
	return list, nil
}

// Stat describes the changed file, or one below.
func (o *overlaid) Stat(name string) (fs.FileInfo, error) {
	if name == o.name {
		return o.info(), nil
	}
	return fs.Stat(o.below, name)
}

// Lstat is Stat without following a link; the loader tells links by it.
func (o *overlaid) Lstat(name string) (fs.FileInfo, error) {
	if name == o.name {
		return o.info(), nil
	}
	return fs.Lstat(o.below, name)
}

// ReadLink returns where a link below leads.
func (o *overlaid) ReadLink(name string) (string, error) { return fs.ReadLink(o.below, name) }

func (o *overlaid) info() fs.FileInfo {
	return changedInfo{name: path.Base(o.name), size: int64(len(o.text))}
}

// changedFile is the changed file, open.
type changedFile struct {
	*bytes.Reader
	info fs.FileInfo
}

// Stat describes the file.
func (f *changedFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close does nothing.
func (f *changedFile) Close() error { return nil }

type changedInfo struct {
	name string
	size int64
	dir  bool
}

func (i changedInfo) Name() string       { return i.name }
func (i changedInfo) Size() int64        { return i.size }
func (i changedInfo) ModTime() time.Time { return time.Time{} }
func (i changedInfo) IsDir() bool        { return i.dir }
func (i changedInfo) Sys() any           { return nil }

func (i changedInfo) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
