package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newRebuild(std streams, getenv func(string) string) *cobra.Command {
	var at home
	cmd := &cobra.Command{
		Use:   "rebuild [NAME ...]",
		Short: "Make read models anew from the log",
		Long: "Makes all read models anew, or those named, and says of each whether its rows are the same as before.\n" +
			"The log is only read. A server must not run on the same data directory.",
		Example: "  clickbook rebuild --data ./may\n  clickbook rebuild calendar clients --data ./may",
		RunE: func(cmd *cobra.Command, names []string) (err error) {
			in, err := openExisting(cmd.Context(), at)
			if err != nil {
				return err
			}
			defer func() { err = closing(err, in) }()
			bar := progress(std.err, 1, "rebuilding") // the first step says how long it is
			rebuilt, err := in.projector.Rebuild(cmd.Context(), func(done, total int) {
				bar.ChangeMax(total)
				_ = bar.Set(done)
			}, names...)
			_ = bar.Finish()
			for _, one := range rebuilt {
				verdict := "the same rows as before"
				if !one.Same() {
					verdict = "other rows than before"
				}
				fmt.Fprintf(std.out, "%s\t%d rows\t%s\n", one.Name, one.Rows, verdict)
			}
			return err
		},
	}
	at.flags(cmd, getenv)
	return cmd
}
