package progress

import (
	"strings"
	"testing"

	"github.com/almanac-gitops/almanac/reconcile/issue"
	"github.com/almanac-gitops/almanac/reconcile/record"
	"github.com/almanac-gitops/almanac/schema/civil"
)

const sharedCall = "all-clients/care/2026-05-18/call"

// sharing has an issue that clients share, with the rows of its region.
func sharing(rows ...string) *world {
	w := decided()
	w.step("call").Issue = "shared"
	k, err := issue.ParseKey(sharedCall)
	if err != nil {
		panic(err)
	}
	w.opened(sharedCall, 30).Body = issue.Compose(strings.Join(rows, "\n"), issue.Marker{Key: k, Installation: "northwind"})
	return w
}

func TestShared(t *testing.T) {
	const ticked, unticked = "- [x] **Acme** `acme/care/1/call`", "- [ ] **Acme** `acme/care/1/call`"
	for name, tt := range map[string]struct {
		row  string
		do   func(w *world)
		want string
	}{
		"ticked":                {ticked, func(*world) {}, "done 20"},
		"not ticked":            {unticked, func(*world) {}, "not"},
		"of a former client":    {"- [x] `acme-old/care/1/call`", func(*world) {}, "done 20"},
		"recorded":              {ticked, func(w *world) { w.event(18, call, record.Done, 0) }, "done 18"},
		"recorded, unticked":    {unticked, func(w *world) { w.event(18, call, record.Done, 0) }, "done 18"},
		"of another step":       {"- [x] `acme/care/1/removal`", func(*world) {}, "not"},
		"of nobody":             {"- [x] `zeta/care/1/call`", func(*world) {}, "not"},
		"closed":                {unticked, func(w *world) { closeOn(&w.issues[0], 19, issue.Completed) }, "done 19"},
		"closed as not planned": {unticked, func(w *world) { closeOn(&w.issues[0], 19, issue.NotPlanned) }, "skipped 19"},
		"ticked, not planned":   {ticked, func(w *world) { closeOn(&w.issues[0], 19, issue.NotPlanned) }, "done 20"},
		"closed by us": {unticked, func(w *world) {
			closeOn(&w.issues[0], 19, issue.Completed)
			w.event(19, sharedCall, record.Closed, 30)
		}, "not"},
		"the text of people": {"", func(w *world) { w.issues[0].Body = ticked + "\n\n" + w.issues[0].Body }, "not"},
		"sign-offs missing":  {ticked, func(w *world) { w.step("call").Approve = []string{"vcio"} }, "not"},
		"in another issue": {"", func(w *world) {
			w.opened(recommend, 31).Body = strings.ReplaceAll(w.issues[0].Body, "-->\n\n<!-- almanac:end", "-->\n"+ticked+"\n<!-- almanac:end")
		}, "not"},
	} {
		t.Run(name, func(t *testing.T) {
			w := sharing(tt.row)
			tt.do(w)
			key := call
			if strings.Contains(tt.row, "removal") {
				key = removal
			}
			if got := ending(w.look(), key); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestSharedOnceRecorded: what is recorded keeps its day when the issue is closed.
func TestSharedOnceRecorded(t *testing.T) {
	w := sharing("- [x] **Acme** `acme/care/1/call`")
	w.event(18, call, record.Done, 0)
	closeOn(&w.issues[0], 19, issue.Completed)
	if e := w.look().Facts().Ended[call]; e.On != civil.New(2026, 5, 18) || e.Skipped {
		t.Errorf("%+v", e)
	}
}
