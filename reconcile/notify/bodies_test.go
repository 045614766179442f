package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/due"
	"github.com/almanac-gitops/almanac/reconcile/notify/slack"
	"github.com/almanac-gitops/almanac/reconcile/notify/teams"
	"github.com/almanac-gitops/almanac/reconcile/notify/webhook"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// nasty is a name that means something to everybody who would read it as markup.
const nasty = `O'Brien <!channel> [x](https://evil.example) *b* | "PJ" & <@U1> 🦷`

func digest(n int) reconcile.Message {
	m := reconcile.Message{ID: "digest/1", Channel: "ops", To: []string{"dana"}, Title: fmt.Sprintf("%d notices", n), Text: strings.Repeat("line\n", n), On: civil.MustParse("2026-05-06")}
	for i := range n {
		m.Items = append(m.Items, reconcile.Item{ID: fmt.Sprint("k", i), Key: fmt.Sprint("k", i), Kind: due.HeadsUp, Client: nasty, Owner: "Dana Whitfield", To: []string{"dana"},
			Due: m.On.AddDays(i%20 - 5), Title: fmt.Sprintf("%s %d: audit is due", nasty, i), URL: fmt.Sprintf("https://github.com/northwind/ops/issues/%d", i)})
	}
	return m
}

func single() reconcile.Message {
	m := digest(1)
	m.Title, m.Text, m.URL = m.Items[0].Title, strings.Repeat(m.Items[0].Title+"\n", 500), m.Items[0].URL
	return m
}

// hostile is a message that grows when it is made harmless.
func hostile() reconcile.Message {
	m := digest(60)
	for i := range m.Items {
		m.Items[i].Title = strings.Repeat("&", 1000)
	}
	m.Text = strings.Repeat("&<>", 5000)
	return m
}

// TestSizes holds the limits that the receivers have.
func TestSizes(t *testing.T) {
	for _, m := range []reconcile.Message{digest(2), digest(40), digest(100), digest(3000), single(), hostile(), message("ops")} {
		var s struct {
			Text   string
			Blocks []struct {
				Type string
				Text struct{ Type, Text string }
			}
		}
		raw := slack.Body(&m)
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		all := 0
		for _, b := range s.Blocks {
			n := utf8.RuneCountInString(b.Text.Text)
			if all += n; n == 0 || n > 3000 || b.Type == "header" && n > 150 {
				t.Errorf("%d notices: a %s of %d characters", len(m.Items), b.Type, n)
			}
		}
		if s.Text == "" || len(s.Blocks) > 50 || all > 13_000 {
			t.Errorf("%d notices: %d blocks, %d characters", len(m.Items), len(s.Blocks), all)
		}
		card := teams.Body(&m)
		if len(card) > 21_000 || !json.Valid(card) {
			t.Errorf("%d notices: a card of %d bytes", len(m.Items), len(card))
		}
		for name, body := range map[string]string{"slack": string(raw), "teams": string(card)} {
			shown := strings.Count(body, "/issues/")
			if left := len(m.Items) - shown; len(m.Items) > 1 && left > 0 && !strings.Contains(body, fmt.Sprintf("and %d more", left)) {
				t.Errorf("%s: %d of %d notices shown, and the rest not counted", name, shown, len(m.Items))
			}
		}
	}
}

// TestMarkup holds that no name is read as markup.
func TestMarkup(t *testing.T) {
	for _, m := range []reconcile.Message{digest(3), single()} {
		var body struct {
			Text   string
			Blocks []struct{ Text struct{ Type, Text string } }
		}
		if err := json.Unmarshal(slack.Body(&m), &body); err != nil {
			t.Fatal(err)
		}
		read := body.Text // a plain_text is shown as it is, everything else is read
		for _, b := range body.Blocks {
			if b.Text.Type != "plain_text" {
				read += "\n" + b.Text.Text
			}
		}
		if strings.Contains(read, "<!") || strings.Contains(read, "<@") || !strings.Contains(read, "&lt;!channel&gt;") || !strings.Contains(read, "<https://github.com/northwind/ops/issues/0|") {
			t.Errorf("slack: %.500s", read)
		}
		if card := string(teams.Body(&m)); strings.Contains(card, `"TextBlock"`) || !strings.Contains(card, `"Action.OpenUrl","url":"https://github.com/northwind/ops/issues/0"`) {
			t.Errorf("teams: %s", card)
		}
	}
}

func TestWebhookBody(t *testing.T) {
	m := digest(2)
	m.Items[1].URL = ""
	got := string(webhook.Body(&m, time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC)))
	for _, want := range []string{`"type":"almanac.digest"`, `"timestamp":"2026-05-06T09:00:00Z"`, `"id":"digest/1"`, `"kind":"heads-up"`, `"due":"2026-05-01"`, `"to":["dana"]`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "@northwind") {
		t.Error("an e-mail address is in it")
	}
}
