package cli

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/forge/files"
	"github.com/almanac-gitops/almanac/reconcile/forge/github"
)

// findForge returns the forge, and its folder where it is one.
func (c *Command) findForge(e *engineOptions, w *workspace) (reconcile.Forge, string, error) {
	kind, folder, named := strings.Cut(e.forge, ":")
	switch {
	case e.forge == "":
		folder = filepath.Join(w.root, filepath.FromSlash(issuesFolder))
	case kind == "github" && !named:
		f, err := c.github(w)
		return f, "", err
	case kind != "files" || folder == "":
		return nil, "", usage("--forge files:FOLDER or --forge github", "--forge %q: expected github or files:FOLDER", e.forge)
	case !filepath.IsAbs(folder):
		folder = filepath.Join(c.Dir, folder)
	}
	return files.New(folder, files.Options{Now: w.clock}), folder, nil
}

// github returns the repository on GitHub. Everything but its name comes from the
// environment, as in Actions: an address or a secret in a file would be a way to lead the
// token elsewhere.
func (c *Command) github(w *workspace) (reconcile.Forge, error) {
	o := github.Options{
		APIURL:     c.Getenv("GITHUB_API_URL"),
		Repository: cmp.Or(w.catalog.Organization.GitHub.Repository, c.Getenv("GITHUB_REPOSITORY")),
		Token:      c.Getenv("GITHUB_TOKEN"),
		Login:      c.Getenv("ALMANAC_LOGIN"),
		Now:        c.Now,
		Sleep:      c.Sleep,
		Log:        func(s string) { c.talk("%s", s) },
		Warn:       func(s string) { c.talk("warning: %s", s) },
	}
	if o.Repository == "" {
		return nil, hinted(errors.New("no repository on GitHub is named"), "write github: {repository: owner/name} into almanac.yaml, or set GITHUB_REPOSITORY")
	}
	if id := c.Getenv("ALMANAC_APP_ID"); id != "" && o.Token == "" {
		installation, err := strconv.ParseInt(c.Getenv("ALMANAC_APP_INSTALLATION"), 10, 64)
		if err != nil {
			return nil, hinted(errors.New("ALMANAC_APP_INSTALLATION is not the number of an installation"), "it is the last part of the address of the installation on GitHub")
		}
		o.App = &github.App{ID: id, Installation: installation, Key: []byte(c.Getenv("ALMANAC_APP_KEY"))}
	}
	if o.Token == "" && o.App == nil {
		return nil, hinted(errors.New("there is no token for GitHub"), "set GITHUB_TOKEN, or ALMANAC_APP_ID, ALMANAC_APP_INSTALLATION and ALMANAC_APP_KEY")
	}
	return github.New(o)
}

// checkPublic refuses to open issues about clients where everybody can read them, unless
// the organization says that this is meant.
func (s *session) checkPublic(ctx context.Context) error {
	f, ok := s.forge.(interface {
		Public(context.Context) (bool, error)
	})
	if !ok || s.w.catalog.Organization.Public {
		return nil
	}
	public, err := f.Public(ctx)
	if err != nil {
		return err
	}
	if public {
		return &exitError{code: ExitBlocked, err: errors.New(s.forge.Name() + " is public: everybody on the internet would read about your clients"),
			hints: []string{"make the repository private, or say that it is meant with `public: true` in almanac.yaml"}}
	}
	return nil
}
