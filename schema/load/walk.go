package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/schema/diag"
)

// file is a file to be read.
type file struct {
	// name is what people call it, real is where it is read: not the same for a link.
	name, real string
}

// found is what a walk over the tree gives.
type found struct {
	yaml []file
	// cue holds the CUE files of each folder, since they may form packages.
	cue map[string][]file
	// lost are files and folders that cannot be read or followed.
	lost   []string
	faults diag.List
}

// walker collects the files of a tree.
type walker struct {
	fsys   fs.FS
	ignore ignore
	links  []string
	found
}

// walk finds every file below the root that may hold documents. Only a root that cannot be
// read is an error; anything else is a fault, so that it is never taken for an absence.
func walk(ctx context.Context, fsys fs.FS) (*found, error) {
	w := walker{fsys: fsys, found: found{cue: map[string][]file{}}}
	if _, err := fs.ReadDir(fsys, "."); err != nil {
		return nil, fmt.Errorf("read the root of the repository: %w", err)
	}
	w.readIgnore()
	if err := w.folder(ctx, "."); err != nil {
		return nil, err
	}
	w.follow()
	return &w.found, nil
}

// readIgnore reads .almanacignore. As a link it could show lines of any file in faults.
func (w *walker) readIgnore() {
	if info, err := fs.Lstat(w.fsys, ignoreFile); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		w.refuse(ignoreFile, "is a symbolic link, which is not followed", "write the patterns into the file itself")
		return
	}
	src, err := read(w.fsys, ignoreFile)
	switch {
	case err == nil:
		w.ignore, w.faults = parseIgnore(src)
	case !errors.Is(err, fs.ErrNotExist):
		w.unreadable(ignoreFile, err)
	}
}

// folder collects what a folder holds.
func (w *walker) folder(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := fs.ReadDir(w.fsys, dir)
	if err != nil {
		w.unreadable(dir, err)
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "cue.mod" || w.ignore.match(name, e.IsDir()) {
			continue
		}
		switch {
		case e.IsDir():
			if err := w.folder(ctx, name); err != nil {
				return err
			}
		case e.Type()&fs.ModeSymlink != 0:
			w.links = append(w.links, name)
		case e.Type().IsRegular():
			w.add(file{name, name})
		}
	}
	return nil
}

func (w *walker) add(f file) {
	switch extension(f.name) {
	case ".yaml", ".yml":
		w.yaml = append(w.yaml, f)
	case ".cue":
		dir := path.Dir(f.name)
		w.cue[dir] = append(w.cue[dir], f)
	case ".txt": // an editor that knows only texts adds it, and hides it
		if meant := f.name[:len(f.name)-len(".txt")]; isSource(meant) {
			w.faults = append(w.faults, diag.Diagnostic{File: f.name, Severity: diag.Warning, Rule: "load/extension",
				Message: "the file is not read, because its name does not end in .yaml, .yml or .cue",
				Hint:    "rename it to " + path.Base(meant) + ", or list it in " + ignoreFile})
		}
	}
}

func extension(name string) string { return strings.ToLower(path.Ext(name)) }

// isSource reports whether a file may hold documents, by its name.
func isSource(name string) bool {
	e := extension(name)
	return e == ".yaml" || e == ".yml" || e == ".cue"
}

// follow decides on the symbolic links. A link to a file that is read anyway is a second
// name for it and not read again; folders are not entered through links.
func (w *walker) follow() {
	reads := map[string]bool{}
	for _, f := range w.yaml {
		reads[f.real] = true
	}
	for _, l := range w.cue {
		for _, f := range l {
			reads[f.real] = true
		}
	}
	for _, name := range w.links {
		to, err := resolve(w.fsys, name)
		switch {
		case err == nil:
			w.target(name, to, reads)
		case errors.Is(err, fs.ErrNotExist) && isSource(name):
			w.refuse(name, "is a symbolic link that leads to nothing", "delete it, or mend where it points")
		case errors.Is(err, errLeaves):
			w.refuse(name, "is a symbolic link that leaves the repository, which is not followed",
				"put the files themselves here, or list the link in "+ignoreFile)
		case errors.Is(err, errLoop):
			w.refuse(name, "is a symbolic link that leads to itself", "delete it")
		case !errors.Is(err, fs.ErrNotExist):
			w.unreadable(name, err)
		}
	}
	for _, l := range w.cue {
		slices.SortFunc(l, func(a, b file) int { return strings.Compare(a.name, b.name) })
	}
}

// target looks at where a link within the repository ends.
func (w *walker) target(name, to string, reads map[string]bool) {
	info, err := fs.Lstat(w.fsys, to)
	switch {
	case err != nil:
		w.unreadable(name, err)
	case info.Mode().IsRegular() && isSource(name) && !reads[to]:
		w.add(file{name, to})
	case info.IsDir() && w.skipped(to):
		w.refuse(name, "is a symbolic link to "+to+", a folder that is not read",
			"move the files out of it, or list the link in "+ignoreFile)
	}
}

// skipped reports whether a folder or one above it is left out by the walk.
func (w *walker) skipped(dir string) bool {
	for ; dir != "."; dir = path.Dir(dir) {
		if base := path.Base(dir); strings.HasPrefix(base, ".") || base == "cue.mod" || w.ignore.match(dir, true) {
			return true
		}
	}
	return false
}

func (w *walker) refuse(name, message, hint string) {
	w.lost = append(w.lost, name)
	w.faults = append(w.faults, diag.Diagnostic{File: name, Rule: "load/symlink", Message: message, Hint: hint})
}

func (w *walker) unreadable(name string, err error) {
	w.lost = append(w.lost, name)
	w.faults = append(w.faults, unreadable(name, err))
}

// unreadable is the fault of a file or folder that cannot be read.
func unreadable(name string, err error) diag.Diagnostic {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err
	}
	return diag.Diagnostic{File: name, Rule: "load/unreadable", Message: "cannot be read: " + err.Error(),
		Hint: "what it holds is unknown, so nothing is taken for deleted; make it readable, or list it in " + ignoreFile}
}
