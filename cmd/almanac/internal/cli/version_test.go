package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Two builds of one version share a cache only where the version says all there is to say.
func TestBuildID(t *testing.T) {
	file := func(text string, at time.Time) os.FileInfo {
		name := filepath.Join(t.TempDir(), "almanac")
		if err := os.WriteFile(name, []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	day := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	one, again, longer, later := file("a", day), file("b", day), file("ab", day), file("a", day.Add(time.Second))
	for _, version := range []string{"development", "unknown", "0123456789ab+changes", "v1.2.3+dirty"} {
		if id := buildID(version, one); id != buildID(version, again) || id == buildID(version, longer) || id == buildID(version, later) {
			t.Errorf("%s: %q, %q, %q, %q", version, id, buildID(version, again), buildID(version, longer), buildID(version, later))
		}
	}
	for _, version := range []string{"v1.2.3", "0123456789ab"} {
		if buildID(version, one) != version || buildID(version, later) != version {
			t.Errorf("%s: %q", version, buildID(version, one))
		}
	}
	if buildID("development", nil) != "development" {
		t.Error("nothing is known of the file")
	}
}
