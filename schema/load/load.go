// Package load reads a repository of documents from a file system, which may be a folder or
// a Git revision, into a catalog.
//
// Every *.yaml, *.yml and *.cue file below the root is read, whatever its folder; names that
// begin with a dot, `cue.mod` and what .almanacignore lists are left out, and names such as
// acme.yaml.txt are told. Each file is read once: guarded and parsed to nodes, checked
// against its definition, decoded, and given the positions of its steps and assignments. CUE
// files are evaluated first, together with those of the same package in the same folder;
// nothing is fetched.
//
// Faults are values: a document that cannot be used is told in Catalog.Broken, and all
// others go on. Whatever cannot be read is a fault too, so that it is never mistaken for
// something deleted. Only a root that cannot be read is an error.
//
// The result depends on the content of the files alone, not on the order in which a file
// system lists them, on the number of workers or on the cache.
package load

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/validate"
)

// Options says how to load; the zero Options are good.
type Options struct {
	// Engine checks the documents; the empty one is validate.Auto.
	Engine validate.Engine
	// CacheDir is a folder outside the repository that belongs to the user; empty for no
	// cache. It is made where it is missing. Whatever is wrong with it is passed over.
	CacheDir string
	// Workers is how many files are read at once; 0 for one a processor.
	Workers int
	// Check are rules on the text of a file, whose faults become faults of the file. It is
	// called by several goroutines.
	Check func(file string, src []byte) diag.List
	// Version is the version of the tool; a cache of another one is not read.
	Version string
	// Only limits the work to some files, by their paths from the root; see Load.
	Only []string
}

// Result is what a repository says.
type Result struct {
	// Catalog is indexed and holds the valid documents; Broken names the others.
	Catalog *schema.Catalog
	// Faults are sorted.
	Faults diag.List
	// Files counts the files that were read, Documents what they hold, valid or not.
	Files, Documents int
	// Parsed counts the files that were parsed, not found in the cache.
	Parsed int

	locator
}

// Load reads everything below the root of a file system. The root must be a folder that can
// be read; the error is about that, about ctx, or about the engine.
//
// With Only, just these files are read, and of the others what they refer to: the
// organization, and people and templates by id, sought first in files named like the id and
// only then, while something is still missing, in the rest. References of the files are
// therefore judged as in a whole load, while documents elsewhere that have the same id, or
// that refer to these, are not looked for.
func Load(ctx context.Context, fsys fs.FS, o Options) (*Result, error) {
	v, err := validate.New(o.Engine)
	if err != nil {
		return nil, err
	}
	f, err := walk(ctx, fsys)
	if err != nil {
		return nil, err
	}
	l := &loader{fsys: fsys, options: o, validator: v, cueTime: cueTime}
	l.cache = openCache(o)
	units := f.units()
	var done []outcome
	if len(o.Only) > 0 {
		done, err = l.only(ctx, units, f)
	} else {
		done, err = l.all(ctx, units)
	}
	if err != nil {
		return nil, err
	}
	l.cache.save(done, len(o.Only) == 0)
	return l.result(f, done), nil
}

// loader is one run of Load.
type loader struct {
	fsys      fs.FS
	options   Options
	validator *validate.Validator
	cache     *cache
	// cueTime is how long the CUE files of one folder may take.
	cueTime time.Duration
}

// unit is what is read, checked and cached as one: a YAML file, or the CUE files of a
// folder.
type unit struct {
	name  string
	files []file
	cue   bool
}

// units returns what is to be read, sorted by name.
func (f *found) units() []unit {
	l := make([]unit, 0, len(f.yaml)+len(f.cue))
	for _, y := range f.yaml {
		l = append(l, unit{name: y.name, files: []file{y}})
	}
	for _, dir := range slices.Sorted(maps.Keys(f.cue)) {
		l = append(l, unit{name: path.Join(dir, "*.cue"), files: f.cue[dir], cue: true})
	}
	slices.SortFunc(l, func(a, b unit) int { return cmp.Compare(a.name, b.name) })
	return l
}

// outcome is what a unit turned out to hold.
type outcome struct {
	unit
	batch
	broken []schema.Broken
	faults diag.List
	// parsed is false for what came out of the cache.
	parsed bool
	// key and payload are for the cache; payload is empty for what is not to be kept.
	key     key
	payload string
}

// documents returns how many documents a unit holds, broken ones too.
func (o *outcome) documents() int { return o.batch.len() + len(o.broken) }

// all reads units with several workers and keeps their order.
func (l *loader) all(ctx context.Context, units []unit) ([]outcome, error) {
	done := make([]outcome, len(units))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(len(units), cmp.Or(max(l.options.Workers, 0), runtime.GOMAXPROCS(0))) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(units) {
					return
				}
				done[i] = l.unit(ctx, units[i])
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	return done, nil
}

// result puts everything together, in the order of the units.
func (l *loader) result(f *found, done []outcome) *Result {
	r := &Result{Catalog: &schema.Catalog{}, Faults: f.faults}
	r.locator.init(l, done)
	c := r.Catalog
	for _, name := range f.lost {
		c.Broken = append(c.Broken, schema.Broken{Source: schema.Source{File: name}})
	}
	var organizations []*schema.Organization
	for i := range done {
		o := &done[i]
		r.Files += len(o.files)
		r.Documents += o.documents()
		if o.parsed {
			r.Parsed += len(o.files)
		}
		r.Faults = append(r.Faults, o.faults...)
		organizations = append(organizations, o.Organizations...)
		c.People = append(c.People, o.People...)
		c.Clients = append(c.Clients, o.Clients...)
		c.Processes = append(c.Processes, o.Processes...)
		c.Plans = append(c.Plans, o.Plans...)
		c.Playbooks = append(c.Playbooks, o.Playbooks...)
		c.Broken = append(c.Broken, o.broken...)
	}
	r.organization(organizations)
	c.Index()
	r.Faults = r.Faults.Sorted()
	return r
}

// organization sees to it that there is exactly one.
func (r *Result) organization(l []*schema.Organization) {
	c := r.Catalog
	slices.SortFunc(l, func(a, b *schema.Organization) int {
		return cmp.Or(cmp.Compare(a.Source.File, b.Source.File), cmp.Compare(a.Source.Document, b.Source.Document))
	})
	unknown := func(b schema.Broken) bool { return b.Kind == schema.KindOrganization || b.Kind == "" }
	if len(l) == 0 && !slices.ContainsFunc(c.Broken, unknown) {
		r.Faults = append(r.Faults, diag.Diagnostic{File: "almanac.yaml", Rule: "load/no-organization",
			Message: "there is no document of kind Organization; exactly one describes the managed service provider",
			Hint:    "write almanac.yaml, or run almanac init in an empty folder for one to start from"})
	}
	for i, o := range l {
		if i == 0 {
			c.Organization = o
			continue
		}
		c.Broken = append(c.Broken, schema.Broken{Source: o.Source, Kind: o.Kind, ID: o.ID})
		r.Faults = append(r.Faults, diag.Diagnostic{File: o.Source.File, Line: o.Source.Pos.Line, Column: o.Source.Pos.Column,
			Rule: "load/two-organizations", Path: "kind",
			Message: fmt.Sprintf("a second document of kind Organization, %s; the first is %s in %s", o.ID, l[0].ID, l[0].Source.File),
			Hint:    "keep one of the two: a repository belongs to one managed service provider"})
	}
}
