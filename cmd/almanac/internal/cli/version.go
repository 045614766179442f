package cli

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// changes ends the version of a build with changes that are in no commit.
const changes = "+changes"

// toolVersion names the build: the version of the module, or the commit it was built from.
func toolVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version, revision, dirty := info.Main.Version, "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = changes
		}
	}
	if version == "" || version == "(devel)" {
		version = "development"
		if len(revision) >= 12 {
			version = revision[:12] + dirty
		}
	}
	return version
}

// buildID is the version for the cache: of two builds that find different faults it must not
// be the same. A build without a commit, or with changes on top of one, is told apart by its
// file, of which info says what is known.
func buildID(version string, info os.FileInfo) string {
	exact := version != "unknown" && version != "development" && !strings.HasSuffix(version, changes) &&
		!strings.HasSuffix(version, "+dirty") // as Go itself says it
	if exact || info == nil {
		return version
	}
	return fmt.Sprintf("%s of %d bytes from %s", version, info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano))
}

// thisBuild is the buildID of the program that runs.
func thisBuild() string {
	name, err := os.Executable()
	if err != nil {
		return toolVersion()
	}
	info, err := os.Stat(name)
	if err != nil {
		info = nil
	}
	return buildID(toolVersion(), info)
}

func newVersion(c *Command, _ *options) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Say which version this is",
		Example: "  almanac version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.Stdout, "almanac %s %s %s/%s\n", toolVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
