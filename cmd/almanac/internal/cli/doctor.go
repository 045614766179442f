package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/notify"
	"github.com/almanac-gitops/almanac/schema/gitfs"
)

// finding is one answer of doctor. An empty todo means that all is well.
type finding struct {
	What string `json:"what" yaml:"what"`
	// State is ok, warning or error.
	State string `json:"state" yaml:"state"`
	Found string `json:"found" yaml:"found"`
	Todo  string `json:"todo" yaml:"todo"`
}

func newDoctor(c *Command, o *options) *cobra.Command {
	e := &engineOptions{options: o}
	var output string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at everything that almanac rests on, and say what to do",
		Long: `Doctor looks at the files, Git, the forge, the ledger, the clock, the data of time zones and
the channels. It changes nothing. Exit code 1: something has to be mended before a run.`,
		Example: "  almanac doctor\n  almanac doctor --ledger git:origin",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := c.diagnose(cmd.Context(), e)
			if err != nil {
				return err
			}
			if err := c.writeFindings(l, output); err != nil {
				return err
			}
			for _, f := range l {
				if f.State == "error" {
					return exit(ExitFailed)
				}
			}
			return nil
		},
	}
	addOutput(cmd, &output, "text", "json", "yaml")
	addPlaceFlags(cmd, e)
	return cmd
}

func (c *Command) writeFindings(l []finding, output string) error {
	switch output {
	case "json":
		return writeJSON(c.Stdout, l)
	case "yaml":
		return writeYAML(c.Stdout, l)
	}
	p := &printer{w: c.Stdout}
	for _, f := range l {
		p.line("%-8s %-10s %s", f.State, f.What, f.Found)
		if f.Todo != "" {
			p.line("         %-10s do: %s", "", f.Todo)
		}
	}
	return p.err
}

func ok(what, format string, args ...any) finding {
	return finding{What: what, State: "ok", Found: fmt.Sprintf(format, args...)}
}

func bad(what, todo string, err error) finding {
	return finding{What: what, State: "error", Found: err.Error(), Todo: todo}
}

func warn(what, todo, format string, args ...any) finding {
	return finding{What: what, State: "warning", Found: fmt.Sprintf(format, args...), Todo: todo}
}

// diagnose asks everything, as far as it gets. A wrong command line is an error: it says
// nothing about what almanac rests on.
func (c *Command) diagnose(ctx context.Context, e *engineOptions) ([]finding, error) {
	l := []finding{c.zones()}
	w, err := c.open(ctx, e.options, reading{})
	switch {
	case misused(err):
		return nil, err
	case err != nil:
		return append(l, bad("files", "almanac -C FOLDER doctor, or almanac init FOLDER", err)), nil
	}
	l = append(l, filesFinding(w), gitFinding(w))
	s, err := c.sessionOf(w, e)
	switch {
	case misused(err):
		return nil, err
	case err != nil:
		return append(l, bad("set-up", todo(err, "almanac validate"), err)), nil
	}
	l = append(l, s.forgeFindings(ctx)...)
	l = append(l, s.ledgerFindings(ctx)...)
	return append(l, s.channelFindings()...), nil
}

// misused reports whether an error is about the command line.
func misused(err error) bool {
	var e *exitError
	return errors.As(err, &e) && e.code == ExitUsage
}

// todo is the hint that an error carries, or another one.
func todo(err error, otherwise string) string {
	var e *exitError
	if errors.As(err, &e) && len(e.hints) > 0 {
		return e.hints[0]
	}
	return otherwise
}

func (c *Command) zones() finding {
	if _, err := time.LoadLocation("America/Chicago"); err != nil {
		return bad("zones", "install the package tzdata", err)
	}
	return ok("zones", "data of time zones is there")
}

func filesFinding(w *workspace) finding {
	errors, warnings := w.faults.Count()
	if errors+warnings == 0 {
		return ok("files", "%d documents in %d files, no faults", w.loaded.Documents, w.loaded.Files)
	}
	f := warn("files", "almanac validate", "%s and %s", plural(errors, "error"), plural(warnings, "warning"))
	if errors > 0 {
		f.State = "error"
	}
	return f
}

func gitFinding(w *workspace) finding {
	repo, err := gitfs.Open(w.root)
	if errors.Is(err, gitfs.ErrNotGit) {
		return warn("git", "git init, so that changes are reviewed and kept", "%s is not in a Git repository", w.root)
	}
	if err != nil {
		return bad("git", "see the message", err)
	}
	head, err := repo.Head()
	if err != nil {
		return warn("git", "make the first commit", "%v", err)
	}
	return ok("git", "%s at %.12s", repo.Root(), head)
}

