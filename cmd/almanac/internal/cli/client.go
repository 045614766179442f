package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
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
	return replaceFile(w.path(file), text)
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

func newClientSet(c *Command, o *options) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "set CLIENT FIELD VALUE",
		Short: "Set one field of a client",
		Long: `Set gives one field a value. A process or plan of the client is named by its template:
processes.vcio.since. Lists and blocks of several lines are for a person to edit.`,
		Example: `  almanac client set acme-dental team.vcio lee
  almanac client set acme-dental alignment-date 2026-06-01
  almanac client set acme-dental processes.onboarding-8-week.milestones.week-a 2026-07-14`,
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: c.completeClients(o),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := c.startEdit(cmd.Context(), o, args[0], dryRun)
			if err != nil {
				return err
			}
			path, err := e.resolve(args[1])
			if err != nil {
				return err
			}
			to, err := e.file.Set(e.doc, path, typed(path, args[2]))
			if err != nil {
				return refused(err)
			}
			return e.finish(cmd.Context(), to)
		},
	}
	addDryRun(cmd, &dryRun)
	return cmd
}

// refused gives an edit that a person has to make its exit code.
func refused(err error) error { return &exitError{code: ExitFailed, err: err} }

// typed returns a value as the schema means it: the few fields that are not text are
// numbers and yes-or-no.
func typed(path, value string) any {
	last := path[strings.LastIndexByte(path, '.')+1:]
	if n, err := strconv.Atoi(value); err == nil && slices.Contains([]string{"cycle", "times", "week", "max"}, last) {
		return n
	}
	if slices.Contains([]string{"remove", "cancel", "touchpoint", "internal"}, last) && (value == "true" || value == "false") {
		return value == "true"
	}
	return value
}

var fieldForm = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$`)

// resolve turns processes.<template> into the place of that entry in the list.
func (e *editing) resolve(field string) (string, error) {
	if !fieldForm.MatchString(field) {
		return "", usage("almanac client set acme-dental team.vcio lee", "%q is not the name of a field", field)
	}
	if field == "id" || field == "kind" {
		return "", usage("add the old id under previously, and edit the file", "%s cannot be set: everything refers to it", field)
	}
	rest, ok := strings.CutPrefix(field, "processes.")
	if !ok {
		return field, nil
	}
	template, inside, ok := strings.Cut(rest, ".")
	if !ok {
		return "", usage("almanac client set "+e.client.ID+" processes."+rest+".since 2026-01-01", "say which field of %s", field)
	}
	at, err := e.assignment(template)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("processes.%d.%s", at, inside), nil
}

// assignment returns the place of the one entry for a template.
func (e *editing) assignment(template string) (int, error) {
	var found []int
	var ids []string
	for i := range e.client.Processes {
		ids = append(ids, e.client.Processes[i].Template)
		if e.client.Processes[i].Template == template {
			found = append(found, i)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return 0, hinted(fmt.Errorf("%s is in %s more than once", e.client.ID, template), "edit "+e.client.Source.File)
	}
	return 0, usage("almanac list clients", "%s is not in %q, but in: %s", e.client.ID, template, strings.Join(ids, ", "))
}

func newClientDeactivate(c *Command, o *options) *cobra.Command {
	var reason, from string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "deactivate CLIENT --reason TEXT",
		Short: "Stop everything for a client; its open issues are closed at the next run",
		Example: `  almanac client deactivate acme-dental --reason "contract ended"
  almanac client deactivate acme-dental --from 2026-07-01 --reason "contract ends in June"`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: c.completeClients(o),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := c.startEdit(cmd.Context(), o, args[0], dryRun)
			if err != nil {
				return err
			}
			day, err := dayFlag("from", from, e.w.today)
			if err != nil {
				return err
			}
			if strings.TrimSpace(reason) == "" {
				return usage("almanac client deactivate "+args[0]+` --reason "contract ended"`, "say why, with --reason")
			}
			for _, i := range e.client.Inactive {
				if i.To == 0 || i.To >= day {
					return hinted(fmt.Errorf("%s is inactive from %s already", args[0], i.From), "edit "+e.client.Source.File)
				}
			}
			to, err := e.file.Append(e.doc, "inactive", edit.Map{{Key: "from", Value: day}, {Key: "reason", Value: reason}})
			if err != nil {
				return refused(err)
			}
			return e.finish(cmd.Context(), to)
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why the client is inactive")
	cmd.Flags().StringVar(&from, "from", "", "first day, instead of today")
	addDryRun(cmd, &dryRun)
	return cmd
}

// dayFlag reads a date given as a flag.
func dayFlag(flag, value string, otherwise civil.Date) (civil.Date, error) {
	if value == "" {
		return otherwise, nil
	}
	d, err := civil.Parse(value)
	if err != nil {
		return 0, usage("--"+flag+" 2026-05-01", "--%s: %v", flag, err)
	}
	return d, nil
}

func newClientReactivate(c *Command, o *options) *cobra.Command {
	var on, approvedBy string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "reactivate CLIENT",
		Short: "Go on with a client that is inactive",
		Long: `Reactivate ends the pause on the day before the client is back. A return within the
