package notify

import (
	"regexp"
	"slices"
	"strings"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/notify/mail"
	"github.com/almanac-gitops/almanac/reconcile/notify/post"
	"github.com/almanac-gitops/almanac/schema"
)

// contact returns the contact of a client whom a message is for, or why it must not go out.
// It asks the files once more, and of the message believes only which step it is about: a
// plan that was made of other files, or wrongly, ends here.
func (r *Router) contact(m *reconcile.Message) (p mail.Person, why string) {
	if !r.o.Catalog.Organization.WritesToClients() {
		return p, "is a contact of a client, and the policy client-email is not allowed"
	}
	if len(m.To) != 1 || len(m.Items) != 1 || m.Items[0].Kind != due.HeadsUp {
		return p, "is a contact of a client, and gets nothing but heads-ups of its own"
	}
	key, err := issue.ParseKey(m.Items[0].Key)
	if err != nil {
		return p, "is written to about no step"
	}
	client, template := r.o.Catalog.Client(key.Client), r.o.Catalog.Template(key.Template)
	if client == nil || template == nil {
		return p, "is written to about a step that the files do not have"
	}
	id, own := strings.CutPrefix(m.To[0], "client:"+client.ID+"/")
	k := client.Contact(id)
	switch {
	case !own:
		return p, "is not a contact of " + client.ID + ", whose step it is about"
	case k == nil:
		return p, "is not among the contacts of " + client.ID
	case !names(client, template, key, "client:"+id):
		return p, "is not named by a notice of a step with party: client"
	}
	return mail.Person{Name: k.Name, Address: k.Email}, ""
}

// names reports whether a step is for the client to do and one of its notices, as the client
// has them in that run, names a recipient.
func names(c *schema.Client, t schema.Template, key issue.Key, to string) bool {
	filed := false
	for i := range c.Processes {
		a := &c.Processes[i]
		if a.Template != t.Head().ID && !slices.Contains(t.Head().Previously, a.Template) || schema.RunsOnce(t) && a.RunID() != key.Cycle {
			continue
		}
		if filed = true; tells(stepOf(t, a, key.Step), to) {
			return true
		}
	}
	book, ok := t.(*schema.Playbook)
	return !filed && ok && book.OpensFrom != nil && issueRun.MatchString(key.Cycle) && tells(stepOf(t, &schema.Assignment{}, key.Step), to)
}

// issueRun is the name of a run that an issue has started: no file tells of it, so its steps
// are those of the playbook.
var issueRun = regexp.MustCompile(`^t[1-9][0-9]*$`)

// stepOf returns a step as a run has it, or nil.
func stepOf(t schema.Template, a *schema.Assignment, id string) (found *schema.Step) {
	there := false
	t.Walk(func(_ *schema.PlanWeek, s *schema.Step) bool {
		if there = s.ID == id; there {
			if o, _ := a.Override(s); o == nil || !o.Remove {
				found = o.Apply(s)
			}
		}
		return !there
	})
	if i := slices.IndexFunc(a.ExtraSteps, func(s schema.Step) bool { return s.ID == id }); !there && i >= 0 {
		found = &a.ExtraSteps[i]
	}
	return found
}

func tells(s *schema.Step, to string) bool {
	return s != nil && s.Party == schema.PartyClient && !s.Internal &&
		slices.ContainsFunc(s.Notify, func(n schema.Notice) bool { return slices.Contains(n.To, to) })
}

// mayLeave refuses a message to a client that does not go by mail, or that mail would
// refuse. Where the channel has no address yet it waits: nobody at the client reads the log.
func (r *Router) mayLeave(m *reconcile.Message, channel *schema.Channel) error {
	if !m.Outside() {
		return nil
	}
	e := &post.Error{Channel: m.Channel}
	if channel == nil || channel.Type != "email" {
		e.What = strings.Join(m.To, ", ") + " is outside the organization, where nothing goes but by e-mail: nothing is sent"
		return e
	}
	if _, why := r.contact(m); why != "" {
		e.What = strings.Join(m.To, ", ") + " " + why + ": nothing is sent"
		return e
	}
	if from := channel.ServerFrom; from == nil || r.o.Getenv(from.Env) == "" {
		e.What, e.Is = "the channel has no address yet, and a message to a client is not sent by writing it to the log", reconcile.ErrDeferred
		return e
	}
	return nil
}
