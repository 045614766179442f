package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/spf13/cobra"
)

func newWatch(c *Command, o *options) *cobra.Command {
	e := &engineOptions{options: o}
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Say on every save what is wrong and how the plan changes",
		Long: `Watch reads the files each time one is saved, and says which faults came and went and how
the plan differs from the one before: what would now be opened, closed, updated or moved,
and what changes about steps whose time has not come.

It never writes anything: not to the issues, not to the ledger and not to the files. Only
almanac reconcile does. Ctrl-C ends it.`,
		Example: `  almanac watch
  almanac watch --client acme-dental
  almanac watch --as-of 2026-05-01`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.watch(cmd.Context(), e) },
	}
	addEngineFlags(cmd, e)
	return cmd
}

// retryAfter is how long to wait before a root that cannot be read is looked for again.
// Nothing tells when it is back: a checkout may take it away and bring it anew.
const retryAfter = time.Second

// watch reads the repository and then again after every change, until ctx ends.
func (c *Command) watch(ctx context.Context, e *engineOptions) error {
	match, err := e.filter()
	if err != nil {
		return err
	}
	root, err := c.repository(e.options)
	if err != nil {
		return err
	}
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return watchFault(fmt.Errorf("watch the files: %w", err))
	}
	defer notify.Close()
	w := &watching{c: c, options: e, match: match, files: newWatchedFiles(root, notify)}
	if err := w.turn(ctx); err != nil {
		return unlessEnded(ctx, err)
	}
	c.talk("watching %s in %s; Ctrl-C ends it", plural(w.folders, "folder"), root)
	s := newSettler(root, notify.Events, notify.Errors)
	go s.run(ctx)
	return unlessEnded(ctx, w.loop(ctx, s.settled))
}

// unlessEnded passes over the error of what was cut off by the end of ctx.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// watchFault adds what to do about folders that cannot be watched.
func watchFault(err error) error {
	if hint := watchHint(err); hint != "" {
		return hinted(err, hint)
	}
	return err
}

// loop takes a turn for every signal. What cannot be read now may be there in a moment, so
// only an answer that cannot be given ends it.
func (w *watching) loop(ctx context.Context, settled <-chan error) error {
	told := ""
	for {
		var again <-chan time.Time
		if w.blind {
			again = time.After(retryAfter)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again:
		case fault, ok := <-settled:
			if !ok {
				return errors.New("the system tells of changes no more: start almanac watch again")
			}
			if fault != nil {
				w.c.talk("warning: watch the files: %v", fault)
			}
		}
		err := w.turn(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
			told = ""
		case errors.As(err, new(*answerError)):
			return err
		case err.Error() != told:
			told = err.Error()
			w.c.talk("warning: %s; looking again after the next change", told)
		}
	}
}

// answerError is that of standard output.
type answerError struct{ error }

func (e *answerError) Unwrap() error { return e.error }

// turn reads everything once and tells what is new.
func (w *watching) turn(ctx context.Context) error {
	r, err := w.look(ctx)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(w.c.Stdout, r.text()); err != nil {
		return &answerError{fmt.Errorf("write the answer: %w", err)}
	}
	return nil
}

// read reads the files. Folders are watched from before they are read, so a change that
// comes too late for this reading gives the next one.
func (w *watching) read(ctx context.Context) (*workspace, error) {
	w.files.begin()
	read, err := w.c.read(ctx, w.options.options, reading{}, w.files.root, w.files)
	n, fault := w.files.end()
	w.folders = n
	w.blind = errors.Is(err, fs.ErrNotExist)
	if err == nil && fault != nil && !w.warned {
		w.warned = true
		w.c.talk("warning: %v; changes in it are not seen", fault)
		if hint := watchHint(fault); hint != "" {
			w.c.talk("hint: %s", hint)
		}
	}
	return read, err
}
