package meeting

import "testing"

func TestAddress(t *testing.T) {
	for s, want := range map[string]string{
		"https://github.com/o/r/issues/7":  "https://github.com/o/r/issues/7",
		"clients/acme.yaml":                "",
		"javascript:alert(1)":              "",
		"https://github.com/o/r/a b\r\nX:": "",
		"https://github.com/o/r/ü":         "https://github.com/o/r/%C3%BC",
	} {
		if got := Address(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}
