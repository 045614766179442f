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
		Long: `Set gives one field a value. A process or plan of the client is named by its template:
processes.vcio.since. Lists and blocks of several lines are for a person to edit.`,
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
