package load

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrNoRoot is returned by FindRoot where no folder is the root of a repository.
var ErrNoRoot = errors.New("no almanac.yaml here or in any folder above")

// FindRoot returns the absolute path of the nearest folder, from dir upwards, that holds
// almanac.yaml, almanac.yml or almanac.cue. The content is not looked at: a broken
// organization still marks the root. The error wraps ErrNoRoot where there is none.
func FindRoot(dir string) (root string, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the root of the repository: %w", err)
	}
	if info, err := os.Stat(abs); err != nil {
		return "", fmt.Errorf("find the root of the repository: %w", err)
	} else if !info.IsDir() {
		abs = filepath.Dir(abs)
	}
	for at := abs; ; at = filepath.Dir(at) {
		for _, name := range []string{"almanac.yaml", "almanac.yml", "almanac.cue"} {
			if info, err := os.Stat(filepath.Join(at, name)); err == nil && info.Mode().IsRegular() {
				return at, nil
			}
		}
		if filepath.Dir(at) == at {
			return "", fmt.Errorf("%s: %w", dir, ErrNoRoot)
		}
	}
}