// forgeFindings reads the issues, and compares whose they are with who opens new ones.
func (s *session) forgeFindings(ctx context.Context) []finding {
	issues, err := s.forge.List(ctx, s.c.Now())
	if err != nil {
		return []finding{bad("forge", "see the message; the forge is chosen with --forge", err)}
	}
	l := []finding{ok("forge", "%s: %s shown", s.forge.Name(), plural(len(issues), "issue"))}
	us, err := s.forge.Identity(ctx)
	switch {
	case err != nil:
		return append(l, bad("identity", "see the message", err))
	case us == "":
		return l
	}
	return append(l, s.identityFinding(us, issues))
}

// identityFinding warns where all our issues are by somebody else. GitHub does not say
// whose an installation token is that somebody else made.
func (s *session) identityFinding(us string, issues []issue.Issue) finding {
	other := ""
	for _, i := range issues {
		m, marked := issue.ParseMarker(i.Body)
		switch {
		case strings.EqualFold(i.Author, us):
			return ok("identity", "issues are opened as %s", us)
		case marked && m.Installation == s.w.catalog.Organization.ID:
			other = i.Author
		}
	}
	if other == "" {
		return ok("identity", "issues are opened as %s", us)
	}
	return warn("identity", "where the token is that of "+other+": export ALMANAC_LOGIN='"+other+"'", "issues are opened as %s, and those that are there are by %s", us, other)
}

// ledgerFindings reads the ledger, and compares the clock with it and with the forge.
func (s *session) ledgerFindings(ctx context.Context) []finding {
	h, err := s.ledger.Load(ctx)
	if err != nil {
		return []finding{bad("ledger", "see the message; the ledger is chosen with --ledger", err)}
	}
	var l []finding
	switch id := s.w.catalog.Organization.ID; {
	case !h.Exists:
		l = append(l, ok("ledger", "%s: none yet; the first run makes it", s.ledger.Name()))
	case h.Installation != "" && h.Installation != id && !slices.Contains(s.w.catalog.Organization.Previously, h.Installation):
		l = append(l, bad("ledger", "choose another with --ledger, or declare `previously: ["+h.Installation+"]`", fmt.Errorf("%s belongs to %q, and this is %q", s.ledger.Name(), h.Installation, id)))
	case len(h.Damaged) > 0:
		l = append(l, bad("ledger", "almanac ledger verify", fmt.Errorf("%s: the parts of %s cannot be read", s.ledger.Name(), plural(len(h.Damaged), "client"))))
	default:
		l = append(l, ok("ledger", "%s: %s, last success %s", s.ledger.Name(), plural(len(h.Entries), "occurrence"), when(h.Heartbeat)))
	}
	clock, err := s.forge.Clock(ctx)
	if err != nil {
		return append(l, bad("clock", "see the message", err))
	}
	world := &reconcile.World{History: h, Clock: clock}
	if b := world.ClockGate(s.c.Now()); b != nil {
		return append(l, finding{What: "clock", State: "error", Found: b.Message, Todo: "set the clock, for example with chrony or ntpd"})
	}
	return append(l, ok("clock", "today is %s in %s", s.w.today, s.w.catalog.Organization.Timezone))
}

func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

// channelFindings says of each channel whether it can work. No value is shown.
func (s *session) channelFindings() []finding {
	var l []finding
	for _, state := range s.c.router(s.w, s.forge).Channels() {
		l = append(l, channelFinding(state))
	}
	return l
}

func channelFinding(ch notify.Channel) finding {
	switch {
	case ch.Type == "comment":
		return ok("channel", "%s (comment): written on the issues", ch.ID)
	case ch.Variable == "":
		return warn("channel", "name the variable in almanac.yaml", "%s (%s) names no variable with its address", ch.ID, ch.Type)
	case !ch.Set:
		return warn("channel", "export "+ch.Variable+", or set it as a secret of the workflow", "%s (%s): %s is not set: its messages go to the log", ch.ID, ch.Type, ch.Variable)
	case ch.Err != nil:
		variables := ch.Variable
		if ch.Secret != "" {
			variables += " or " + ch.Secret
		}
		return bad("channel", "set "+variables+" anew; almanac notify test "+ch.ID+" tries it", ch.Err)
	}
	return ok("channel", "%s (%s): %s is set and leads to %s", ch.ID, ch.Type, ch.Variable, ch.Host)
}
