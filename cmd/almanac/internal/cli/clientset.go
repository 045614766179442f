package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/schema/edit"
)

func newClientSet(c *Command, o *options) *cobra.Command {
	return c.editCommand(o, &cobra.Command{
		Use:   "set CLIENT FIELD VALUE",
		Short: "Set one field of a client",
		Long: `Set gives one field a value. A process, plan or playbook is named by its template:
processes.vcio.since; where it has several runs, with the run: processes.extra-care/2.ended. Of
those the one that has not ended is meant without. Lists and blocks of several lines are for
a person to edit.`,
		Example: `  almanac client set acme-dental team.vcio lee
  almanac client set acme-dental alignment-date 2026-06-01
  almanac client set acme-dental processes.onboarding-8-week.milestones.week-a 2026-07-14`,
	}, 3, func(e *editing, args []string) (*edit.File, error) {
		path, err := e.resolve(args[1])
		if err != nil {
			return nil, err
		}
		return e.file.Set(e.doc, path, typed(path, args[2]))
	})
}

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

var fieldForm = regexp.MustCompile(`^(processes\.[a-z0-9-]+/[a-z0-9-]+|[A-Za-z0-9-]+)(\.[A-Za-z0-9-]+)*$`)

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

// assignment returns the place of the entry for a template, or for a template, a slash and a
// run. Of several runs the one is meant that has not ended.
func (e *editing) assignment(name string) (int, error) {
	template, run, named := strings.Cut(name, "/")
	var found, current []int
	var ids, runs []string
	for i := range e.client.Processes {
		a := &e.client.Processes[i]
		ids = append(ids, a.Template)
		if a.Template != template || named && a.RunID() != run {
			continue
		}
		found, runs = append(found, i), append(runs, template+"/"+a.RunID())
		if a.Ended == 0 {
			current = append(current, i)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(current) == 1:
		return current[0], nil
	case len(found) > 1:
		return 0, hinted(fmt.Errorf("%s is in %s more than once: say which run", e.client.ID, template), "choose from "+strings.Join(runs, ", "))
	}
	template = name
	return 0, usage("almanac list clients", "%s is not in %q, but in: %s", e.client.ID, template, strings.Join(ids, ", "))
}
