package load

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/node"
)

// hasher is a file system that knows the Git hash of a file without opening it, as
// gitfs.Tree does.
type hasher interface {
	Hash(name string) (hash string, ok bool)
}

// read returns at most one byte more than a file may have, so that the guard can tell that
// it is too large.
func read(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var size int64
	if info, err := f.Stat(); err == nil {
		size = min(max(info.Size(), 0), node.MaxBytes)
	}
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(f, node.MaxBytes+1)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// blobHash returns the hash that Git gives to a file with this content.
func blobHash(src []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(src))
	h.Write(src)
	return hex.EncodeToString(h.Sum(nil))
}

// unit reads one unit, out of the cache where it can. A unit of which one file cannot be
// read is not looked at: what a CUE package says without one of its files is not what it
// says.
func (l *loader) unit(ctx context.Context, u unit) outcome {
	o := outcome{unit: u}
	sources := make([][]byte, len(u.files))
	hashes := make([]string, len(u.files))
	for i, f := range u.files {
		var err error
		if hashes[i], sources[i], err = l.source(f); err != nil {
			o.unreadable(f, err)
		}
	}
	if len(o.faults) > 0 {
		return o
	}
	o.key = unitKey(u, hashes)
	if l.cache.load(o.key, &o.batch) {
		return o
	}
	for i, f := range u.files {
		if sources[i] != nil {
			continue
		}
		var err error
		if sources[i], err = read(l.fsys, f.real); err != nil {
			o.unreadable(f, err)
		}
	}
	if len(o.faults) == 0 {
		l.parse(ctx, &o, sources)
	}
	return o
}

// source returns the hash of a file, and its content where that is what tells the hash.
func (l *loader) source(f file) (hash string, src []byte, err error) {
	if h, ok := l.fsys.(hasher); ok && l.cache != nil {
		if hash, ok := h.Hash(f.real); ok {
			return hash, nil, nil
		}
	}
	if src, err = read(l.fsys, f.real); err != nil {
		return "", nil, err
	}
	if l.cache != nil {
		hash = blobHash(src)
	}
	return hash, src, nil
}

// parse reads documents from text.
func (l *loader) parse(ctx context.Context, o *outcome, sources [][]byte) {
	o.parsed = true
	for i, f := range o.files {
		if l.options.Check != nil {
			o.faults = append(o.faults, l.options.Check(f.name, sources[i])...)
		}
	}
	if o.cue {
		l.cueUnit(ctx, o, sources)
	} else {
		l.yamlFile(o, sources[0])
	}
	if l.cache != nil && len(o.faults) == 0 {
		o.payload = l.cache.encode(&o.batch)
	}
}

// yamlFile reads every document of a YAML file.
func (l *loader) yamlFile(o *outcome, src []byte) {
	name := o.files[0].name
	docs, faults := node.Parse(name, src)
	o.faults = append(o.faults, faults...)
	sound := !o.faults.HasErrors()
	for i, doc := range docs {
		kind, faults := l.check(name, doc)
		o.settle(schema.Source{File: name, Document: i, Pos: pos(doc)}, doc, kind, faults, sound)
	}
	if len(docs) == 0 {
		o.broken = append(o.broken, glimpse(name, src)...)
	}
}

// unreadable notes a file that cannot be read.
func (o *outcome) unreadable(f file, err error) {
	o.faults = append(o.faults, unreadable(f.name, err))
	o.broken = append(o.broken, schema.Broken{Source: schema.Source{File: f.name}})
}

// glimpse tells what can be told of the documents of a file that cannot be parsed, from
// lines that look like a kind and an id, so that what is known of them is frozen instead of
// taken for deleted. There is always at least one.
func glimpse(name string, src []byte) []schema.Broken {
	var l []schema.Broken
	b := schema.Broken{Source: schema.Source{File: name}}
	add := func() {
		if b.Kind != "" || b.ID != "" {
			b.Source.Document = len(l)
			l = append(l, b)
		}
		b.Kind, b.ID = "", ""
	}
	for line := range strings.Lines(string(src)) {
		key, value, _ := strings.Cut(strings.TrimRight(line, " \t\r\n"), ":")
		value, _, _ = strings.Cut(value, " #")
		value = strings.Trim(value, " \t'\"")
		switch {
		case strings.HasPrefix(key, "---"):
			add()
		case key == "kind" && b.Kind == "" && isKind(value):
			b.Kind = schema.Kind(value)
		case key == "id" && b.ID == "" && isID(value):
			b.ID = value
		}
	}
	add()
	if len(l) == 0 {
		l = append(l, b)
	}
	return l
}

func isKind(s string) bool {
	for _, k := range schema.Kinds() {
		if s == string(k) {
			return true
		}
	}
	return false
}

func isID(s string) bool {
	other := func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }
	return s != "" && len(s) <= 40 && !strings.ContainsFunc(s, other)
}
