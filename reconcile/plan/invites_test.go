package plan

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// invited is the repository with a strategy meeting on Friday 1 May 2026 at ten, which Dana
// holds and Priya takes part in. It opens on 10 April.
func invitedFiles(replace ...string) map[string]string {
	files := with("vcio.yaml", "owner: vcio, open: 3 weeks, after: [audit]}", `owner: vcio, with: [engineer], at: "10:00", duration: 90 minutes, open: 3 weeks, invite: true}`)
	files["people.yaml"] = with("people.yaml", "github: priya-r", "email: priya@northwind.example")["people.yaml"]
	for i := 0; i < len(replace); i += 2 {
		for name, text := range files {
			files[name] = strings.ReplaceAll(text, replace[i], replace[i+1])
		}
	}
	return files
}

// asked shows the invitations of a plan; the sequence counts from the first of the day.
func asked(p *Plan) string {
	s := ""
	for _, c := range p.Changes {
		if c.Notice == nil || c.Notice.Invite == nil {
			continue
		}
		i := c.Notice.Invite
		s += fmt.Sprintf("%s to %s: %s to %s, sequence %d\n", c.Notice.Kind, strings.Join(c.Notice.To, ","), i.Start, i.End, i.Sequence-meeting.Sequence(p.AsOf.AddDays(1).Time()))
	}
	return s
}

