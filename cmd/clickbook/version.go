package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/domain/zones"
)

func newVersion(std cli.Streams) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the versions of this build and of its time zones", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			table := zones.Current()
			_, err := fmt.Fprintf(std.Out, "clickbook %s (%s, %s/%s)\ntime zones %s (%s)\n",
				version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, table.Version(), table.Source())
			return err
		},
	}
}

// version returns the module version of the build, or (devel).
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// revision returns the commit of the build, or "" if the build does not record it.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
