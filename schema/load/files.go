package load

import (
	"context"
	"io/fs"
	"slices"
)

// Files returns the paths of the YAML files that Load reads, sorted, but for symbolic links.
// What cannot be read is left out: Load tells it.
func Files(fsys fs.FS) ([]string, error) {
	found, err := walk(context.Background(), fsys)
	if err != nil {
		return nil, err
	}
	l := make([]string, 0, len(found.yaml))
	for _, f := range found.yaml {
		if f.name == f.real {
			l = append(l, f.name)
		}
	}
	slices.Sort(l)
	return l, nil
}
