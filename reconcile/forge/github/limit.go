package github

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/almanac-gitops/almanac/reconcile"
)

// maxLimit is the longest that a limit can last: all of them are counted by the hour.
const maxLimit = time.Hour

// verdict is what an answer, or none, means for the request.
type verdict struct {
	// err is nil for an answer that is handed on.
	err error
	// again says that the request may be sent once more, after wait.
	again bool
	wait  time.Duration
	// limited says that GitHub takes nothing until wait has passed.
	limited bool
}

// verdict judges one try. A refusal for a limit may be tried again whatever the request
// was, because GitHub did nothing. After a lost answer or a fault of the server only reads
// are, because a write may have happened.
func (t *transport) verdict(resp *http.Response, err error, k kind, maybe bool, try int) verdict {
	switch {
	case err != nil:
		return lost(err, k, maybe, try)
	case resp.StatusCode >= 500:
		return lost(fmt.Errorf("answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode)), k, true, try)
	case t.isLimit(resp):
		wait := t.limitWait(resp, try)
		until := t.now().Add(wait)
		text := "the rate limit of GitHub is used up until " + clock(until)
		return verdict{again: true, wait: wait, limited: true, err: &failure{text: text, kind: reconcile.ErrDeferred, status: resp.StatusCode}}
	}
	return verdict{}
}

// lost is the verdict where there is no answer to go by.
func lost(err error, k kind, maybe bool, try int) verdict {
	var own *failure
	switch {
	case errors.As(err, &own):
		return verdict{err: err}
	case k == read:
		stopped := errors.Is(err, context.Canceled)
		return verdict{err: &failure{text: network(err), kind: cause(err)}, again: !stopped, wait: time.Second << (try - 1)}
	case maybe:
		return verdict{err: &failure{text: network(err), kind: reconcile.ErrUnknownOutcome}}
	}
	return verdict{err: &failure{text: "could not reach GitHub: " + network(err), kind: cause(err)}}
}

// isLimit tells a limit from a missing permission: both are 403. The text is looked at
// because GitHub often leaves out Retry-After and changes the address of the page that
// explains it. A 422 with the text of a limit has been seen too.
func (t *transport) isLimit(resp *http.Response) bool {
	text := ""
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		if resp.Header.Get("Retry-After") != "" {
			return true
		}
		text = strings.ToLower(peek(resp))
		if text == "" && resp.Header.Get("X-RateLimit-Remaining") == "0" {
			return true
		}
	case http.StatusUnprocessableEntity:
		return strings.Contains(peek(resp), "submitted too quickly")
	}
	return strings.Contains(text, "rate limit") || strings.Contains(text, "rate-limit") || strings.Contains(text, "abuse")
}

// limitWait says how long a limit lasts, in GitHub's order: Retry-After, the reset where
// nothing remains, else a minute, doubled with every try
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit).
// The reset of the primary limit says nothing about a secondary one. It is compared with
// the clock of the answer, not with ours.
func (t *transport) limitWait(resp *http.Response, try int) time.Duration {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		date = t.now()
	}
	if s := resp.Header.Get("Retry-After"); s != "" {
		if n, err := strconv.Atoi(s); err == nil && n >= 0 {
			return bound(time.Duration(min(n, int(maxLimit/time.Second))) * time.Second)
		}
		if at, err := http.ParseTime(s); err == nil {
			return bound(at.Sub(date))
		}
	}
	if resp.Header.Get("X-RateLimit-Remaining") == "0" {
		if n, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return bound(time.Unix(n, 0).Sub(date)) + time.Second
		}
	}
	return time.Minute << (try - 1)
}

func bound(d time.Duration) time.Duration { return min(max(d, time.Second), maxLimit) }

// peek returns the text of an answer and leaves it to be read again.
func peek(resp *http.Response) string {
	b, _ := io.ReadAll(resp.Body) // it is in memory: see once
	resp.Body = io.NopCloser(bytes.NewReader(b))
	return string(b)
}

// clock formats a time for people.
func clock(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }
