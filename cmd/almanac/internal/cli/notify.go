package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/notify"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema"
)

func newNotify(c *Command, o *options) *cobra.Command {
	return group("notify", "Try a channel, and see what would be sent to whom", newNotifyTest(c, o), newNotifyPreview(c, o))
}

func newNotifyTest(c *Command, o *options) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "test CHANNEL",
		Short: "Send one message by a channel, to see whether it arrives",
		Long: `Test sends one message by a channel of almanac.yaml. The address comes from the environment
variable that the channel names; it is never shown. Mail goes to the person that --to names,
and like all mail to nobody outside email-domains.`,
		Example: "  almanac notify test ops\n  almanac notify test staff-mail --to dana",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.notifyTest(cmd.Context(), o, args[0], to) },
	}
	cmd.Flags().StringVar(&to, "to", "", "id of the person that mail goes to")
	return cmd
}

func (c *Command) notifyTest(ctx context.Context, o *options, id, to string) error {
	w, err := c.open(ctx, o, reading{})
	if err != nil {
		return err
	}
	if err := c.usable(w, o); err != nil {
		return err
	}
	ch := w.catalog.Channel(id)
	if ch == nil {
		return usage("almanac notify test "+cmp.Or(strings.Join(channelIDs(w.catalog), " | "), "CHANNEL"), "there is no channel %q in almanac.yaml", id)
	}
	m := reconcile.Message{ID: "test/" + c.Now().UTC().Format("20060102T150405Z"), Channel: id, On: w.today,
		Title: "Test of the channel " + id, Text: "This is a test by " + w.catalog.Organization.Name + ". That you read it means that the channel works; there is nothing to do."}
	switch {
	case ch.Type == "email" && to == "":
		return usage("almanac notify test "+id+" --to PERSON", "say who gets the mail")
	case to != "" && w.catalog.Person(to) == nil:
		return usage("almanac list people", "there is no person %q", to)
	case to != "":
		m.To = []string{w.catalog.Person(to).ID}
	}
	if ch.Type == "comment" {
		return hinted(fmt.Errorf("the channel %s writes on issues, and a test is about none", id), "almanac notify preview shows what it would write")
	}
	r := c.router(w, nil)
	for _, state := range r.Channels() {
		if f := channelFinding(state); state.ID == id && f.State != "ok" {
			return hinted(fmt.Errorf("%s", f.Found), f.Todo)
		}
	}
	if err := r.Send(ctx, m); err != nil {
		return hinted(err, "almanac doctor shows which variables the channels need")
	}
	fmt.Fprintf(c.Stdout, "sent by %s (%s): look whether it arrived\n", id, ch.Type)
	return nil
}

func channelIDs(cat *schema.Catalog) []string {
	var l []string
	for _, ch := range cat.Organization.Channels {
		l = append(l, ch.ID)
	}
	return l
}

// router returns what delivers the messages of a run. Without a forge nothing can be written
// on issues.
func (c *Command) router(w *workspace, forge reconcile.Forge) *notify.Router {
	var comment func(context.Context, int, string) error
	if forge != nil {
		comment = forge.Comment
	}
	return notify.New(notify.Options{Catalog: w.catalog, Getenv: c.Getenv, Now: c.Now, Sleep: c.Sleep, Log: c.Stderr, Comment: comment,
		Warn: func(channel, variable string) {
			if variable == "" {
				c.talk("warning: the channel %s names no variable with its address: its messages stand here", channel)
				return
			}
			c.talk("warning: %s is not set: messages of the channel %s stand here", variable, channel)
		}})
}

// tellBlocked tells whoever answers for the templates that a run is blocked. That it could
// not be told is only said: the exit code is about the block.
func (s *session) tellBlocked(ctx context.Context, p *plan.Plan, world *reconcile.World) {
	var to []string
	for _, t := range templates(s.w.catalog) {
		to = append(to, t.Describe().Owner)
	}
	slices.Sort(to)
	to = slices.DeleteFunc(slices.Compact(to), func(id string) bool { return s.w.catalog.Person(id) == nil })
	via := s.w.catalog.Organization.Defaults.Via
	if len(via) == 0 {
		via = []string{""}
	}
	if err := s.run(s.c.router(s.w, s.forge)).TellBlocked(ctx, p, world, via, to); err != nil {
		s.c.talk("warning: %v", err)
	}
}

func newNotifyPreview(c *Command, o *options) *cobra.Command {
	e := &engineOptions{options: o}
	var output string
	cmd := &cobra.Command{
		Use:   "preview",
		Short: "Say what a run would send to whom, and send nothing",
		Long: `Preview makes the plan of a run and shows its messages as they would be sent. Nothing is
sent and nothing written. Issues that the run would open have no address yet.`,
		Example: "  almanac notify preview\n  almanac notify preview --as-of 2026-05-04 --client acme-dental",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.notifyPreview(cmd.Context(), e, output) },
	}
	addOutput(cmd, &output, "text", "json")
	addEngineFlags(cmd, e)
	return cmd
}

// messageRow is a message as JSON. Fields are added to it, never renamed.
type messageRow struct {
	Channel string   `json:"channel"`
	To      []string `json:"to"`
	Title   string   `json:"title"`
	Text    string   `json:"text"`
	URL     string   `json:"url"`
	// Outside says that it goes to a contact of a client.
	Outside bool `json:"outside,omitempty"`
	// Notices are the notices in it.
	Notices []messageNotice `json:"notices"`
	// Invite is what calendars are told, for an invitation only.
	Invite *messageInvite `json:"invite,omitempty"`
}

type messageInvite struct {
	Method    string   `json:"method"`
	UID       string   `json:"uid"`
	Sequence  int      `json:"sequence"`
	Start     string   `json:"start"`
	End       string   `json:"end"`
	Attendees []string `json:"attendees"`
	Optional  []string `json:"optional"`
}

func inviteRow(i *meeting.Invitation) *messageInvite {
	if i == nil {
		return nil
	}
	r := &messageInvite{Method: i.Method(), UID: i.UID, Sequence: i.Sequence, Start: i.Start, End: i.End, Attendees: []string{}, Optional: []string{}}
	for _, a := range i.Attendees {
		if a.Optional {
			r.Optional = append(r.Optional, a.Person)
		} else {
			r.Attendees = append(r.Attendees, a.Person)
		}
	}
	return r
}

type messageNotice struct {
	Key  string   `json:"key"`
	Kind string   `json:"kind"`
	To   []string `json:"to"`
}

type messageList struct {
	FormatVersion int          `json:"format_version"`
	AsOf          string       `json:"as_of"`
	Messages      []messageRow `json:"messages"`
}

func (c *Command) notifyPreview(ctx context.Context, e *engineOptions, output string) error {
	s, err := c.session(ctx, e)
	if err != nil {
		return err
	}
	p, _, err := s.plan(ctx, "", s.overhear)
	if err != nil {
		return err
	}
	s.frozenTalk()
	if p.Blocked != nil {
		return &exitError{code: ExitBlocked, err: fmt.Errorf("the run would be blocked and send nothing of this: %s", p.Blocked.Message), hints: []string{"almanac plan shows the whole plan"}}
	}
	messages := reconcile.Messages(p)
	if output == "json" {
		return writeJSON(c.Stdout, rows(messages, s.w.today.String()))
	}
	w := &printer{w: c.Stdout}
	for i := range messages {
		w.message(&messages[i], s.w.catalog)
	}
	w.line("%s on %s%s; nothing was sent", plural(len(messages), "message"), s.w.today, clients(messages))
	w.refused(p)
	return w.err
}

func rows(messages []reconcile.Message, asOf string) messageList {
	l := messageList{FormatVersion: 1, AsOf: asOf, Messages: []messageRow{}}
	for _, m := range messages {
		row := messageRow{Channel: m.Channel, To: m.To, Title: m.Title, Text: m.Text, URL: m.URL, Outside: m.Outside(), Invite: inviteRow(m.Invite)}
		for _, i := range m.Items {
			row.Notices = append(row.Notices, messageNotice{Key: i.Key, Kind: string(i.Kind), To: i.To})
		}
		l.Messages = append(l.Messages, row)
	}
	return l
}

// clients counts the messages that leave the organization.
func clients(messages []reconcile.Message) string {
	n := 0
	for i := range messages {
		if messages[i].Outside() {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d of them TO CLIENTS", n)
}

// outsider says who a contact of a client is, with the address that the mail goes to.
func outsider(cat *schema.Catalog, to string) string {
	client, id, _ := strings.Cut(strings.TrimPrefix(to, "client:"), "/")
	if c := cat.Client(client); c != nil && c.Contact(id) != nil {
		return fmt.Sprintf("%s <%s>, %s of %s", c.Contact(id).Name, c.Contact(id).Email, id, c.Name)
	}
	return to
}

// refused prints who is not written to, and why.
func (p *printer) refused(pl *plan.Plan) {
	for _, r := range pl.Refused {
		p.line("not written to about %s: %s %s", r.Key, r.Person, r.Reason)
	}
}

// message prints a message as it would be sent.
func (p *printer) message(m *reconcile.Message, cat *schema.Catalog) {
	if m.Outside() {
		p.line("TO THE CLIENT by %s: %s", m.Channel, outsider(cat, m.To[0]))
	} else {
		p.line("by %s to %s", cmp.Or(m.Channel, "the log"), strings.Join(m.To, ", "))
	}
	p.line("  %s", m.Title)
	for _, l := range strings.Split(m.Text, "\n") {
		p.line("%s", strings.TrimRight("    "+l, " "))
	}
	if !m.Digest() && m.URL != "" {
		p.line("    %s", m.URL)
	}
	if i := m.Invite; i != nil {
		p.line("    calendar: %s, sequence %d, from %s to %s", i.Method(), i.Sequence, i.Start, i.End)
	}
	p.line("")
}
