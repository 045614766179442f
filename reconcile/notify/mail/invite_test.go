package mail

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/calendar/icslint"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/forge/files"
	"github.com/almanac-gitops/almanac/reconcile/ledger"
	"github.com/almanac-gitops/almanac/reconcile/meeting"
	"github.com/almanac-gitops/almanac/reconcile/plan"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
	"github.com/almanac-gitops/almanac/schema/load"
)

// invitationOf returns the part of a mail that calendars read, with its type; nothing where
// it has none.
func invitationOf(t *testing.T, m *netmail.Message) (kind, text string) {
	t.Helper()
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return "", ""
		}
		if err != nil {
			t.Fatal(err)
		}
		if kind = p.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/calendar") {
			continue
		}
		b, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.NextRawPart(); err != io.EOF {
			t.Error("the calendar is not the last part")
		}
		return kind, string(b)
	}
}

func TestInviteParts(t *testing.T) {
	s := &server{mechs: []string{"PLAIN"}}
	o := start(t, s, how{})
	m := message("dana", "pat")
	m.Invite = &meeting.Invitation{UID: "a@northwind", Sequence: 7, Summary: "Strategy", Start: "20260501", End: "20260502",
		Attendees: []meeting.Attendee{{Person: "dana"}, {Person: "eve"}, {Person: "lee"}, {Person: "pat"}}}
	if err := send(t, o, m); err != nil {
		t.Fatal(err)
	}
	letter := read(t, s.mails[0].data)
	parts := alternatives(t, read(t, s.mails[0].data))
	if parts["text/plain"] == "" || parts["text/html"] == "" {
		t.Errorf("people read nothing: %v", parts)
	}
	kind, text := invitationOf(t, letter)
	if kind != "text/calendar; method=REQUEST; charset=UTF-8" {
		t.Errorf("the type is %s", kind)
	}
	for _, p := range icslint.Lint([]byte(text)) {
		t.Error(p)
	}
	unfolded := strings.ReplaceAll(text, "\r\n ", "")
	if !strings.Contains(unfolded, ":mailto:pat@northwind.example") || strings.Contains(text, "eve") || strings.Contains(text, "lee@") || !strings.Contains(unfolded, "URL:https://github.com/northwind/ops/issues/7\r\n") {
		t.Errorf("it invites others than those whom the message is for:\n%s", text)
	}
	m.Invite.Cancel = true
	if err := send(t, o, m); err != nil {
		t.Fatal(err)
	}
	if kind, _ := invitationOf(t, read(t, s.mails[1].data)); kind != "text/calendar; method=CANCEL; charset=UTF-8" {
		t.Errorf("the type is %s", kind)
	}
	m.To = append(m.To, "eve")
	if err := send(t, o, m); err == nil || len(s.mails) != 2 {
		t.Errorf("a client is invited: %v, %d mails", err, len(s.mails))
	}
}

const (
	organization = `{kind: Organization, id: northwind, name: Northwind IT, timezone: America/Chicago, email-domains: [northwind.example],
roles: [{id: vcio, title: vCIO}, {id: engineer, title: Engineer}],
channels: [{id: staff-mail, type: email, from: almanac@northwind.example, server-from: {env: SMTP_URL}}]}`
	staff = "kind: Person\nid: dana\nname: Dana Whitfield\nemail: dana@northwind.example\n---\nkind: Person\nid: lee\nname: Lee Park\nemail: lee@northwind.example\n---\n" +
		"kind: Person\nid: pat\nname: \"O'Brien, Pat; \\\"PJ\\\"\"\nemail: pat@northwind.example\n"
	process = `{kind: ProcessTemplate, id: vcio, title: vCIO process, steps: [{id: annual, title: Annual strategy, due: 1 month before,
owner: vcio, with: [engineer], at: "10:00", duration: 90 minutes, open: 3 weeks, invite: true}]}`
	client = "kind: Client\nid: acme\nname: Acme Dental\nalignment-date: 2026-06-01\nteam: {vcio: dana, engineer: pat}\nprocesses:\n  - template: vcio\n    since: 2026-01-01\n"
)

// run reconciles once, with issues and ledger in a folder, and sends by a real server.
func run(t *testing.T, o Options, dir, day, client string) *reconcile.Result {
	t.Helper()
	repo := fstest.MapFS{}
	for name, text := range map[string]string{"almanac.yaml": organization, "staff.yaml": staff, "vcio.yaml": process, "acme.yaml": client} {
		repo[name] = &fstest.MapFile{Data: []byte(text)}
	}
	r, err := load.Load(t.Context(), repo, load.Options{})
	if err != nil || r.Faults.HasErrors() {
		t.Fatalf("%v %v", err, r.Faults)
	}
	today := civil.MustParse(day)
	now := func() time.Time { return today.Time().Add(15 * time.Hour) }
	engine, err := due.New(r.Catalog, due.Options{AsOf: today})
	if err != nil {
		t.Fatal(err)
	}
	f, l := files.New(dir+"/issues", files.Options{Now: now}), ledger.Dir(dir+"/ledger")
	w, err := reconcile.Observe(t.Context(), f, l)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	p := plan.Make(plan.Inputs{Catalog: r.Catalog, AsOf: today, Zone: zone, Engine: engine, Observed: w.Issues, Gone: w.Gone, Entries: w.History.Entries,
		LedgerExists: w.History.Exists, Frozen: plan.Frozen(r.Catalog, diag.List{})})
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	nonces := 0
	apply := reconcile.Run{Forge: f, Ledger: l, Notifier: m, Installation: "northwind", Name: "run", Now: now,
		Nonce: func() string { nonces++; return fmt.Sprintf("%s-%d-%d", day, nonces, len(w.History.Events())) }}
	result, err := apply.Apply(context.Background(), p, w, now())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range result.Outcomes {
		if c.Status != reconcile.Done || c.Err != nil {
			t.Errorf("%s %s: %s %v", c.Change.Action, c.Change.Key, c.Status, c.Err)
		}
	}
	return result
}

