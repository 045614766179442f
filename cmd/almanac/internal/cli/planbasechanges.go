package cli

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/gitfs"
)

// delta is which files differ between two versions.
type delta struct {
	// files are YAML files that hold documents by their own names, sorted.
	files []string
	// unclear says that something else differs which bears on what is read: CUE, links,
	// what is left out. Then everything is looked at.
	unclear bool
}

// fewest is how many files may differ for it to be worth while to read only these and what
// they refer to.
const fewest = 200

func (d *delta) few() bool { return !d.unclear && len(d.files) <= fewest }

// only returns what to read of either version. Where no file differs, the organization is
// needed all the same: it says which day it is.
func (d *delta) only() []string {
	if len(d.files) == 0 {
		return []string{"almanac.yaml"}
	}
	return d.files
}

// note takes in a path that differs. plain says that it is no link and no submodule.
func (d *delta) note(name string, plain bool) {
	switch ext := strings.ToLower(path.Ext(name)); {
	case !plain, name == ".almanacignore", underCueMod(name), ext == ".cue":
		d.unclear = true
	case ext != ".yaml" && ext != ".yml":
	case hiddenPath(name):
		// A link may lead there.
		d.unclear = true
	default:
		d.files = append(d.files, name)
	}
}

func underCueMod(name string) bool {
	return slices.Contains(strings.Split(name, "/"), "cue.mod")
}

func hiddenPath(name string) bool {
	return strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
}

// changes finds which files differ.
func (r *revisions) changes() (*delta, error) {
	d := &delta{}
	switch {
	case r.base == nil:
		d.unclear = true
		return d, nil
	case r.head == nil:
		return d, r.folderChanges(d)
	}
	names, err := gitfs.Changed(r.base, r.head)
	for _, name := range names {
		d.note(name, plainFile(r.base, name) && plainFile(r.head, name))
	}
	return d, err
}

// plainFile reports whether a path is a regular file, or nothing.
func plainFile(t *gitfs.Tree, name string) bool {
	if _, ok := t.Hash(name); ok {
		return true
	}
	_, err := t.Lstat(name)
	return errors.Is(err, fs.ErrNotExist)
}

// folderChanges compares the files of the folder with the base: names first, and then the
// content of those that may hold documents, by the hash that Git gives it. Hidden folders
// count only where there are links, which may lead there.
func (r *revisions) folderChanges(d *delta) error {
	before, links, err := sources(r.base)
	if err != nil {
		return err
	}
	after, more, err := sources(r.files)
	if err != nil {
		return err
	}
	d.unclear = links || more
	there := make(map[string]bool, len(before))
	for _, name := range before {
		there[name] = true
	}
	var both []string
	for _, name := range after {
		if there[name] {
			both = append(both, name)
			delete(there, name)
			continue
		}
		d.note(name, true)
	}
	for name := range there {
		d.note(name, true)
	}
	for i, same := range r.compareFiles(both) {
		if !same {
			d.note(both[i], true)
		}
	}
	slices.Sort(d.files)
	return nil
}

// sources lists the files that bear on documents, and reports whether there are links.
func sources(fsys fs.FS) (names []string, links bool, err error) {
	err = fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return err
		case name == ".":
			return nil
		case err != nil:
			// load tells what cannot be read.
			return nil
		case e.IsDir() && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case e.Type()&fs.ModeSymlink != 0:
			links = true
		case e.Type().IsRegular() && bears(name):
			names = append(names, name)
		}
		return nil
	})
	return names, links, err
}

// bears reports whether a file can bear on what documents there are.
func bears(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml", ".cue":
		return true
	}
	return name == ".almanacignore" || underCueMod(name)
}

// compareFiles reports for each file whether the folder has it as the base has it. What
// cannot be read differs.
func (r *revisions) compareFiles(names []string) []bool {
	same := make([]bool, len(names))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(len(names), runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(names); i = int(next.Add(1)) - 1 {
				src, err := fs.ReadFile(r.files, names[i])
				hash, ok := r.base.Hash(names[i])
				same[i] = err == nil && ok && hash == blobHash(src)
			}
		})
	}
	wait.Wait()
	return same
}

// blobHash returns the hash that Git gives to a file with this content.
func blobHash(src []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(src))
	h.Write(src)
	return hex.EncodeToString(h.Sum(nil))
}

// scope is what a change can concern.
type scope struct {
	clients map[string]bool
	// wide says that clients elsewhere may be concerned, since a template or more changed;
	// all says that every client is.
	wide, all bool
}

func (s *scope) has(id string) bool { return s.clients[id] }

// scope finds which clients the files that differ can concern: the clients in them, and
// the users of the templates in them; all, where the organization or a person is in them.
func (r *revisions) scope(d *delta) *scope {
	s := &scope{clients: map[string]bool{}}
	changed := map[string]bool{}
	for _, name := range d.files {
		changed[name] = true
	}
	for _, cat := range []*schema.Catalog{r.before, r.after} {
		s.documents(cat, changed)
	}
	return s
}

// documents takes in what the files that differ hold on one side.
func (s *scope) documents(cat *schema.Catalog, changed map[string]bool) {
	templates := map[string]bool{}
	for _, doc := range cat.Documents() {
		if h := doc.Head(); changed[h.Source.File] {
			s.document(h.Kind, h.ID, templates)
		}
	}
	for _, b := range cat.Broken {
		if changed[b.Source.File] {
			s.document(b.Kind, b.ID, templates)
		}
	}
	s.wide = s.wide || s.all || len(templates) > 0
	if len(templates) == 0 {
		return
	}
	for _, k := range cat.Clients {
		for i := range k.Processes {
			id := k.Processes[i].Template
			if t := cat.Template(id); t != nil {
				id = t.Head().ID
			}
			if templates[id] {
				s.clients[k.ID] = true
			}
		}
	}
}

// document takes in one document. Of one whose kind cannot be told nothing is known but
// what the other side says of its file.
func (s *scope) document(kind schema.Kind, id string, templates map[string]bool) {
	switch kind {
	case schema.KindClient:
		s.clients[id] = true
	case schema.KindProcessTemplate, schema.KindOnboardingPlan, schema.KindPlaybook:
		templates[id] = true
	case schema.KindOrganization, schema.KindPerson:
		s.all = true
	}
}
