package issue

import (
	"slices"
	"strings"
	"testing"
)

func rowsBody(lines ...string) string {
	return "- [x] theirs `acme/care/1/theirs`\n\n" + Compose(strings.Join(lines, "\n"), Marker{Key: Key{Client: "all-clients", Template: "care", Cycle: "2026-05-04", Step: "call"}, Installation: "northwind"})
}

func TestRows(t *testing.T) {
	body := rowsBody(
		"- [x] **Acme Dental**: Call `acme/care/1/call`",
		"- [ ] **Beta Law**: Call `beta/care/1/call`  ",
		"* [X] **Core `code` Ltd**: Call `core/care/1/call/w1-mon`",
		"- [x] **Acme again** `acme/care/1/call`",
		"- [x] no key",
		"- [x] `Delta/care/1/call`",
		"- [x] `delta/care/1/call` and more",
		"- [x] unfinished delta/care/1/call`",
		"`delta/care/1/call`",
		"- [ ] **Acme later** `acme/care/1/call`",
	)
	want := []Row{{"acme/care/1/call", true}, {"beta/care/1/call", false}, {"core/care/1/call/w1-mon", true}}
	for _, b := range []string{body, strings.ReplaceAll(body, "\n", "\r\n")} {
		if got := Rows(b); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if got := Rows("- [x] a `acme/care/1/call`"); got != nil {
		t.Errorf("rows outside of our region: %v", got)
	}
}

// FuzzRows reads any body: no panic, keys only, each once, and the same after Merge.
func FuzzRows(f *testing.F) {
	f.Add(rowsBody("- [x] a `acme/care/1/call`", "- [ ] b `beta/care/1/call`"))
	f.Add("<!-- almanac:begin -->\n- [x] ``acme/care/1/call``\n<!-- almanac:end -->")
	f.Add("- [x] `")
	f.Fuzz(func(t *testing.T, body string) {
		seen := map[string]bool{}
		for _, r := range Rows(body) {
			if _, err := ParseKey(r.Key); err != nil || seen[r.Key] {
				t.Errorf("%q: %v", r.Key, err)
			}
			seen[r.Key] = true
		}
		if again := Rows(Normalize(body)); !slices.Equal(again, Rows(body)) {
			t.Errorf("%q: %v became %v", body, Rows(body), again)
		}
	})
}
