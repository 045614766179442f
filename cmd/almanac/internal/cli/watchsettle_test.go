package cli

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settling is a settler with sources of its own, in a bubble with a clock of its own.
type settling struct {
	t      *testing.T
	began  time.Time
	events chan fsnotify.Event
	errors chan error
	s      *settler
}

// settle runs a test with a settler on a clock that only moves while all wait.
func settle(t *testing.T, test func(*settling)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		x := &settling{t: t, began: time.Now(), events: make(chan fsnotify.Event), errors: make(chan error)}
		x.s = newSettler("/repo", x.events, x.errors)
		go x.s.run(ctx)
		test(x)
		cancel()
		for range x.s.settled {
		}
	})
}

func (x *settling) save(name string) { x.events <- fsnotify.Event{Name: name, Op: fsnotify.Write} }

// signal waits for a signal and returns when it came.
func (x *settling) signal() time.Duration {
	<-x.s.settled
	return time.Since(x.began)
}

// silent fails the test if there is a signal within a minute.
func (x *settling) silent() {
	x.t.Helper()
	select {
	case <-x.s.settled:
		x.t.Errorf("a signal after %s", time.Since(x.began))
	case <-time.After(time.Minute):
	}
}

func TestSettleOneSave(t *testing.T) {
	settle(t, func(x *settling) {
		x.save("/repo/clients/acme.yaml")
		if at := x.signal(); at != quietPeriod {
			t.Errorf("signal after %s, want %s", at, quietPeriod)
		}
		x.silent()
	})
}

func TestSettleBurst(t *testing.T) {
	settle(t, func(x *settling) {
		for range 10 {
			x.save("/repo/clients/acme.yaml")
			time.Sleep(quietPeriod / 2)
		}
		if at := x.signal(); at != 9*quietPeriod/2+quietPeriod {
			t.Errorf("signal after %s", at)
		}
		x.silent()
	})
}

// TestSettleEndless goes on for ten times as long as a burst may: a signal must come that
// often, and one for what is left.
func TestSettleEndless(t *testing.T) {
	settle(t, func(x *settling) {
		count, done := 0, make(chan struct{})
		go func() {
			defer close(done)
			for end := time.Now().Add(10*longestBurst + quietPeriod); time.Now().Before(end); time.Sleep(quietPeriod / 2) {
				x.save("/repo/clients/acme.yaml")
			}
		}()
		for ; count < 9; count++ {
			x.signal()
		}
		if at := time.Since(x.began); at > 10*longestBurst {
			t.Errorf("nine signals after %s", at)
		}
		<-done
		x.signal()
	})
}

// TestSettleWhileReading has bursts while nobody takes signals: one is left for them all,
// and events are taken all the time.
func TestSettleWhileReading(t *testing.T) {
	settle(t, func(x *settling) {
		for range 5 {
			x.save("/repo/clients/acme.yaml")
			time.Sleep(2 * quietPeriod)
		}
		x.signal()
		x.silent()
	})
}

// TestSettleForeign: a file that grows and is not read asks for no reading, as does the
// answer of the watch itself that goes into a log beside the files.
func TestSettleForeign(t *testing.T) {
	settle(t, func(x *settling) {
		x.save("/repo/watch.log")
		x.save("/repo/out")
		x.silent()
		for _, name := range []string{"logos/acme.SVG", "almanac.yml", "cue.mod/module.cue", ".almanacignore"} {
			x.save("/repo/" + name)
			x.signal()
		}
		x.events <- fsnotify.Event{Name: "/repo/prospects", Op: fsnotify.Create}
		x.signal()
	})
}

func TestSettleFaults(t *testing.T) {
	settle(t, func(x *settling) {
		x.errors <- fsnotify.ErrEventOverflow
		if err := <-x.s.settled; err != nil {
			t.Errorf("an overflow is told as %v", err)
		}
		broken := errors.New("broken")
		x.errors <- broken
		if err := <-x.s.settled; err != broken {
			t.Errorf("got %v, want %v", err, broken)
		}
		x.save("/repo/clients/acme.yaml")
		if err := <-x.s.settled; err != nil {
			t.Errorf("the fault is told twice: %v", err)
		}
	})
}

// TestSettleEnds closes a source: whoever waits for signals must hear of it.
func TestSettleEnds(t *testing.T) {
	for _, end := range []func(*settling){
		func(x *settling) { close(x.events) },
		func(x *settling) { close(x.errors) },
	} {
		settle(t, func(x *settling) {
			end(x)
			if _, open := <-x.s.settled; open {
				t.Error("a signal where the end was expected")
			}
		})
	}
}

func TestSettleMatters(t *testing.T) {
	s := newSettler("/srv/.config", nil, nil)
	for _, tc := range []struct {
		name string
		op   fsnotify.Op
		want bool
	}{
		{"/srv/.config/clients/acme.yaml", fsnotify.Write, true},
		{"/srv/.config/clients/acme.yaml", fsnotify.Create, true},
		{"/srv/.config/clients/acme.yaml", fsnotify.Rename, true},
		{"/srv/.config/clients/acme.yaml", fsnotify.Remove, true},
		{"/srv/.config/clients/acme.yaml", fsnotify.Chmod, false},
		{"/srv/.config/clients/acme.yaml", fsnotify.Chmod | fsnotify.Write, true},
		{"/srv/.config/logos/acme.svg", fsnotify.Write, true},
		{"/srv/.config/clients", fsnotify.Create, true},
		{"/srv/.config/clients/2041", fsnotify.Create, true},
		{"/srv/.config/.almanacignore", fsnotify.Write, true},
		{"/srv/.config/.almanac", fsnotify.Create, false},
		{"/srv/.config/.git", fsnotify.Create, false},
		{"/srv/.config/clients/.acme.yaml.swp", fsnotify.Write, false},
		{"/srv/.config/clients/acme.yaml~", fsnotify.Write, false},
		{"/srv/.config/clients/#acme.yaml#", fsnotify.Write, false},
		{"/srv/.config/clients/acme.yaml.tmp", fsnotify.Write, false},
		{"/srv/.config/clients/acme.yaml___jb_tmp___", fsnotify.Write, false},
		{"/srv/.config", fsnotify.Remove, true},
		{"", 0, false},
	} {
		if got := s.matters(fsnotify.Event{Name: tc.name, Op: tc.op}); got != tc.want {
			t.Errorf("%s %s: %v, want %v", tc.op, tc.name, got, tc.want)
		}
	}
}
