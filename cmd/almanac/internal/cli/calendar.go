package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/calendar"
	"github.com/almanac-gitops/almanac/reconcile/calendar/icslint"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema/gitfs"
)

type calendarOptions struct {
	engineOptions
	out            string
	details, check bool
}

func newCalendar(c *Command, o *options) *cobra.Command {
	k := &calendarOptions{engineOptions: engineOptions{options: o}}
	cmd := &cobra.Command{
		Use:   "calendar --out FOLDER",
		Short: "Write calendars to subscribe to, for each person, client and role",
		Long: `Calendar writes iCalendar feeds into a folder: person/<id>.ics, client/<id>.ics,
role/<id>.ics and all.ics. They hold what falls due from 90 days ago to two years ahead: the
name of the client and the title of the step, and with --details who does it, the checklist
and a link. Whoever knows the address of a published feed can read it.

Feeds that did not change are left as they are. What was called off, or is gone from the
files, stays for 30 days, marked as cancelled.`,
		Example: `  almanac calendar --out dist/calendars
  almanac calendar --out dist/calendars --ledger git:origin --details
  almanac calendar --check dist/calendars/all.ics`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case k.check && len(args) > 0:
				return c.checkCalendars(args)
			case k.check:
				return usage("almanac calendar --check dist/calendars/all.ics", "--check needs the names of files")
			case k.out == "":
				return usage("almanac calendar --out dist/calendars", "say where the calendars go, with --out")
			case len(args) > 0:
				return usage("almanac calendar --out "+k.out, "unknown argument %q", args[0])
			}
			return c.writeCalendars(cmd.Context(), k)
		},
	}
	f := cmd.Flags()
	f.StringVar(&k.out, "out", "", "folder to write into; it is made where there is none")
	f.BoolVar(&k.details, "details", false, "add owner, participants, checklist and link: for staff only")
	f.BoolVar(&k.check, "check", false, "say what is wrong with iCalendar files, and write nothing")
	f.StringVar(&k.forge, "forge", "", "where issues are, as in plan; they are not asked, but the ledger may lie beside them")
	f.StringVar(&k.ledger, "ledger", "", "where the ledger is: dir:FOLDER, git or git:REMOTE, as in plan")
	return cmd
}

// checkCalendars tells the faults of iCalendar files, or how many have none.
func (c *Command) checkCalendars(files []string) error {
	p, faulty := &printer{w: c.Stdout}, false
	for _, name := range files {
		text, err := os.ReadFile(c.path(name))
		if err != nil {
			return err
		}
		for _, f := range icslint.Lint(text) {
			p.line("%s:%s", name, f)
			faulty = true
		}
	}
	if faulty && p.err == nil {
		return exit(ExitInvalid)
	}
	if !faulty {
		p.line("%s checked, nothing is wrong", plural(len(files), "feed"))
	}
	return p.err
}

// path returns a path of the command line as one that can be opened.
func (c *Command) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.Dir, name)
}

// writeCalendars writes every feed that changed.
func (c *Command) writeCalendars(ctx context.Context, k *calendarOptions) error {
	s, err := c.session(ctx, &k.engineOptions)
	if err != nil {
		return err
	}
	folder := feedFolder(c.path(k.out))
	in, err := s.calendarInputs(ctx, k, folder)
	if err != nil {
		return err
	}
	feeds := calendar.Make(in)
	written, events := 0, 0
	for _, f := range feeds {
		text, err := f.Text()
		if err != nil {
			return fmt.Errorf("write the feed %s: %w", f.Name, err)
		}
		changed, err := folder.write(f.Name, text)
		if err != nil {
			return err
		}
		if changed {
			written++
		}
		if f.Name == calendar.All {
			events = f.Events()
		}
	}
	removed := 0
	if len(s.w.catalog.Broken) == 0 { // a broken file is no reason to take a feed away
		if removed, err = folder.prune(feeds); err != nil {
			return err
		}
	}
	s.frozenTalk()
	if _, err := fmt.Fprintf(c.Stdout, "%s: %d written, %d unchanged, %d removed, %s\n", plural(len(feeds), "feed"), written, len(feeds)-written, removed, plural(events, "event")); err != nil {
		return err
	}
	return s.invalid()
}

// calendarInputs gathers what the feeds depend on. The forge is not asked: the ledger tells
// what was skipped or closed.
func (s *session) calendarInputs(ctx context.Context, k *calendarOptions, folder feedFolder) (calendar.Inputs, error) {
	org := s.w.catalog.Organization
	zone, err := time.LoadLocation(org.Timezone)
	if err != nil || !knownZone(org.Timezone) {
		return calendar.Inputs{}, hinted(fmt.Errorf("the time zone %q is not known", org.Timezone), "see: almanac explain Organization.timezone")
	}
	history, err := s.ledger.Load(ctx)
	if err != nil {
		return calendar.Inputs{}, err
	}
	if err := s.know(&reconcile.World{History: history}); err != nil {
		return calendar.Inputs{}, err
	}
	times := s.commitTimes(ctx)
	return calendar.Inputs{
		Catalog: s.w.catalog, Engine: s.engine, Today: s.w.today, Now: s.w.now, Zone: zone,
		Entries: history.Entries, Events: history.Events(),
		Committed: func(file string) time.Time { return times[file] },
		Frozen: func(id string) bool {
			_, all := s.frozen[plan.Everybody]
			_, one := s.frozen[id]
			return all || one || history.Damaged[id] != nil
		},
		Details: k.details, Link: s.calendarLink(k), Before: folder.read,
	}, nil
}

// commitTimes returns when each file was last committed; nothing outside of Git.
func (s *session) commitTimes(ctx context.Context) map[string]time.Time {
	var files []string
	for _, d := range s.w.catalog.Documents() {
		files = append(files, d.Head().Source.File)
	}
	repo, err := gitfs.Open(s.w.root)
	if errors.Is(err, gitfs.ErrNotGit) {
		return nil
	}
	var times map[string]time.Time
	if err == nil {
		if repo, err = repo.Sub(s.w.root); err == nil {
			times, err = repo.Times(ctx, files)
		}
	}
	if err != nil {
		s.c.talk("warning: changes are dated by today, because the history cannot be read: %v", err)
	}
	return times
}

// calendarLink leads to the issue where issues are on GitHub, else to the line of the file.
func (s *session) calendarLink(k *calendarOptions) func(*due.Occurrence, int) string {
	base := s.baseURL()
	if base == "" {
		return func(*due.Occurrence, int) string { return "" }
	}
	repository, _, _ := strings.Cut(base, "/blob/")
	onGitHub := k.forge == "github" || k.forge == "" && strings.HasPrefix(k.ledger, "git")
	return func(o *due.Occurrence, number int) string {
		if number > 0 && onGitHub {
			return fmt.Sprintf("%s/issues/%d", repository, number)
		}
		return fmt.Sprintf("%s/%s#L%d", base, o.Source.File, o.Source.Pos.Line)
	}
}
