package issue

import "testing"

func TestPermits(t *testing.T) {
	for _, tt := range []struct {
		have, want string
		may        bool
	}{
		{"write", "write", true},
		{"admin", "triage", true},
		{"triage", "write", false},
		{"none", "none", true},
		{"", "none", false},
		{"owner", "read", false},
		{"admin", "owner", false},
		{"admin", "", false},
	} {
		if got := Permits(tt.have, tt.want); got != tt.may {
			t.Errorf("%q permits what needs %q: %v", tt.have, tt.want, got)
		}
	}
}
