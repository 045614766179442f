package load

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/almanac-gitops/almanac/schema"
)

// The cache keeps the decoded documents of files without faults, by path and content, in a
// few shards: files that are read as one and replaced as one by a rename, so that processes
// never see half of one and the last to write wins. A shard begins with a magic line and the
// fingerprint of everything that decides what a file decodes to, and ends with a checksum;
// one that does not match, whatever the reason, is as good as none. Nothing that goes wrong
// here is an error, since the files themselves are the truth.
const (
	magic  = "almanac load cache 1\n"
	shards = 8
	// maxAge is for how many rewrites of its shard an entry is kept that nobody asks for, so
	// that two branches, or the two sides of a pull request, share one cache.
	maxAge = 4
)

// key is what an entry is found by: the name of a unit and the hash of its content.
type key struct{ name, hash string }

// entry is one unit in a shard.
type entry struct {
	key
	age     byte
	payload string
	// used is set at most by the one goroutine that reads the unit.
	used bool
}

type cache struct {
	dir         string
	fingerprint [sha256.Size]byte
	codec       *codec
	shards      [shards]shard
}

type shard struct {
	entries []entry
	index   map[key]int
}

// unitKey returns the key of a unit; a folder of CUE files depends on all of them.
func unitKey(u unit, hashes []string) key {
	if !u.cue {
		return key{u.name, hashes[0]}
	}
	h := sha256.New()
	for i, f := range u.files {
		fmt.Fprintf(h, "%q %q\n", f.name, hashes[i])
	}
	return key{u.name, hex.EncodeToString(h.Sum(nil))}
}

// openCache reads the shards, or returns nil where no cache is wanted or possible.
func openCache(o Options) *cache {
	if o.CacheDir == "" {
		return nil
	}
	codec, err := compile(reflect.TypeFor[batch](), map[reflect.Type]*codec{})
	if err != nil {
		return nil
	}
	c := &cache{dir: o.CacheDir, codec: codec, fingerprint: fingerprint(o)}
	var wg sync.WaitGroup
	for i := range c.shards {
		wg.Go(func() {
			if b, err := os.ReadFile(c.file(i)); err == nil {
				c.shards[i].read(b, c.fingerprint)
			}
		})
	}
	wg.Wait()
	return c
}

// fingerprint covers the definitions, the version of the tool, the options that change what
// passes, and the Go types.
func fingerprint(o Options) (sum [sha256.Size]byte) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %v\n", o.Version, o.Engine, o.Check != nil)
	names, _ := fs.Glob(schema.Definitions, "*.cue")
	for _, name := range names {
		text, _ := schema.Definitions.ReadFile(name)
		fmt.Fprintf(h, "%q %d\n%s", name, len(text), text)
	}
	var types strings.Builder
	describe(&types, reflect.TypeFor[batch](), map[reflect.Type]bool{})
	fmt.Fprint(h, types.String())
	return [sha256.Size]byte(h.Sum(nil))
}

func (c *cache) file(i int) string { return filepath.Join(c.dir, fmt.Sprintf("load-%d", i)) }

// shardOf goes by the name only, so that the versions of a file share a shard.
func (c *cache) shardOf(k key) *shard {
	h := fnv.New32a()
	h.Write([]byte(k.name))
	return &c.shards[h.Sum32()%shards]
}

// load fills a batch from the cache and reports whether it could.
func (c *cache) load(k key, into *batch) bool {
	if c == nil {
		return false
	}
	s := c.shardOf(k)
	i, ok := s.index[k]
	if !ok {
		return false
	}
	d := decoder{rest: s.entries[i].payload}
	var b batch
	c.codec.get(&d, reflect.ValueOf(&b).Elem())
	if d.bad || d.rest != "" {
		return false
	}
	*into, s.entries[i].used = b, true
	return true
}

// encode returns what load reads; it is never empty.
func (c *cache) encode(b *batch) string { return string(c.codec.put(nil, reflect.ValueOf(b).Elem())) }

// save writes the shards that have something new. With whole, entries that nobody asked for
// grow older.
func (c *cache) save(done []outcome, whole bool) {
	if c == nil {
		return
	}
	fresh := map[*shard][]entry{}
	for i := range done {
		if o := &done[i]; o.payload != "" {
			s := c.shardOf(o.key)
			fresh[s] = append(fresh[s], entry{key: o.key, payload: o.payload})
		}
	}
	if len(fresh) == 0 || os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	var wg sync.WaitGroup
	for i := range c.shards {
		if s := &c.shards[i]; fresh[s] != nil {
			wg.Go(func() { replace(c.file(i), s.keep(fresh[s], whole), c.fingerprint) })
		}
	}
	wg.Wait()
}

// keep returns the entries that go on, with fresh ones added.
func (s *shard) keep(fresh []entry, whole bool) []entry {
	for _, e := range s.entries {
		switch {
		case e.used:
			e.age = 0
		case whole:
			e.age++
		}
		if e.age <= maxAge {
			fresh = append(fresh, e)
		}
	}
	slices.SortStableFunc(fresh, func(a, b entry) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.hash, b.hash)) })
	return slices.CompactFunc(fresh, func(a, b entry) bool { return a.key == b.key })
}

// replace writes a shard so that others see the old one or the new one.
func replace(name string, l []entry, fingerprint [sha256.Size]byte) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return
	}
	err = writeShard(f, l, fingerprint)
	if errors.Join(err, f.Close()) != nil || os.Rename(f.Name(), name) != nil {
		os.Remove(f.Name())
	}
}

// writeShard writes what read reads, entry by entry, so that a shard is never in memory
// twice: the head, the entries, and a checksum of these.
func writeShard(to io.Writer, l []entry, fingerprint [sha256.Size]byte) error {
	w := bufio.NewWriterSize(to, 1<<16)
	w.WriteString(magic)
	w.Write(fingerprint[:])
	sum := newChecksum()
	both := io.MultiWriter(w, sum)
	b := binary.AppendUvarint(nil, uint64(len(l)))
	for _, e := range l {
		b = putString(putString(b, e.name), e.hash)
		b = putString(binary.AppendUvarint(b, uint64(e.age)), e.payload)
		both.Write(b)
		b = b[:0]
	}
	both.Write(b) // the count alone, where there is no entry
	w.Write(sum.Sum(nil))
	return w.Flush() // tells of every error before
}

// read takes the entries out of the text of a shard.
func (s *shard) read(b []byte, fingerprint [sha256.Size]byte) {
	body, ok := bytes.CutPrefix(b, append([]byte(magic), fingerprint[:]...))
	at := len(body) - crc32.Size
	if !ok || at < 0 {
		return
	}
	sum := newChecksum()
	sum.Write(body[:at])
	if !bytes.Equal(sum.Sum(nil), body[at:]) {
		return
	}
	d := decoder{rest: string(body[:at])}
	n := d.count()
	l := make([]entry, 0, n)
	for range n {
		l = append(l, entry{key: key{d.string(), d.string()}, age: byte(d.uint()), payload: d.string()})
	}
	if d.bad || d.rest != "" {
		return
	}
	s.entries, s.index = l, make(map[key]int, n)
	for i, e := range l {
		s.index[e.key] = i
	}
}

func newChecksum() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }
