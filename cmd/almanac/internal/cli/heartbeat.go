package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
	"github.com/almanac-gitops/almanac/schema"
	"github.com/almanac-gitops/almanac/schema/civil"
	"github.com/almanac-gitops/almanac/schema/diag"
)

// staleHeartbeat says that runs no longer succeed, or returns "". A ledger without any
// success yet is not stale: the first run is still to come.
func staleHeartbeat(org *schema.Organization, last, now time.Time) string {
	if last.IsZero() {
		return ""
	}
	after := org.HeartbeatAfter()
	cal, err := civil.NewCalendar(org.Calendar())
	if err != nil {
		return ""
	}
	day := civil.Of(last.UTC())
	late := last.Add(time.Duration(cal.Add(day, after, 1)-day) * 24 * time.Hour)
	if !now.After(late) {
		return ""
	}
	return fmt.Sprintf("the last success was %s ago (%s), longer than the %s that policies.heartbeat allows: look at the reconcile workflow",
		now.Sub(last).Round(time.Minute), last.UTC().Format(time.RFC3339), after)
}

// silence returns what is to be said when the ledger tells that runs no longer succeed, or
// "". A ledger that cannot be read is told and fails nothing: the files may be right all the
// same.
func (c *Command) silence(ctx context.Context, w *workspace, v *validateOptions) string {
	if v.ledger == "" || w.catalog.Organization == nil {
		return ""
	}
	l, err := c.findLedger(&engineOptions{options: v.options, ledger: v.ledger}, w, "")
	if err == nil {
		var h *reconcile.History
		if h, err = l.Load(ctx); err == nil {
			return staleHeartbeat(w.catalog.Organization, h.Heartbeat, c.Now())
		}
	}
	return "the ledger cannot be looked into: " + err.Error()
}

// annotated returns the faults with a warning of silence among them. It belongs to no file
// and so comes first of the warnings: GitHub shows ten of a step and drops the rest.
func annotated(faults diag.List, silence string) diag.List {
	if silence == "" {
		return faults
	}
	return append(diag.List{{Severity: diag.Warning, Rule: "almanac", Message: silence}}, faults...)
}

// heartbeatTimeout bounds the call of a watchdog.
const heartbeatTimeout = 10 * time.Second

// beat calls the address that wants to know of every success. That it cannot be reached is
// told and fails nothing: it is there to notice runs that fail, not to make them. The
// address is a secret and never shown.
func (c *Command) beat(ctx context.Context, org *schema.Organization) {
	from := org.Policies.Heartbeat.URLFrom
	if from == nil {
		return
	}
	address := c.Getenv(from.Env)
	if address == "" {
		c.talk("warning: %s is not set, so no watchdog was told of this success", from.Env)
		return
	}
	if err := call(ctx, address); err != nil {
		c.talk("warning: the watchdog of %s was not told of this success: %v", from.Env, err)
	}
}

// call asks for an address and reports whether the answer is a success. Errors do not
// hold the address.
func call(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return errors.New("its value is not an address")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("no answer in time")
		}
		return errors.New("it cannot be reached")
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("it answered %d", answer.StatusCode)
	}
	return nil
}
