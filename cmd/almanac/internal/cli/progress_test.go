package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/reconcile/plan"
)

// TestFollow tells every change in a line of its own, with a bar on a terminal that says how
// far it is, and nothing else where there is none: the log of a job has no use for a bar.
func TestFollow(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var out bytes.Buffer
		c := &Command{Stdout: &out, Terminal: terminal}
		tell, end := c.follow(4)
		want := ""
		for n := range 3 { // one is left over: the run was stopped
			o := reconcile.Outcome{Change: plan.Change{Action: plan.Create, Key: fmt.Sprint("acme/vcio/2026/step-", n), Title: "::error::x"}, Status: reconcile.Done, Number: n + 1}
			if n == 2 {
				o.Status, o.Err = reconcile.Failed, errors.New("refused\n::add-mask::x")
			}
			tell(o)
			want += outcomeLine(o) + "\n"
		}
		end()
		for line := range strings.Lines(want) {
			if strings.Count(out.String(), line) != 1 {
				t.Errorf("terminal %v: %d times %q in\n%q", terminal, strings.Count(out.String(), line), line, out.String())
			}
		}
		if !terminal && out.String() != want {
			t.Errorf("told %q", out.String())
		}
		if bar := strings.Contains(out.String(), "changes ") && strings.Contains(out.String(), " of 4"); bar != terminal {
			t.Errorf("terminal %v: a bar %v in\n%q", terminal, bar, out.String())
		}
		if strings.Contains(out.String(), "\n::") {
			t.Errorf("a line is a command: %q", out.String())
		}
	}
}