reactivation lock (policies.reactivation-lock, 12 months from the first day of the pause
when left out) needs the person who agreed to it.`,
		Example: `  almanac client reactivate ember-bakery
  almanac client reactivate ember-bakery --on 2026-09-01 --approved-by lee`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: c.completeClients(o),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := c.startEdit(cmd.Context(), o, args[0], dryRun)
			if err != nil {
				return err
			}
			day, err := dayFlag("on", on, e.w.today)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(e.client.Inactive, func(i schema.Inactive) bool { return i.To == 0 || i.To >= day })
			if at < 0 {
				return hinted(fmt.Errorf("%s is not inactive on %s", args[0], day), "almanac list clients --all")
			}
			if day <= e.client.Inactive[at].From {
				return usage("almanac client reactivate "+args[0]+" --on DATE", "%s is inactive only from %s", args[0], e.client.Inactive[at].From)
			}
			entry := fmt.Sprintf("inactive.%d.", at)
			to, err := e.file.Set(e.doc, entry+"to", day.AddDays(-1))
			if err == nil && approvedBy != "" {
				to, err = to.Set(e.doc, entry+"approved-by", approvedBy)
			}
			if err != nil {
				return refused(err)
			}
			return e.finish(cmd.Context(), to)
		},
	}
	cmd.Flags().StringVar(&on, "on", "", "first day back, instead of today")
	cmd.Flags().StringVar(&approvedBy, "approved-by", "", "person who agreed to the return")
	addDryRun(cmd, &dryRun)
	return cmd
}

func newClientReset(c *Command, o *options) *cobra.Command {
	var template string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "reset CLIENT",
		Short: "Go back to the templates: drop overrides and extra steps",
		Long: `Reset takes the client's overrides and extra steps away, so that the templates hold again.
Exceptions stay: they belong to single dates, and what was cancelled stays cancelled. What
was done stays done.`,
		Example:           "  almanac client reset delmar-freight\n  almanac client reset delmar-freight --template vcio --dry-run",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: c.completeClients(o),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := c.startEdit(cmd.Context(), o, args[0], dryRun)
			if err != nil {
				return err
			}
			to, err := e.reset(template)
			if err != nil {
				return err
			}
			return e.finish(cmd.Context(), to)
		},
	}
	cmd.Flags().StringVar(&template, "template", "", "only in this process or plan")
	addDryRun(cmd, &dryRun)
	return cmd
}

// reset drops the departures and says on standard error what they were.
func (e *editing) reset(template string) (*edit.File, error) {
	if template != "" {
		if _, err := e.assignment(template); err != nil {
			return nil, err
		}
	}
	to := e.file
	for i := range e.client.Processes {
		a := &e.client.Processes[i]
		if template != "" && a.Template != template {
			continue
		}
		for _, step := range sortedKeys(a.Overrides) {
			e.c.talk("drops the override of %s in %s", step, a.Template)
		}
		for _, s := range a.ExtraSteps {
			e.c.talk("drops the extra step %s in %s", s.ID, a.Template)
		}
		for _, key := range []string{"overrides", "extra-steps"} {
			next, err := to.Remove(e.doc, fmt.Sprintf("processes.%d.%s", i, key))
			if err != nil {
				return nil, refused(err)
			}
			to = next
		}
	}
	return to, nil
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
