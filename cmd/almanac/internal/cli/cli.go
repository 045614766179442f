// Package cli is the command line: one file a command. It alone reads the clock, the
// environment, flags and the terminal; everything below it is handed what it needs.
//
// Standard output is the answer, standard error is talk. Errors are one line that begins
// with `almanac: error:`, followed by what to do in lines that begin with `almanac: hint:`.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit codes. They are a contract: a code is added, never given another meaning.
const (
	// ExitOK: done, or nothing to do.
	ExitOK = 0
	// ExitFailed: the tool, the disk, Git or the forge failed.
	ExitFailed = 1
	// ExitPending: changes are pending; only with --detailed-exitcode.
	ExitPending = 2
	// ExitInvalid: files are invalid.
	ExitInvalid = 3
	// ExitBlocked: a safety gate stopped the run.
	ExitBlocked = 4
	// ExitPartial: done in part; the rest is for the next run.
	ExitPartial = 5
	// ExitUsage: the command line is wrong.
	ExitUsage = 64
)

// Command is the program with everything it touches.
type Command struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Getenv reads the environment.
	Getenv func(string) string
	// Now reads the clock.
	Now func() time.Time
	// Sleep waits between two writes to a forge; nil waits on the clock.
	Sleep func(context.Context, time.Duration) error
	// Dir is the folder that the command was started in.
	Dir string
	// Terminal reports whether standard output is a terminal.
	Terminal bool
}

// System returns the command of this process.
func System() *Command {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	return &Command{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Now: time.Now, Dir: dir,
		Terminal: term.IsTerminal(int(os.Stdout.Fd())),
	}
}

// exitError carries an exit code up to Main. A nil err has been told already.
type exitError struct {
	code  int
	err   error
	hints []string
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exit returns an error that only sets the exit code.
func exit(code int) error { return &exitError{code: code} }

// usage returns an error for a wrong command line, with a hint that can be pasted.
func usage(hint, format string, args ...any) error {
	return &exitError{code: ExitUsage, err: fmt.Errorf(format, args...), hints: []string{hint}}
}

// hinted adds what to do to an error.
func hinted(err error, hints ...string) error {
	return &exitError{code: ExitFailed, err: err, hints: hints}
}

// Main runs one command line and returns its exit code. It never panics on bad input and
// never exits the process.
func (c *Command) Main(ctx context.Context, args []string) int {
	root := c.root()
	root.SetArgs(args)
	return c.report(root.ExecuteContext(ctx))
}

// report tells an error on standard error and returns the exit code it stands for.
func (c *Command) report(err error) int {
	if err == nil {
		return ExitOK
	}
	var e *exitError
	if !errors.As(err, &e) {
		e = &exitError{code: ExitFailed, err: err}
	}
	if errors.Is(e.err, context.Canceled) && e.code == ExitFailed {
		e = &exitError{code: ExitFailed, err: errors.New("stopped before it was done"), hints: []string{"run the same command again"}}
		err = e
	}
	if e.err != nil {
		fmt.Fprintf(c.Stderr, "almanac: error: %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	for _, h := range e.hints {
		fmt.Fprintf(c.Stderr, "almanac: hint: %s\n", h)
	}
	return e.code
}

// talk writes one line of talk.
func (c *Command) talk(format string, args ...any) {
	fmt.Fprintf(c.Stderr, "almanac: "+format+"\n", args...)
}

// options are the flags that every command has.
type options struct {
	dir     string
	asOf    string
	noColor bool
}

// root builds the command tree.
func (c *Command) root() *cobra.Command {
	o := &options{}
	root := &cobra.Command{
		Use:   "almanac",
		Short: "Client work as code for managed service providers",
		Long: `Almanac keeps client work as code: clients, process templates and onboarding plans
are YAML or CUE files in a Git repository, and issues open, change and close as they
fall due.

Start with:
  almanac init my-clients       write a complete starter repository
  almanac validate              say exactly what is wrong with the files
  almanac plan                  say what would be opened, changed and closed
  almanac reconcile             do it`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(c.Stdin)
	root.SetOut(c.Stdout)
	root.SetErr(c.Stderr)
	root.CompletionOptions.DisableDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVarP(&o.dir, "dir", "C", "", "folder to work in, instead of the current one")
	flags.StringVar(&o.asOf, "as-of", "", "the day to reckon from: a date, or an instant as RFC 3339 (default now)")
	flags.BoolVar(&o.noColor, "no-color", false, "no colour, also with NO_COLOR set")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(cmd.CommandPath()+" --help", "%w", err)
	})
	for _, build := range commands() {
		root.AddCommand(build(c, o))
	}
	wrapArgs(root)
	return root
}

// commands lists every command.
func commands() []func(*Command, *options) *cobra.Command {
	return []func(*Command, *options) *cobra.Command{
		newInit,
		newValidate,
		newFmt,
		newExplain,
		newSchema,
		newPlan,
		newReconcile,
		newWatch,
		newList,
		newStatus,
		newWhy,
		newReport,
		newCalendar,
		newClient,
		newLedger,
		newDoctor,
		newVersion,
		newCompletion,
		newComment,
		newNotify,
	}
}

// wrapArgs turns every complaint about arguments into a usage error.
func wrapArgs(cmd *cobra.Command) {
	cmd.SuggestionsMinimumDistance = 2 // letters that may be wrong
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if e := (*exitError)(nil); err == nil || errors.As(err, &e) {
				return err
			}
			if near := cmd.SuggestionsFor(firstOf(args)); len(near) > 0 {
				return usage(cmd.CommandPath()+" "+near[0], "%w", err)
			}
			if cmd.HasParent() {
				line := strings.TrimSuffix(cmd.UseLine(), " [flags]")
				return usage(cmd.CommandPath()+" --help", "%s: expected %s", found(args), line)
			}
			return usage(cmd.CommandPath()+" --help", "%w", err)
		}
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}

// found says which arguments there were.
func found(args []string) string {
	if len(args) == 0 {
		return "nothing follows the command"
	}
	return "found " + strconv.Quote(strings.Join(args, " "))
}

func firstOf(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// group makes a command that only holds others.
func group(use, short string, subs ...*cobra.Command) *cobra.Command {
	names := make([]string, 0, len(subs))
	for _, s := range subs {
		names = append(names, s.Name())
	}
	cmd := &cobra.Command{Use: use, Short: short}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		next := append(cmd.SuggestionsFor(args[0]), names[0])[0]
		return usage(cmd.CommandPath()+" "+next, "unknown command %q for %q: expected %s", args[0], cmd.CommandPath(), oneOf(names))
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return usage(cmd.CommandPath()+" "+names[0], "say which of %s", strings.Join(names, ", "))
	}
	cmd.AddCommand(subs...)
	return cmd
}

// oneOf lists what may be written.
func oneOf(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return "one of " + strings.Join(names, ", ")
}

// addOutput adds -o with the formats that a command knows; the first is the default.
func addOutput(cmd *cobra.Command, format *string, formats ...string) {
	cmd.Flags().StringVarP(format, "output", "o", formats[0], "form of the answer: "+strings.Join(formats, ", "))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !slices.Contains(formats, *format) {
			return usage(cmd.CommandPath()+" -o "+formats[0], "unknown form %q: expected one of %s", *format, strings.Join(formats, ", "))
		}
		return run(cmd, args)
	}
}

// color reports whether standard output takes colour.
func (c *Command) color(o *options) bool {
	return c.Terminal && !o.noColor && c.Getenv("NO_COLOR") == "" && c.Getenv("TERM") != "dumb"
}
