package files

import (
	"reflect"
	"testing"
	"time"

	"github.com/almanac-gitops/almanac/reconcile/issue"
)

// FuzzParse reads anything: no panic, and what can be read can be changed and read again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "---\n---\n", "---\ntitle: x\nstate: closed\n---\n\nText\n", "---\r\ntitle: x\r\n---\r\nText\r\n", "---\n{title: x}\n---\n",
		"---\nlabels: &a [x]\nassignees: *a\n---\n", "---\ntitle: |\n  ---\n  x\n\n# c\nstate: open\n---\n---\n", "\ufeff---\ntitle: \"\\0\"\n---",
		"---\nstate: closed\nclosed: 2026-05-04\ncomments:\n- text: x\n---\n", "---\n? state\n: open\n---\n", "---\n  title: x\n  state: open\n---\n",
	} {
		f.Add([]byte(s))
	}
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := parse("1.md", text)
		if err != nil {
			if d != nil {
				t.Fatal("both a document and an error")
			}
			return
		}
		want := d.Issue
		want.Labels = changed(want.Labels, []string{"overdue"}, nil)
		if want.State == issue.Closed && d.undated {
			want.Closed = now
		}
		want.Updated = latest(want.Updated, now)
		fields := []field{{"labels", words(want.Labels)}, {"updated", instant(want.Updated)}}
		if want.State == issue.Closed {
			fields = append(fields, field{"closed", instant(want.Closed)})
		}
		next, err := d.with(want, fields)
		if err != nil {
			return
		}
		again, err := parse("1.md", next.bytes())
		if err != nil || !reflect.DeepEqual(again.Issue, next.Issue) {
			t.Fatalf("wrote %q, which reads as %+v, %v", next.bytes(), again, err)
		}
	})
}

// FuzzCompose writes any issue and reads it back as it was.
func FuzzCompose(f *testing.F) {
	f.Add("IT audit", "Text\n", "client:acme", "dana-w")
	f.Add("---", "---\n---\n", "- a", "#1")
	f.Add("yes", "\n \n", "null", "~")
	f.Add(" lead: 'x' \"y\"\n\ntrail ", "\r\n\r", "a,b", "{}")
	f.Add("\u202e\x00\ufeff", "\x00", "\t", "2026-01-01")
	f.Fuzz(func(t *testing.T, title, body, label, assignee string) {
		now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
		i := issue.Issue{Number: 3, Title: clean(title), Body: text(body), State: issue.Open, Created: now, Updated: now, URL: "3.md",
			Labels: unique(cleaned([]string{label, "almanac"})), Assignees: unique(logins([]string{assignee}))}
		d, err := compose(i)
		if err != nil {
			t.Fatalf("compose %+v: %v", i, err)
		}
		if got, err := parse("3.md", d.bytes()); err != nil || !reflect.DeepEqual(got.Issue, i) {
			t.Fatalf("got %+v, %v\nwant %+v", got.Issue, err, i)
		}
	})
}
