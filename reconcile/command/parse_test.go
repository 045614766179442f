package command

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		body string
		want Command
		kind Kind
	}{
		{"/done", Command{Verb: Done}, Valid},
		{"/done\r\nWe met on site.", Command{Verb: Done}, Valid},
		{"/decide  place  because of the outage ", Command{Verb: Decide, Rest: "place  because of the outage"}, Valid},
		{"/approve 3f9a0c1be27d\n/reject", Command{Verb: Approve, Rest: "3f9a0c1be27d"}, Valid},
		{"/close", Command{Verb: "close"}, Unknown},
		{"/etc/passwd", Command{}, None},
		{"/Done", Command{Verb: Done}, Valid},
		{"/DECIDE Place", Command{Verb: Decide, Rest: "Place"}, Valid},
		{"/Users", Command{}, None},
		{"/ta\u212ae", Command{}, None}, // the sign of Kelvin is a small k in lower case
		{" /done", Command{}, None},
		{"\n/done", Command{}, None},
		{"> /done", Command{}, None},
		{"```\n/done\n```", Command{}, None},
		{"    /done", Command{}, None},
		{"- /done", Command{}, None},
		{"please /done", Command{}, None},
		{"/done\x00", Command{}, None},
		{"/done\tnow", Command{}, None},
		{"/\xff", Command{}, None},
		{"/", Command{}, None},
		{"", Command{}, None},
		{"/note " + strings.Repeat("é", MaxLine-6), Command{Verb: Note, Rest: strings.Repeat("é", MaxLine-6)}, Valid},
		{"/note " + strings.Repeat("é", MaxLine-5), Command{Verb: Note, Rest: strings.Repeat("é", MaxLine-5)}, TooLong},
	} {
		got, kind := Parse(tt.body)
		if got != tt.want || kind != tt.kind {
			t.Errorf("%q = %+v, %d; want %+v, %d", tt.body, got, kind, tt.want, tt.kind)
		}
	}
}

// A line that is read as a command says the same when it is written again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"/done", "/decide a b", "/note x\ny", "> /done", "/done\r\n", "/ x", "/a\u202eb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c, kind := Parse(body)
		if kind == None {
			if c != (Command{}) {
				t.Errorf("%q is no command, and gives %+v", body, c)
			}
			return
		}
		if strings.ContainsAny(c.Rest, "\n\r") || !utf8.ValidString(c.Rest) {
			t.Errorf("%q gives a rest of %q", body, c.Rest)
		}
		again, same := Parse(strings.TrimSpace("/" + string(c.Verb) + " " + c.Rest))
		if again != c || same != kind && kind != TooLong {
			t.Errorf("%q gives %+v and then %+v", body, c, again)
		}
	})
}

func TestUnfit(t *testing.T) {
	for text, bad := range map[string]bool{
		"the switch was replaced":                    false,
		"write to jo@client.example":                 true,
		"password: hunter2hunter2":                   true,
		"ghp_0123456789abcdefghijklmnopqrstuvwxyzAB": true,
		"client on leave":                            false,
	} {
		if got := unfit(text) != ""; got != bad {
			t.Errorf("%q: unfit is %v", text, got)
		}
	}
}
