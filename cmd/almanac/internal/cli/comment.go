package cli

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile/forge/github"
)

// maxComment is the most that is sent, in characters: GitHub takes 65,536, the marker among
// them.
const maxComment = 65_000

type commentOptions struct {
	pr         int
	body, key  string
	updateOnly bool
}

// newComment is a step of the preview workflow and no command for people, so it is hidden.
func newComment(c *Command, _ *options) *cobra.Command {
	p := &commentOptions{}
	cmd := &cobra.Command{
		Use:    "preview-comment",
		Short:  "Keep one comment on a pull request up to date",
		Hidden: true,
		Long: `Preview-comment writes a file as a comment on a pull request, and the next time changes
that comment in place. Comments of others are never touched. Repository, address and token
come from GITHUB_REPOSITORY, GITHUB_API_URL and GITHUB_TOKEN.`,
		Example: `  almanac preview-comment --pr 12 --body-file preview.md`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.comment(cmd, p) },
	}
	f := cmd.Flags()
	f.IntVar(&p.pr, "pr", 0, "number of the pull request")
	f.StringVar(&p.body, "body-file", "", "file with the text, as Markdown")
	f.StringVar(&p.key, "key", "", "name that tells several previews of one pull request apart")
	f.BoolVar(&p.updateOnly, "update-only", false, "change a comment that is there, and add none")
	return cmd
}

func (c *Command) comment(cmd *cobra.Command, p *commentOptions) error {
	if p.pr < 1 || p.body == "" {
		return usage("almanac preview-comment --pr 12 --body-file preview.md", "give the number of the pull request and a file")
	}
	text, err := c.commentText(p.body)
	if err != nil {
		return err
	}
	o := github.Options{
		APIURL: c.Getenv("GITHUB_API_URL"), Repository: c.Getenv("GITHUB_REPOSITORY"), Token: c.Getenv("GITHUB_TOKEN"),
		Now: c.Now, Log: func(s string) { c.talk("%s", s) }, Warn: func(s string) { c.talk("warning: %s", s) },
	}
	if o.Repository == "" || o.Token == "" {
		return hinted(errors.New("no repository or no token for GitHub"), "set GITHUB_REPOSITORY and GITHUB_TOKEN")
	}
	forge, err := github.New(o)
	if err != nil {
		return err
	}
	marker := fmt.Sprintf("<!-- almanac-preview:%x -->", sha256.Sum256([]byte(p.key)))
	return forge.SetSticky(cmd.Context(), github.Sticky{Number: p.pr, Marker: marker, Text: text, UpdateOnly: p.updateOnly})
}

// commentText reads the text of a comment. One that is too long is an error: whoever wrote
// it knows better what to leave out.
func (c *Command) commentText(name string) (string, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(c.Dir, name)
	}
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", hinted(fmt.Errorf("there is no file %s", name), "make it first: almanac plan --base origin/main -o markdown > preview.md")
	case err != nil:
		return "", err
	case !utf8.Valid(text):
		return "", fmt.Errorf("%s is not UTF-8 text", name)
	case utf8.RuneCount(text) > maxComment:
		return "", fmt.Errorf("%s has %d characters: a comment holds %d", name, utf8.RuneCount(text), maxComment)
	}
	return string(text), nil
}