func wantAsked(t *testing.T, p *Plan, lines ...string) {
	t.Helper()
	if d := cmp.Diff(strings.Join(append(lines, ""), "\n"), asked(p)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

const (
	mayFirst  = "20260501T150000Z to 20260501T163000Z"
	mayFourth = "20260504T150000Z to 20260504T163000Z"
	moved     = "    exceptions: [{step: strategy, cycle: \"2026\", move-to: 2026-05-04, reason: the client asked}]\n"
)

// meetingWorld returns a world on 10 April in which the invitation has just gone out.
func meetingWorld(t *testing.T) *world {
	w := newWorld("2026-04-10")
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	w.Zone = zone
	w.read(t, invitedFiles())
	p := w.reconcile(t, 1)
	wantAsked(t, p, "invite to dana,priya: "+mayFirst+", sequence 0")
	return w
}

// change reads other files, on another day, and demands what is asked and that nothing is
// left to ask afterwards.
func (w *world) change(t *testing.T, day string, files map[string]string, lines ...string) *Plan {
	t.Helper()
	w.AsOf = civil.MustParse(day)
	w.read(t, files)
	p := w.reconcile(t, 2)
	wantAsked(t, p, lines...)
	return p
}

func TestInviteOpensWithTheStep(t *testing.T) {
	w := newWorld("2026-04-09")
	w.read(t, invitedFiles())
	wantAsked(t, w.reconcile(t, 1))
	w = meetingWorld(t)
	p := w.change(t, "2026-05-01", invitedFiles())
	if len(p.Refused) > 0 {
		t.Errorf("refused: %v", p.Refused)
	}
	for _, e := range w.events {
		if strings.Contains(fmt.Sprint(e), "@northwind.example") {
			t.Errorf("the ledger holds an address: %+v", e)
		}
	}
}

func TestInviteFollowsTheMeeting(t *testing.T) {
	cancelled := "    exceptions: [{step: strategy, cycle: \"2026\", cancel: true, reason: no budget}]\n"
	acme := "    since: 2026-01-01\n"
	for name, tt := range map[string]struct {
		day   string
		files map[string]string
		want  []string
	}{
		"moved":             {"2026-04-13", invitedFiles(acme, acme+moved), []string{"invite-update to dana,priya: " + mayFourth + ", sequence 0"}},
		"moved on the day":  {"2026-04-10", invitedFiles(acme, acme+moved), []string{"invite-update to dana,priya: " + mayFourth + ", sequence 1"}},
		"another time":      {"2026-04-13", invitedFiles(`"10:00"`, `"11:00"`), []string{"invite-update to dana,priya: 20260501T160000Z to 20260501T173000Z, sequence 0"}},
		"longer":            {"2026-04-13", invitedFiles("90 minutes", "2 hours"), []string{"invite-update to dana,priya: 20260501T150000Z to 20260501T170000Z, sequence 0"}},
		"the whole day":     {"2026-04-13", invitedFiles(`at: "10:00", duration: 90 minutes, `, ""), []string{"invite-update to dana,priya: 20260501 to 20260502, sequence 0"}},
		"another title":     {"2026-04-13", invitedFiles("Annual strategy", "Strategy and budget"), []string{"invite-update to dana,priya: " + mayFirst + ", sequence 0"}},
		"another address":   {"2026-04-13", invitedFiles("dana@", "d.whitfield@"), []string{"invite-update to dana,priya: " + mayFirst + ", sequence 0"}},
		"checklist only":    {"2026-04-13", invitedFiles("invite: true", "invite: true, checklist: [Bring the roadmap]"), nil},
		"one guest less":    {"2026-04-13", invitedFiles("with: [engineer], ", ""), []string{"invite-cancel to priya: " + mayFirst + ", sequence 0", "invite-update to dana: " + mayFirst + ", sequence 0"}},
		"handed over":       {"2026-04-13", invitedFiles("owner: vcio, with: [engineer]", "owner: engineer"), []string{"invite-cancel to dana: " + mayFirst + ", sequence 0", "invite-update to priya: " + mayFirst + ", sequence 0"}},
		"a guest more":      {"2026-04-13", invitedFiles("with: [engineer]", "with: [engineer, support]", "sol@contractor", "sol@northwind"), []string{"invite-update to dana,priya,sol: " + mayFirst + ", sequence 0"}},
		"one from outside":  {"2026-04-13", invitedFiles("with: [engineer]", "with: [engineer, support]"), nil},
		"called off":        {"2026-04-13", invitedFiles(acme, acme+cancelled), []string{"invite-cancel to dana,priya: " + mayFirst + ", sequence 0"}},
		"no longer invited": {"2026-04-13", invitedFiles(", invite: true", ""), []string{"invite-cancel to dana,priya: " + mayFirst + ", sequence 0"}},
		"step removed":      {"2026-04-13", invitedFiles(acme, acme+"    overrides: {strategy: {remove: true}}\n"), []string{"invite-cancel to dana,priya: " + mayFirst + ", sequence 0"}},
		"client inactive":   {"2026-04-13", invitedFiles("alignment-date", "inactive: [{from: 2026-04-12, reason: moved away}]\nalignment-date"), []string{"invite-cancel to dana,priya: " + mayFirst + ", sequence 0"}},
		"nobody to invite":  {"2026-04-13", invitedFiles("email: dana@northwind.example\n", "", "email: priya@northwind.example", "github: priya-r"), nil},
		"over":              {"2026-05-02", invitedFiles(acme, acme+moved), []string{"invite-update to dana,priya: " + mayFourth + ", sequence 0"}},
		"over and done":     {"2026-05-05", invitedFiles(acme, acme+moved), nil},
		"over, called off":  {"2026-05-02", invitedFiles(acme, acme+cancelled), nil},
	} {
		t.Run(name, func(t *testing.T) { meetingWorld(t).change(t, tt.day, tt.files, tt.want...) })
	}
}

// TestInviteAfterCancel: what was called off and takes place again is announced again.
func TestInviteAfterCancel(t *testing.T) {
	w := meetingWorld(t)
	w.change(t, "2026-04-10", invitedFiles(", invite: true", ""), "invite-cancel to dana,priya: "+mayFirst+", sequence 1")
	p := w.change(t, "2026-04-10", invitedFiles(), "invite to dana,priya: "+mayFirst+", sequence 2")
	if why := p.Changes[0].Reason; why != "invite Dana Whitfield and Priya Raman to Friday 2026-05-01, 10:00 to 11:30 (America/Chicago)" {
		t.Error(why)
	}
}

// TestInviteReasons: the plan says in words who is told what.
func TestInviteReasons(t *testing.T) {
	const first, fourth = "Friday 2026-05-01, 10:00 to 11:30 (America/Chicago)", "Monday 2026-05-04, 10:00 to 11:30 (America/Chicago)"
	since := "    since: 2026-01-01\n"
	for _, tt := range []struct {
		files map[string]string
		want  []string
	}{
		{invitedFiles(since, since+moved), []string{"move the meeting of Dana Whitfield and Priya Raman from " + first + " to " + fourth}},
		{invitedFiles("Dana Whitfield", "Dana Whitfield-Cho"), []string{"tell Dana Whitfield-Cho and Priya Raman what has changed about " + first}},
		{invitedFiles("with: [engineer]", "with: [support]", "sol@contractor", "sol@northwind"), []string{
			"take it out of the calendar of Priya Raman: takes place without them", "invite Sol Ibarra to " + first + ", and tell Dana Whitfield"}},
		{invitedFiles(", invite: true", ""), []string{"take it out of the calendar of Dana Whitfield and Priya Raman: nobody is invited to this step any more"}},
	} {
		var got []string
		w := meetingWorld(t)
		w.read(t, tt.files)
		for _, c := range w.plan(t).Changes {
			if c.Notice != nil && c.Notice.Invite != nil {
				got = append(got, c.Reason)
			}
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("-want +got:\n%s", d)
		}
	}
}

func TestInviteByIssue(t *testing.T) {
	open := func(w *world) int {
		for _, i := range w.issues {
			if m, _ := issue.ParseMarker(i.Body); m.Key.String() == strategy {
				return i.Number
			}
		}
		t.Fatal("no issue of the meeting")
		return 0
	}
	w := meetingWorld(t)
	w.close(open(w), issue.Completed)
	w.change(t, "2026-04-13", invitedFiles())
	w = meetingWorld(t)
	w.close(open(w), issue.NotPlanned)
	w.change(t, "2026-04-13", invitedFiles(), "invite-cancel to dana,priya: "+mayFirst+", sequence 0")
}

// TestInviteWithoutIssue: a step that is only told of has an invitation all the same.
func TestInviteWithoutIssue(t *testing.T) {
	files := invitedFiles("invite: true", "invite: true, issue: none")
	w := newWorld("2026-04-09")
	w.read(t, files)
	wantAsked(t, w.reconcile(t, 1))
	w.change(t, "2026-04-10", files, "invite to dana,priya: 20260501T100000Z to 20260501T113000Z, sequence 0")
	w.change(t, "2026-04-30", invitedFiles("invite: true", `invite: true, issue: none, after: [audit]`))
}

// TestInvitePool: everybody in a pool is invited as optional, and nobody from outside.
func TestInvitePool(t *testing.T) {
	w := newWorld("2026-04-10")
	w.read(t, invitedFiles("with: [engineer]", "with: [support]"))
	p := w.reconcile(t, 1)
	wantAsked(t, p, "invite to dana: 20260501T100000Z to 20260501T113000Z, sequence 0")
	if len(p.Refused) == 0 || p.Refused[0].Person != "sol" {
		t.Errorf("refused: %v", p.Refused)
	}
	w = newWorld("2026-04-10")
	w.read(t, invitedFiles("owner: vcio, with: [engineer]", "owner: support, with: [engineer]"))
	for _, c := range w.reconcile(t, 1).Changes {
		if n := c.Notice; n != nil && n.Invite != nil {
			if d := cmp.Diff([]meeting.Attendee{{Person: "dana", Optional: true}, {Person: "priya"}}, n.Invite.Attendees); d != "" {
				t.Error(d)
			}
			return
		}
	}
	t.Error("nobody is invited")
}

// TestInviteLeavesAlone: clients without a file or with a faulty one, and a lost ledger.
func TestInviteLeavesAlone(t *testing.T) {
	w := meetingWorld(t)
	gone := invitedFiles()
	delete(gone, "acme.yaml")
	w.read(t, gone)
	wantAsked(t, w.plan(t))
	w.read(t, invitedFiles("alignment-date: 2026-06-01", "alignment-date: 2026-06-31"))
	wantAsked(t, w.plan(t))

	w.read(t, invitedFiles())
	w.events, w.ledger = nil, false
	wantAsked(t, w.plan(t))
	w.AsOf = w.AsOf.AddDays(1)
	before := w.plan(t)
	w.apply(before)
	wantAsked(t, w.plan(t), "invite to dana,priya: "+mayFirst+", sequence 0") // greater than yesterday's
}

// TestInviteRenamed: another id of the client is another key, and the same meeting.
func TestInviteRenamed(t *testing.T) {
	w := meetingWorld(t)
	w.change(t, "2026-04-13", invitedFiles("id: acme\n", "id: acme-dental\npreviously: [acme]\n"))
	p := w.change(t, "2026-04-14", invitedFiles("id: acme\n", "id: acme-dental\npreviously: [acme]\n", `"10:00"`, `"11:00"`),
		"invite-update to dana,priya: 20260501T160000Z to 20260501T173000Z, sequence 0")
	for _, c := range p.Changes {
		if n := c.Notice; n != nil && n.Invite != nil && n.Invite.UID != "acme.vcio.2026.strategy@northwind" {
			t.Errorf("UID %s", n.Invite.UID)
		}
	}
}

// TestInviteUnknown: what may have gone out goes out again as it was, or newer than it was.
func TestInviteUnknown(t *testing.T) {
	w := newWorld("2026-04-10")
	w.read(t, invitedFiles())
	w.reconcile(t, 1)
	for i := range w.events {
		if isInvitation(w.events[i]) {
			w.events[i].Verb = record.IntendNotify
		}
	}
	first := w.plan(t)
	wantAsked(t, first, "invite to dana,priya: 20260501T100000Z to 20260501T113000Z, sequence 0")
	if len(first.Changes) != 1 || w.sent[first.Changes[0].Notice.ID] != 1 {
		t.Errorf("it has another name now:\n%s", brief(first))
	}
	w.AsOf = w.AsOf.AddDays(1)
	if next := w.plan(t); next.Changes[0].Notice.Invite.Sequence != first.Changes[0].Notice.Invite.Sequence {
		t.Error("the same invitation has another sequence on the next day")
	}
	w.AsOf = w.AsOf.AddDays(-1)
	w.read(t, invitedFiles("owner: vcio, with: [engineer]", "owner: engineer"))
	wantAsked(t, w.plan(t), "invite-cancel to dana: 20260501T100000Z to 20260501T113000Z, sequence 1", "invite-update to priya: 20260501T100000Z to 20260501T113000Z, sequence 1")
}

// TestInviteGone: who has no file any more cannot be told, and the plan says so.
func TestInviteGone(t *testing.T) {
	w := meetingWorld(t)
	files := invitedFiles("with: [engineer], ", "", "team: {vcio: dana, engineer: priya}", "team: {vcio: dana, engineer: dana}")
	files = maps.Clone(files)
	files["people.yaml"] = strings.Split(files["people.yaml"], "---")[0]
	p := w.change(t, "2026-04-13", files, "invite-update to dana: "+mayFirst+", sequence 0")
	if len(p.Refused) == 0 || p.Refused[0].Person != "priya" {
		t.Errorf("refused: %v", p.Refused)
	}
}
