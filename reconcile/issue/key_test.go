package issue

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/almanac-gitops/almanac/schema/proptest"
)

func TestParseKey(t *testing.T) {
	for _, s := range []string{
		"acme-dental/vcio/2026/annual-strategy",
		"acme/onboarding-8-week/1/mailing/w1-mon",
		"acme/onboarding-8-week/1/mailing/w-1-mon",
		"acme/vcio/2026/review/2026-06-01",
		"a/b/c/d/3",
	} {
		k, err := ParseKey(s)
		if err != nil || k.String() != s {
			t.Errorf("%q became %q: %v", s, k, err)
		}
	}
	for _, s := range []string{
		"", "acme", "a/b/c", "a/b/c/d/e/f", "a/b/c/", "/b/c/d", "a/b/c/d/", "A/b/c/d", "a/b/c/d--e",
		"a/b/c/-d", "a/b/c/d-", "a/b/c/d e", "a/b/c/é", "a/../c/d", strings.Repeat("a", 41) + "/b/c/d",
	} {
		if k, err := ParseKey(s); err == nil || k != (Key{}) {
			t.Errorf("%q became %q: %v", s, k, err)
		}
	}
}

// anyKey draws valid keys.
func anyKey() *rapid.Generator[Key] {
	id := rapid.StringMatching(`[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,2}`)
	return rapid.Custom(func(t *rapid.T) Key {
		k := Key{id.Draw(t, "client"), id.Draw(t, "template"), id.Draw(t, "cycle"), id.Draw(t, "step"), ""}
		if rapid.Bool().Draw(t, "repeats") {
			k.Instance = id.Draw(t, "instance")
		}
		return k
	})
}

func TestMarkerComesBack(t *testing.T) {
	proptest.Check(t, func(t *rapid.T) {
		m := Marker{Key: anyKey().Draw(t, "key"), Installation: "northwind", Spec: Spec(rapid.String().Draw(t, "region"))}
		before := rapid.String().Draw(t, "before")
		for _, end := range []string{"", "\n", "\r\n", "  ", "\n\nsomebody wrote on\n"} {
			if got, ok := ParseMarker(before + "\n" + m.String() + end); !ok || got != m {
				t.Errorf("%v became %v, %t", m, got, ok)
			}
		}
	})
}

func TestParseMarkerTakesTheLast(t *testing.T) {
	first := "<!-- almanac:v1 k=a/b/c/one i=northwind s=0123abcd -->"
	last := "<!-- almanac:v1 k=a/b/c/two i=northwind later=1.0/x_y -->"
	m, ok := ParseMarker(first + "\n" + last + "\n" + "> " + first)
	if !ok || m.Key.Step != "two" || m.Spec != "" {
		t.Errorf("%v, %t", m, ok)
	}
}

func TestParseMarkerRefuses(t *testing.T) {
	for _, s := range []string{
		"", "text", "almanac:v1 k=a/b/c/d i=n",
		"<!-- almanac:v1 i=n -->", "<!-- almanac:v1 k=a/b/c/d -->", "<!-- almanac:v1 k=a/b/c i=n -->",
		"<!-- almanac:v2 k=a/b/c/d i=n -->", "<!--almanac:v1 k=a/b/c/d i=n -->", "<!-- almanac:v1 k=a/b/c/d i=n-->",
		"x <!-- almanac:v1 k=a/b/c/d i=n -->", "<!-- almanac:v1 k=a/b/c/d i=n --> x",
		"<!-- almanac:v1 k=a/b/c/d i=n i=m -->", "<!-- almanac:v1 k=a/b/c/d i=N -->",
		"<!-- almanac:v1 k=a/b/c/d i=n s=123 -->", "<!-- almanac:v1 k=a/b/c/d i=n x=> -->",
		"<!-- almanac:v1 k=a/b/c/d  i=n -->",
		"<!-- almanac:v1 k=a/b/c/d i=n x=" + strings.Repeat("x", maxMarker) + " -->",
	} {
		if m, ok := ParseMarker(s); ok {
			t.Errorf("%q became %v", s, m)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	for _, s := range []string{"acme/vcio/2026/audit", "acme/p/1/mailing/w-1-mon", "a/b/c/d/", "a//c/d", "a/b/c/d--e", "ä/b/c/d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseKey(s)
		if err == nil && k.String() != s {
			t.Errorf("%q became %q", s, k)
		}
		if err != nil && k != (Key{}) {
			t.Errorf("an error and a key %q", k)
		}
	})
}

func FuzzParseMarker(f *testing.F) {
	for _, s := range []string{
		"<!-- almanac:v1 k=a/b/c/d i=n s=0123abcd -->",
		"text\r\n<!-- almanac:v1 k=a/b/c/d i=n -->\r\n",
		"<!-- almanac:v1 k=a/b/c/d i=n --><!-- almanac:v1 k=a/b/c/e i=n -->",
		"<!-- almanac:v1 k=a/b/c/d i=n\n-->", "<!-- almanac:v1  -->", "<!-- almanac:v1 -->",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		m, ok := ParseMarker(body)
		if !ok {
			return
		}
		if back, again := ParseMarker(m.String()); !again || back != m {
			t.Errorf("%v became %v, %t", m, back, again)
		}
		if strings.Count(m.String(), "-->") != 1 {
			t.Errorf("%s does not end where it should", m)
		}
	})
}
