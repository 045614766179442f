package gitfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing/cache"
	rawconfig "github.com/go-git/go-git/v5/plumbing/format/config"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// place says where a repository lies.
type place struct {
	root string // top of the working tree, or the repository itself when bare
	git  string // the folder with HEAD; differs by worktree
}

// find walks upwards to the repository that holds dir.
func find(dir string) (place, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return place{}, err
	}
	if _, err := os.Stat(abs); err != nil {
		return place{}, err
	}
	for at := abs; ; at = filepath.Dir(at) {
		p, err := look(at)
		if !errors.Is(err, fs.ErrNotExist) {
			return p, err
		}
		if filepath.Dir(at) == at {
			return place{}, fmt.Errorf("%s: %w", dir, ErrNotGit)
		}
	}
}

// look returns the repository whose top is a folder, or fs.ErrNotExist.
func look(at string) (place, error) {
	dot := filepath.Join(at, ".git")
	info, err := os.Stat(dot)
	switch {
	case err == nil && info.IsDir() && isGitDir(dot):
		return place{root: at, git: dot}, nil
	case err == nil && info.Mode().IsRegular():
		return linked(at, dot)
	case isGitDir(at) && filepath.Base(at) == ".git":
		return place{root: filepath.Dir(at), git: at}, nil
	case isGitDir(at):
		return place{root: at, git: at}, nil
	case err == nil:
		return place{}, fs.ErrNotExist
	}
	return place{}, err
}

// isGitDir tells a repository as git does: HEAD, objects and refs.
func isGitDir(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// linked follows the `.git` file of a linked worktree or a submodule.
func linked(at, dot string) (place, error) {
	b, err := os.ReadFile(dot)
	if err != nil {
		return place{}, err
	}
	to, ok := strings.CutPrefix(strings.TrimSpace(string(b)), "gitdir: ")
	if !ok {
		return place{}, fmt.Errorf("%s does not say where the repository is: expected a line that begins with `gitdir: `", dot)
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(at, to)
	}
	if _, err := os.Stat(to); err != nil {
		return place{}, fmt.Errorf("%s points to %s, which is not there: run git worktree repair", dot, to)
	}
	return place{root: at, git: to}, nil
}

func open(at place) (*Repo, error) {
	dot, err := dotGit(at.git)
	if err != nil {
		return nil, err
	}
	partial, err := checkFormat(dot, at.root)
	if err != nil {
		return nil, err
	}
	options := filesystem.Options{AlternatesFS: osfs.New(filepath.VolumeName(at.git) + string(filepath.Separator))}
	store := filesystem.NewStorageWithOptions(dot, cache.NewObjectLRUDefault(), options)
	g, err := git.Open(lenient{store}, nil)
	if err != nil {
		return nil, fmt.Errorf("open the Git repository %s: %w", at.root, err)
	}
	return &Repo{root: at.root, store: store, git: g, mu: &sync.Mutex{}, partial: partial}, nil
}

// dotGit returns the files of a repository; in a linked worktree most of them lie in the
// common folder.
func dotGit(dir string) (billy.Filesystem, error) {
	own := osfs.New(dir)
	b, err := os.ReadFile(filepath.Join(dir, "commondir"))
	if errors.Is(err, fs.ErrNotExist) {
		return own, nil
	}
	if err != nil {
		return nil, err
	}
	common := strings.TrimSpace(string(b))
	if !filepath.IsAbs(common) {
		common = filepath.Join(dir, common)
	}
	return dotgit.NewRepositoryFilesystem(own, osfs.New(common)), nil
}

// harmless are extensions that do not change how objects and refs are read. go-git looks
// their lower-cased names up in a table in mixed case and so refuses most of them.
var harmless = map[string]bool{
	"noop": true, "noop-v1": true, "worktreeconfig": true, "partialclone": true,
	"preciousobjects": true, "relativeworktrees": true,
}

// checkFormat refuses what go-git would misread, in words, and reports whether the clone is
// a partial one.
func checkFormat(dot billy.Filesystem, root string) (partial bool, err error) {
	f, err := dot.Open("config")
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	raw := rawconfig.New()
	if err := rawconfig.NewDecoder(f).Decode(raw); err != nil {
		return false, fmt.Errorf("read the configuration of the Git repository %s: %w", root, err)
	}
	for _, remote := range raw.Section("remote").Subsections {
		partial = partial || strings.EqualFold(remote.Option("promisor"), "true")
	}
	for _, o := range raw.Section("extensions").Options {
		key := strings.ToLower(o.Key)
		partial = partial || key == "partialclone"
		switch {
		case key == "objectformat" && strings.EqualFold(o.Value, "sha1"):
		case key == "objectformat":
			return false, fmt.Errorf("%s names its objects by %s, which is not supported: only SHA-1 repositories can be read", root, strings.ToUpper(o.Value))
		case !harmless[key]:
			return false, fmt.Errorf("%s uses the Git extension %s = %s, which is not supported", root, o.Key, o.Value)
		}
	}
	return partial, nil
}

// lenient hides extensions from go-git, which checkFormat has judged already.
type lenient struct{ *filesystem.Storage }

// Config returns the configuration without extensions. One that go-git cannot read, such as
// one with negative refspecs, gives the empty one: reading needs nothing of it.
func (l lenient) Config() (*config.Config, error) {
	c, err := l.Storage.Config()
	if err != nil {
		return config.NewConfig(), nil
	}
	if c.Raw != nil {
		c.Raw.RemoveSection("extensions")
	}
	return c, nil
}