// TestInvitations plays the life of a meeting through a real server.
func TestInvitations(t *testing.T) {
	s := &server{mechs: []string{"PLAIN"}}
	o, dir := start(t, s, how{}), t.TempDir()
	moved := client + "    exceptions: [{step: annual, cycle: \"2026\", move-to: 2026-05-04, reason: the client asked}]\n"
	handed := strings.Replace(moved, "vcio: dana", "vcio: lee", 1)
	off := handed[:strings.Index(handed, "    exceptions")] + "    exceptions: [{step: annual, cycle: \"2026\", cancel: true, reason: no budget}]\n"
	sequences, uids := map[string]int{}, map[string]bool{}
	for _, step := range []struct {
		day, client string
		want        []string
	}{
		{"2026-04-09", client, nil},
		{"2026-04-10", client, []string{"REQUEST dana pat 20260501T150000Z CONFIRMED Invitation: Acme Dental: Annual strategy, Friday 2026-05-01, 10:00 to 11:30 (America/Chicago)"}},
		{"2026-04-13", moved, []string{"REQUEST dana pat 20260504T150000Z CONFIRMED Updated invitation: Acme Dental: Annual strategy, Monday 2026-05-04, 10:00 to 11:30 (America/Chicago)"}},
		{"2026-04-13", handed, []string{
			"CANCEL dana 20260504T150000Z  Cancelled: Acme Dental: Annual strategy, Monday 2026-05-04, 10:00 to 11:30 (America/Chicago)",
			"REQUEST lee pat 20260504T150000Z CONFIRMED Updated invitation: Acme Dental: Annual strategy, Monday 2026-05-04, 10:00 to 11:30 (America/Chicago)"}},
		{"2026-04-14", off, []string{"CANCEL lee pat 20260504T150000Z CANCELLED Cancelled: Acme Dental: Annual strategy, Monday 2026-05-04, 10:00 to 11:30 (America/Chicago)"}},
	} {
		s.mails = nil
		run(t, o, dir, step.day, step.client)
		run(t, o, dir, step.day, step.client) // there is nothing more to send
		var got []string
		for _, sent := range s.mails {
			letter := read(t, sent.data)
			kind, text := invitationOf(t, letter)
			if kind == "" {
				continue // the new owner is told of the issue too
			}
			for _, p := range icslint.Lint([]byte(text)) {
				t.Errorf("%s\n%s", p, text)
			}
			v := properties(text)
			if want := "text/calendar; method=" + v["METHOD"] + "; charset=UTF-8"; kind != want {
				t.Errorf("the type is %s, want %s", kind, want)
			}
			var to []string
			for _, a := range sent.to {
				to = append(to, strings.TrimSuffix(a, "@northwind.example"))
				if !strings.Contains(v["ATTENDEES"], a) {
					t.Errorf("%s gets it and is not in it:\n%s", a, text)
				}
				var sequence int
				if _, err := fmt.Sscan(v["SEQUENCE"], &sequence); err != nil || sequence <= sequences[a] {
					t.Errorf("%s: sequence %s after %d", a, v["SEQUENCE"], sequences[a])
				}
				sequences[a] = sequence
			}
			uids[v["UID"]] = true
			subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
			if err != nil {
				t.Error(err)
			}
			got = append(got, strings.Join([]string{v["METHOD"], strings.Join(to, " "), v["DTSTART"], v["STATUS"], subject}, " "))
		}
		slices.Sort(got)
		if d := cmp.Diff(step.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", step.day, d)
		}
	}
	if len(uids) != 1 || !uids["acme.vcio.2026.annual@northwind"] {
		t.Errorf("one meeting has the UIDs %v", uids)
	}
}

// properties returns the values of an invitation by name, and all attendees in one.
func properties(text string) map[string]string {
	v := map[string]string{}
	for l := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n ", ""), "\r\n") {
		name, value, _ := strings.Cut(l, ":")
		if name, _, _ = strings.Cut(name, ";"); name == "ATTENDEE" {
			name, value = "ATTENDEES", v["ATTENDEES"]+" "+l
		}
		v[name] = value
	}
	return v
}
