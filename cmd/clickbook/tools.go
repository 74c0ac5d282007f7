package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/jsonlines"
)

func newAvailability(std streams) *cobra.Command {
	group := &cobra.Command{Use: "availability", Short: "Ask the availability rules directly, without a store"}
	group.AddCommand(&cobra.Command{
		Use:   "eval < questions.jsonl",
		Short: "Answer one JSON question a line",
		Long: `Reads one {"id","kind","input"} a line and prints {"id","result"}, or {"id","error"} where the input is` +
			"\nno question of a kind it knows. It calls the same pure functions as the server.",
		Example: `  echo '{"id":"1","kind":"local_to_utc","input":
    {"tzid":"America/New_York","local":"2007-11-04T01:30:00"}}' | tr -d '\n' | clickbook availability eval`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return jsonlines.EvalAvailability(cmd.Context(), std.in, std.out)
		},
	})
	return group
}

func newVersion(std streams) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which build this is", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(std.out, "clickbook %s (%s, %s/%s)\n",
				version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// version is what the build recorded of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// revision is the commit the build was made from, "" when it does not say.
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
