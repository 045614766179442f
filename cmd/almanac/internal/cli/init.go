package cli

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/describe"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/edit"
)

//go:embed all:starter
var starter embed.FS

// schemaFolder is where a repository keeps the schemas for editors.
const schemaFolder = ".almanac/schema"

type initOptions struct {
	id, name, timezone, country, domain string
}

func newInit(c *Command, o *options) *cobra.Command {
	in := &initOptions{}
	cmd := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Write a complete starter repository",
		Long: `Init writes an organization, two people, two clients and two templates that work as they
are, settings that make editors complete and check them, and the workflows with which
GitHub checks, previews and reconciles. Nothing that exists is overwritten: if any of the
files is there already, nothing is written at all.`,
		Example: `  almanac init my-clients
  almanac init --id northwind --name "Northwind IT" --timezone America/Chicago --country us --domain northwind.example`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := firstOf(args)
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(c.folder(o), dir)
			}
			return c.init(dir, o, in)
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.id, "id", "my-msp", "id of the organization; it cannot change later without a note")
	f.StringVar(&in.name, "name", "My MSP", "name of the organization")
	f.StringVar(&in.timezone, "timezone", "America/New_York", "time zone that decides what today is")
	f.StringVar(&in.country, "country", "us", "country whose public holidays are days off")
	f.StringVar(&in.domain, "domain", "my-msp.example", "domain of the staff's e-mail addresses")
	return cmd
}

// domainForm is that of #Domain in the definitions.
var domainForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// check refuses what would make the starter invalid.
func (in *initOptions) check() error {
	switch {
	case !idForm.MatchString(in.id) || len(in.id) > 40:
		return usage("almanac init --id my-msp", "--id %q: expected lower-case letters, digits and single hyphens, at most 40", in.id)
	case strings.TrimSpace(in.name) == "" || strings.ContainsAny(in.name, "\r\n"):
		return usage(`almanac init --name "My MSP"`, "--name: expected a name on one line")
	case !knownZone(in.timezone):
		return usage("almanac init --timezone America/Chicago", "--timezone %q: expected an IANA time zone such as Europe/Berlin", in.timezone)
	case !slices.Contains(civil.Countries(), in.country):
		return usage("almanac init --country us", "--country %q: expected one of %s", in.country, strings.Join(civil.Countries(), ", "))
	case !domainForm.MatchString(in.domain):
		return usage("almanac init --domain northwind.example", "--domain %q: expected a domain name in lower case", in.domain)
	}
	return nil
}

// init writes the starter, or nothing.
func (c *Command) init(dir string, o *options, in *initOptions) error {
	if err := in.check(); err != nil {
		return err
	}
	today, err := c.initDay(o, in)
	if err != nil {
		return err
	}
	files, err := starterFiles(in, today)
	if err != nil {
		return err
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return hinted(fmt.Errorf("%s is a file, not a folder; nothing was written", dir), "choose an empty folder, and copy from there what you want: almanac init FOLDER")
	}
	var there []string
	for _, name := range sortedKeys(files) {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); !errors.Is(err, fs.ErrNotExist) {
			there = append(there, name)
		}
	}
	if len(there) > 0 {
		return hinted(fmt.Errorf("%s has %s already; nothing was written", dir, strings.Join(there, ", ")),
			"choose an empty folder, and copy from there what you want: almanac init FOLDER")
	}
	for _, name := range sortedKeys(files) {
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := replaceFile(target, files[name]); err != nil {
			return err
		}
		fmt.Fprintln(c.Stdout, name)
	}
	c.talk("written to %s; next: almanac -C %s validate", diag.Visible(dir), diag.Visible(dir))
	return nil
}

// initDay is the day that the starter's dates are set from.
func (c *Command) initDay(o *options, in *initOptions) (civil.Date, error) {
	zone, err := time.LoadLocation(in.timezone)
	if err != nil {
		return 0, err
	}
	_, day, err := c.instant(o, zone)
	return day, err
}

// starterFiles returns what init writes, by path.
func starterFiles(in *initOptions, today civil.Date) (map[string][]byte, error) {
	y, m, _ := today.AddMonths(3).YMD()
	fill := strings.NewReplacer("{{id}}", in.id, "{{name}}", edit.Quoted(in.name), "{{timezone}}", in.timezone,
		"{{country}}", in.country, "{{domain}}", in.domain, "{{today}}", today.String(),
		"{{alignment}}", civil.New(y, m, 1).String(), "{{monday}}", today.StartOfWeek().AddDays(7).String())
	files := map[string][]byte{}
	err := fs.WalkDir(starter, "starter", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := starter.ReadFile(name)
		files[strings.TrimPrefix(name, "starter/")] = []byte(fill.Replace(string(text)))
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, k := range schema.Kinds() {
		text, err := describe.JSONSchema(k)
		if err != nil {
			return nil, err
		}
		files[path.Join(schemaFolder, schemaFile(k))] = text
	}
	return files, nil
}

func sortedKeys[V any](m map[string]V) []string {
	l := make([]string, 0, len(m))
	for k := range m {
		l = append(l, k)
	}
	slices.Sort(l)
	return l
}
