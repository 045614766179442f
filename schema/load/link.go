package load

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

var (
	errLeaves = errors.New("leaves the repository")
	errLoop   = errors.New("leads to itself")
	errBlind  = errors.New("cannot be followed here")
)

// resolve follows every symbolic link of a path by hand and returns the path without any.
// Nothing is asked of the operating system that could lead out of the root: an absolute
// target, and one with more `..` than folders, is errLeaves. A file system that does not
// tell links from what they lead to is errBlind.
func resolve(fsys fs.FS, name string) (string, error) {
	if _, ok := fsys.(fs.ReadLinkFS); !ok {
		return "", errBlind
	}
	at, rest := ".", strings.Split(name, "/")
	for hops := 0; len(rest) > 0; {
		step := rest[0]
		rest = rest[1:]
		switch step {
		case "", ".":
			continue
		case "..":
			if at == "." {
				return "", errLeaves
			}
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, step)
		info, err := fs.Lstat(fsys, next)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		if hops++; hops > 40 {
			return "", errLoop
		}
		to, err := fs.ReadLink(fsys, next)
		if err != nil {
			return "", err
		}
		if path.IsAbs(to) || filepath.IsAbs(to) {
			return "", errLeaves
		}
		rest = append(strings.Split(filepath.ToSlash(to), "/"), rest...)
	}
	return at, nil
}
