package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
)

// maxReport is how much of a report is read. What it says about the email comes first; the email itself follows.
const maxReport = 256 << 10

func newMailBounce(std cli.Streams, getenv func(string) string) *cobra.Command {
	var server remote.Server
	cmd := &cobra.Command{
		Use:   "bounce",
		Short: "Report an email that came back to the running server",
		Long: `Reads a delivery status report (RFC 3464) from standard input, as a mail server pipes it to a command, and
reports it to the running server. Deliver what arrives for bounces+…@ of the address in bounces= to this command.`,
		Example: "  CLICKBOOK_KEY=$ADMIN_KEY clickbook mail bounce --server http://127.0.0.1:8080 < report.eml\n" +
			"  # Postfix, in /etc/aliases:  bounces: \"|/usr/local/bin/clickbook-bounce\"",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !server.Given() {
				return cli.AsUsage(errors.New("--server is required: a report goes to the running server"))
			}
			if err := server.Check(); err != nil {
				return err
			}
			return bounce(cmd.Context(), std, server)
		},
	}
	server.Flags(cmd, getenv)
	return cmd
}

func bounce(ctx context.Context, std cli.Streams, server remote.Server) error {
	report, err := io.ReadAll(io.LimitReader(std.In, maxReport))
	if err != nil {
		return fmt.Errorf("cannot read the report: %w", err)
	}
	if _, err := io.Copy(io.Discard, std.In); err != nil { // a mail server wants to write all of it
		return fmt.Errorf("cannot read the report: %w", err)
	}
	if len(report) == 0 {
		return cli.AsUsage(errors.New("the report on standard input is empty: write clickbook mail bounce < report.eml"))
	}
	var taken struct {
		Message            string
		Arrives, Permanent bool
		Code               string
	}
	if err := server.Post(ctx, "/mail/bounces", map[string][]byte{"report": report}, &taken); err != nil {
		return err
	}
	outcome := "came back; this email has failed"
	switch {
	case taken.Arrives:
		outcome = "has arrived or still may; nothing was changed"
	case taken.Permanent:
		outcome = "came back; its address takes no email"
	}
	_, err = fmt.Fprintf(std.Out, "the email of message %s %s %s\n", taken.Message, outcome, taken.Code)
	return err
}
