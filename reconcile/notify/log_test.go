package notify

import (
	"context"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
)

func TestLog(t *testing.T) {
	for name, tt := range map[string]struct {
		message reconcile.Message
		want    string
	}{
		"everything": {
			reconcile.Message{Channel: "staff-mail", To: []string{"dana", "marcus"}, Title: "Annual strategy meeting is due on 2026-05-01", URL: "issues/3.md"},
			"notify staff-mail to dana, marcus: Annual strategy meeting is due on 2026-05-01 (issues/3.md)\n",
		},
		"no channel, nobody": {reconcile.Message{Title: "x"}, "notify log to nobody: x\n"},
		"one line":           {reconcile.Message{To: []string{"dana"}, Title: "a\n::error::b\u202ec"}, "notify log to dana: a ::error::b c\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := Log(&b).Send(context.Background(), tt.message); err != nil {
				t.Fatal(err)
			}
			if b.String() != tt.want {
				t.Errorf("got  %q\nwant %q", b.String(), tt.want)
			}
		})
	}
}

func TestLogAfterInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var b strings.Builder
	if err := Log(&b).Send(ctx, reconcile.Message{Title: "x"}); err == nil || b.Len() > 0 {
		t.Errorf("sent %q, error %v", b.String(), err)
	}
}
