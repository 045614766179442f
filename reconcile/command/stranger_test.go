package command

import (
	"strings"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// TestHostile are comments that look like commands and are none for us, or not as they stand.
func TestHostile(t *testing.T) {
	b := newBench(t)
	b.issues = append(b.issues, issue.Issue{Number: 99, Title: "mine", State: issue.Open, Author: "mallory", Labels: []string{issue.OwnershipLabel}})
	b.numbers["strange"] = 99
	at := b.now()
	on := func(change func(*issue.Comment)) issue.Comment {
		c := issue.Comment{ID: "7", Issue: b.numbers["call"], Author: "dana-w", Body: "/done", Created: at, Updated: at}
		change(&c)
		return c
	}
	for name, tt := range map[string]struct {
		comment issue.Comment
		want    string
	}{
		"as it should be":      {on(func(*issue.Comment) {}), "accepted"},
		"a login in capitals":  {on(func(c *issue.Comment) { c.Author = "DANA-W" }), "accepted"},
		"edited":               {on(func(c *issue.Comment) { c.Updated = at.Add(time.Second) }), "refused"},
		"a program":            {on(func(c *issue.Comment) { c.Bot = true }), "ignored"},
		"a stranger":           {on(func(c *issue.Comment) { c.Author = "mallory" }), "ignored"},
		"a stranger, edited":   {on(func(c *issue.Comment) { c.Author, c.Updated = "mallory", at.Add(1) }), "ignored"},
		"somebody's id":        {on(func(c *issue.Comment) { c.Author = "lee" }), "ignored"},
		"another issue":        {on(func(c *issue.Comment) { c.Issue = 99 }), "ignored"},
		"an issue far away":    {on(func(c *issue.Comment) { c.Issue = 4711 }), "ignored"},
		"quoted":               {on(func(c *issue.Comment) { c.Body = "> /done" }), "ignored"},
		"in a block of code":   {on(func(c *issue.Comment) { c.Body = "```\n/done\n```" }), "ignored"},
		"in the second line":   {on(func(c *issue.Comment) { c.Body = "thanks\n/done" }), "ignored"},
		"a path":               {on(func(c *issue.Comment) { c.Body = "/etc/passwd" }), "ignored"},
		"no verb":              {on(func(c *issue.Comment) { c.Body = "/merge" }), "refused"},
		"a novel":              {on(func(c *issue.Comment) { c.Body = "/done " + strings.Repeat("x", 300) }), "refused"},
		"an address":           {on(func(c *issue.Comment) { c.Body = "/done told jo@client.example" }), "refused"},
		"a secret":             {on(func(c *issue.Comment) { c.Body = "/done password: hunter2hunter2" }), "refused"},
		"characters that turn": {on(func(c *issue.Comment) { c.Body = "/done \u202e gnihton" }), "refused"},
	} {
		b.events = b.events[:11]
		if v := b.hear(tt.comment); v.word() != tt.want {
			t.Errorf("%s: %s (%s%s), want %s", name, v.word(), v.Refused, v.Ignored, tt.want)
		}
	}
}

// TestTwoPeopleOneLogin: of whom is not known who wrote, nobody did.
func TestTwoPeopleOneLogin(t *testing.T) {
	b := newBench(t)
	b.files["almanac.yaml"] = strings.Replace(organization, "github: noor-h", "github: dana-w", 1)
	b.play("ignored dana-w call /done")
}

// TestTrusted: where whoever writes is believed, ids and names do.
func TestTrusted(t *testing.T) {
	b := newBench(t)
	b.trust = true
	b.play("accepted dana call /note one", "accepted dana-w call /note two", "refused lee call /note three", "ignored mallory call /done")
	if v := b.say("Dana Whitfield", "call", "/done"); v.word() != "accepted" || v.Event.By != "dana" {
		t.Errorf("%+v", v)
	}
}

// TestOtherShard: what is about the clients of another run is left to it.
func TestOtherShard(t *testing.T) {
	b := newBench(t)
	b.scope = func(id string) bool { return id == "birch" }
	b.play("ignored dana-w call /done", "ignored dana-w meeting /done birch")
	b.scope = func(id string) bool { return id == "all-clients" }
	b.play("accepted dana-w meeting /done acme", "accepted dana-w meeting /done birch")
}
