package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quietPeriod is how long nothing may happen for a burst of events to be over: longer
	// than an editor needs between writing a new file and putting it in place of the old
	// one, and too short to be noticed.
	quietPeriod = 100 * time.Millisecond
	// longestBurst is how long a burst may last before the files are read in spite of it.
	longestBurst = time.Second
)

// settler turns the events of a file system into signals to read the files.
type settler struct {
	events <-chan fsnotify.Event
	errors <-chan error
	// root is the folder whose own events count, whatever its name.
	root string
	// settled gets a value when a burst is over: nil, or what went wrong in it. It holds one
	// value, so that any number of bursts while the files are read ask for one more reading,
	// and events are taken from the system all the time.
	settled chan error
}

func newSettler(root string, events <-chan fsnotify.Event, errors <-chan error) *settler {
	return &settler{events: events, errors: errors, root: root, settled: make(chan error, 1)}
}

// run works until ctx or one of the sources ends, and then closes settled.
func (s *settler) run(ctx context.Context) {
	defer close(s.settled)
	timer := time.NewTimer(longestBurst)
	timer.Stop()
	defer timer.Stop()
	var began time.Time
	var fault error
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			select {
			case s.settled <- fault:
			default:
			}
			began, fault = time.Time{}, nil
			continue
		case e, ok := <-s.events:
			if !ok {
				return
			}
			if !s.matters(e) {
				continue
			}
		case err, ok := <-s.errors:
			if !ok {
				return
			}
			// Whatever it was, events may be lost. Too many at once are no fault: all files
			// are read in any case.
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				fault = err
			}
		}
		now := time.Now()
		if began.IsZero() {
			began = now
		}
		timer.Reset(min(quietPeriod, longestBurst-now.Sub(began)))
	}
}

// matters reports whether an event may change what the files say. Changes of permissions
// alone do not count: virus scanners and search indexes cause them without end. Nor do
// names that are not read, and those under which editors keep what is not saved yet; least
// of all a log in the repository that the watch itself is written to, where every answer
// would ask for the next. What comes, goes or gets another name may be a folder and counts.
func (s *settler) matters(e fsnotify.Event) bool {
	if e.Op == 0 || e.Op == fsnotify.Chmod {
		return false
	}
	name := filepath.Base(e.Name)
	switch {
	case e.Name == s.root, name == ".almanacignore":
		return true
	case strings.HasPrefix(name, "."), strings.HasSuffix(name, "~"), strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#"):
		return false
	case strings.HasSuffix(name, ".tmp"), strings.HasSuffix(name, "___jb_tmp___"), strings.HasSuffix(name, "___jb_old___"):
		return false
	case e.Op&^fsnotify.Chmod == fsnotify.Write:
		return bears(filepath.ToSlash(e.Name)) || pictured(name)
	}
	return true
}

// pictured reports whether a file may be a logo.
func pictured(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".svg", ".jpg", ".jpeg":
		return true
	}
	return false
}
