package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/edit"
)

func newClient(c *Command, o *options) *cobra.Command {
	cmd := group("client", "Change a client's file: add, set, deactivate, reactivate, reset",
		newClientAdd(c, o),
		newClientSet(c, o),
		newClientDeactivate(c, o),
		newClientReactivate(c, o),
		newClientReset(c, o),
	)
	cmd.Long = `These commands change one value in a client's file and leave everything else as it is:
comments, order, blank lines. They print the difference, check the result before they
write it, and refuse where a person has to decide.`
	return cmd
}

// editing is one change to a client's file under way.
type editing struct {
	c      *Command
	o      *options
	w      *workspace
	client *schema.Client
	file   *edit.File
	doc    int
	dryRun bool
}

// addDryRun adds the flag that every command which writes files has.
func addDryRun(cmd *cobra.Command, dryRun *bool) {
	cmd.Flags().BoolVar(dryRun, "dry-run", false, "print the difference and write nothing")
}

// startEdit opens the repository and the file that a client stands in.
func (c *Command) startEdit(ctx context.Context, o *options, id string, dryRun bool) (*editing, error) {
	w, err := c.open(ctx, o, reading{})
	if err != nil {
		return nil, err
	}
	cl, err := w.client(id)
	if err != nil {
		return nil, err
	}
	file := cl.Source.File
	if !strings.HasSuffix(file, ".yaml") && !strings.HasSuffix(file, ".yml") {
		return nil, hinted(fmt.Errorf("%s is computed by %s:%d, which only a person can change", id, file, cl.Source.Pos.Line), "edit "+file)
	}
	src, err := os.ReadFile(w.path(file))
	if err != nil {
		return nil, err
	}
	f, err := edit.Parse(file, src)
	if err != nil {
		return nil, err
	}
	doc := f.Document(string(schema.KindClient), cl.ID)
	if doc < 0 {
		return nil, fmt.Errorf("%s: the document of %s changed while it was read: try again", file, id)
	}
	return &editing{c: c, o: o, w: w, client: cl, file: f, doc: doc, dryRun: dryRun}, nil
}

// path returns where a file of the repository is on disk.
func (w *workspace) path(file string) string {
	return filepath.Join(w.root, filepath.FromSlash(file))
}

// client finds a client, or says which one may have been meant.
func (w *workspace) client(id string) (*schema.Client, error) {
	if cl := w.catalog.Client(id); cl != nil {
		return cl, nil
	}
	for _, b := range w.catalog.Broken {
		if b.Kind == schema.KindClient && b.ID == id {
			return nil, &exitError{code: ExitInvalid, err: fmt.Errorf("the file of client %s is invalid", id), hints: []string{"almanac validate " + b.Source.File}}
		}
	}
	var ids []string
	for _, cl := range w.catalog.Clients {
		ids = append(ids, cl.ID)
	}
	hint := "almanac list clients --all"
	if near, ok := diag.Suggest(id, ids); ok {
		hint = "did you mean " + near + "?"
	}
	return nil, usage(hint, "there is no client %q", id)
}

// finish checks the changed file, prints the difference and writes it.
func (e *editing) finish(ctx context.Context, to *edit.File) error {
	file := e.client.Source.File
	return e.c.writeChecked(ctx, e.o, e.w, file, e.file.Bytes(), to.Bytes(), e.dryRun)
}

// writeChecked writes a changed or new file of the repository, unless that would add a
// fault to it. The difference goes to standard output.
func (c *Command) writeChecked(ctx context.Context, o *options, w *workspace, file string, old, text []byte, dryRun bool) error {
	if string(old) == string(text) {
		c.talk("%s is so already; nothing was written", file)
		return nil
	}
	after, err := c.read(ctx, o, reading{noCache: true, only: []string{file}}, w.root, overlay(w.files, file, text))
	if err != nil {
		return err
	}
	if added := newErrors(w.faults, after.faults, file); len(added) > 0 {
		if err := diag.WriteText(c.Stderr, added, diag.TextOptions{Source: after.source()}); err != nil {
			return err
		}
		return &exitError{code: ExitInvalid, err: fmt.Errorf("%s would become invalid; nothing was written", file)}
	}
	from := "a/" + file
	if old == nil {
		from = "/dev/null"
	}
	if _, err := c.Stdout.Write(diff.Diff(from, old, "b/"+file, text)); err != nil {
		return err
	}
	if dryRun {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(w.path(file)), 0o755); err != nil {
		return err
	}
	return replaceFile(target(w.path(file)), text)
}

// target is where a link to a file leads, so that the file is changed and the link stays. The
// loader has read it, and follows no link out of the repository.
func target(file string) string {
	if to, err := filepath.EvalSymlinks(file); err == nil {
		return to
	}
	return file
}

// newErrors returns the errors of a file that were not there before.
func newErrors(before, after diag.List, file string) diag.List {
	had := map[string]int{}
	for _, d := range before {
		had[d.File+"\x00"+d.Rule+"\x00"+d.Message]++
	}
	var l diag.List
	for _, d := range after {
		key := d.File + "\x00" + d.Rule + "\x00" + d.Message
		if d.File != file || d.Severity != diag.Error {
			continue
		}
		if had[key]--; had[key] < 0 {
			l = append(l, d)
		}
	}
	return l
}

// editCommand completes a command that changes the file of one client: change returns the
// file as it is to be, which is then checked, shown and written.
func (c *Command) editCommand(o *options, cmd *cobra.Command, args int, change func(e *editing, args []string) (*edit.File, error)) *cobra.Command {
	dryRun := false
	cmd.Args = cobra.ExactArgs(args)
	cmd.ValidArgsFunction = c.completeClients(o)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		e, err := c.startEdit(cmd.Context(), o, args[0], dryRun)
		if err != nil {
			return err
		}
		to, err := change(e, args)
		if err != nil {
			return err
		}
		return e.finish(cmd.Context(), to)
	}
	addDryRun(cmd, &dryRun)
	return cmd
}

// completeClients completes the id of a client.
func (c *Command) completeClients(o *options) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		w, err := c.open(cmd.Context(), o, reading{})
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var ids []string
		for _, cl := range w.catalog.Clients {
			ids = append(ids, cobra.CompletionWithDesc(cl.ID, cl.Name))
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}
