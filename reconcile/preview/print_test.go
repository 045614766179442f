package preview_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/preview"
	"github.com/almanac-gitops/almanac/schema/civil"
)

// long invents a preview of n items whose texts are as hostile as files of strangers can be.
func long(n int, text string) *preview.Preview {
	p := &preview.Preview{AsOf: today, From: today, To: today.AddDays(90), LoadBy: "month"}
	for i := range n {
		client := fmt.Sprintf("client-%04d", i/7)
		action := []preview.Action{preview.Add, preview.Drop, preview.Move, preview.Change}[i%4]
		s := &preview.State{Key: fmt.Sprintf("%s/vcio/2026/step-%d", client, i%7), Due: today.AddDays(i % 90), Nominal: today.AddDays(i%90 - 1), DayOff: text, Owner: "dana", Title: text}
		it := preview.Item{Action: action, Key: s.Key, Client: client, Template: "vcio", Title: text, Reason: text, Before: s, After: s,
			Source: preview.Place{File: text, Line: 3}}
		switch action {
		case preview.Add:
			it.Before, p.Summary.Add = nil, p.Summary.Add+1
		case preview.Drop:
			it.After, p.Summary.Drop = nil, p.Summary.Drop+1
		case preview.Move:
			p.Summary.Move++
		case preview.Change:
			p.Summary.Change++
		}
		p.Items = append(p.Items, it)
		p.Load = append(p.Load, preview.Load{Person: "dana", From: today, Before: i, After: i + 1})
		p.Holidays = append(p.Holidays, preview.Holiday{Date: today.AddDays(i), Name: text, Keys: []string{s.Key}})
		p.NotCompared = append(p.NotCompared, preview.NotCompared{Client: client, Side: "head", Reason: text})
	}
	p.Summary.Clients = (n + 6) / 7
	return p
}

// TestBudget: Markdown stays within its bytes, and what is left out is counted.
func TestBudget(t *testing.T) {
	for _, n := range []int{0, 1, 50, 3000} {
		for _, text := range []string{"Annual strategy", strings.Repeat("|`<@x> ", 400), strings.Repeat("漢", 5000)} {
			for _, budget := range []int{0, 8_000, 20_000} {
				p := long(n, text)
				var b bytes.Buffer
				if err := preview.WriteMarkdown(&b, p, budget); err != nil {
					t.Fatal(err)
				}
				most := budget
				if most == 0 {
					most = preview.DefaultBudget
				}
				if b.Len() > most {
					t.Errorf("%d items of %.10q: %d bytes, at most %d", n, text, b.Len(), most)
				}
				if got := rows(b.String()); got != n {
					t.Errorf("%d items of %.10q in %d bytes: %d rows shown or counted", n, text, most, got)
				}
			}
		}
	}
}

// rows counts the rows that are shown and those that are told as left out.
func rows(s string) int {
	n := 0
	for line := range strings.Lines(s) {
		var more int
		switch {
		case strings.HasPrefix(line, "| | "), strings.HasPrefix(line, "|---"):
		case strings.HasPrefix(line, "|"):
			n++
		case strings.HasPrefix(line, "and "):
			if _, err := fmt.Sscanf(line, "and %d more", &more); err == nil {
				n += more
			}
		}
	}
	return n
}

// TestImportance: what is dropped is shown before what is merely changed.
func TestImportance(t *testing.T) {
	var b bytes.Buffer
	if err := preview.WriteMarkdown(&b, long(400, "Annual strategy"), 12_000); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); !strings.Contains(s, "| drop |") || strings.Contains(s, "| change |") || !strings.Contains(s, " other clients\n") {
		t.Errorf("drops must come first and the rest be counted:\n%s", s)
	}
}

// TestHostile: text out of files cannot act on a forge, a runner or a terminal.
func TestHostile(t *testing.T) {
	p := long(4, "::error::x | a <img src=x> @dana #12 \x1b[31m ##[error] \u202e\n::add-mask::secret")
	var text, md bytes.Buffer
	if err := preview.WriteText(&text, p); err != nil {
		t.Fatal(err)
	}
	if err := preview.WriteMarkdown(&md, p, 0); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{"text": text.String(), "Markdown": md.String()} {
		for line := range strings.Lines(s) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("%s: a command to a runner: %q", name, line)
			}
		}
		for _, bad := range []string{"\x1b", "\u202e", "##[error"} {
			if strings.Contains(s, bad) && (name == "text" || bad != "##[error") {
				t.Errorf("%s holds %q", name, bad)
			}
		}
	}
	plain := strings.NewReplacer(`\<`, "", `\|`, "").Replace(md.String())
	for _, bad := range []string{"@dana", "#12", "<img", "x | a"} {
		if strings.Contains(plain, bad) {
			t.Errorf("Markdown holds %q", bad)
		}
	}
}

// TestFrozenOrganization: without an organization nothing is compared, and no step is told
// as dropped.
func TestFrozenOrganization(t *testing.T) {
	cat := &catalog{}
	cat.Index()
	p, err := preview.Compare(preview.Inputs{Base: cat, Head: cat, AsOf: civil.MustParse("2026-04-13"), HeadFrozen: map[string]string{"*": "almanac.yaml:1: no name", "acme": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if !p.Invalid() || len(p.NotCompared) != 1 || p.NotCompared[0].Client != preview.Everybody {
		t.Errorf("%+v", p.NotCompared)
	}
}
