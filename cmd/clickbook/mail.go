package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/mail"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/commands/messaging"
)

func newMail(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "mail", Short: "Check the mail server, and take reports of emails that did not arrive"}
	group.AddCommand(newMailCheck(std, getenv), newMailBounce(std, getenv))
	return group
}

func newMailCheck(std cli.Streams, getenv func(string) string) *cobra.Command {
	var config mailConfig
	cmd := &cobra.Command{
		Use:   "check ADDRESS",
		Short: "Send one test email and show what the mail server says",
		Long: `Sends one test email through the mail server that serve would use, and prints the server's reply or what went
wrong. Nothing is recorded. The server may accept an email and fail to deliver it later, so look into the mailbox.`,
		Example: "  CLICKBOOK_SMTP_PASSWORD=… clickbook mail check me@example.org \\\n" +
			"    --smtp 'smtps://me%40example.org@mail.example.org?from=bookings@example.org&bounces=bounces@example.org'",
		Args: cli.ExactlyOne("one email address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			server, err := config.server()
			if err == nil && server == nil {
				err = errors.New("no mail server is configured: give --smtp (or CLICKBOOK_SMTP)")
			}
			if err != nil {
				return cli.AsUsage(err)
			}
			return checkMail(cmd.Context(), std, *server, args[0])
		},
	}
	config.flags(cmd, getenv)
	return cmd
}

// checkMail sends one email and prints what came of it.
func checkMail(ctx context.Context, std cli.Streams, server mail.Server, to string) (err error) {
	fmt.Fprintln(std.Out, server.Describe())
	out := mail.NewSMTP(server, mail.ReturnPaths{}, slog.New(slog.DiscardHandler))
	defer func() { err = errors.Join(err, out.Close()) }()
	const title = "A test email from ClickBook"
	text := "Hello,\n\nClickBook sent this email to check its mail server, " + server.Host +
		".\nIt arrived, so emails to your clients can be sent.\n\nNothing else needs to be done.\n"
	reply, err := out.Submit(ctx, messaging.Mail{
		Reference: "check-" + uuid.NewString(), To: to, Subject: title, Body: text,
		HTML: messaging.HTML("en", title, text), At: time.Now(),
	})
	var refused *messaging.MailRefused
	switch {
	case err == nil:
		_, err = fmt.Fprintf(std.Out, "accepted for %s: %s\n", to, reply)
		return err
	case errors.As(err, &refused) && refused.Code == "invalid_address":
		return cli.AsUsage(fmt.Errorf("invalid email address %q: write one such as me@example.org", to))
	case errors.As(err, &refused) && refused.Permanent:
		return fmt.Errorf("the mail server will not accept this email: %s", refused.Reply)
	case errors.As(err, &refused):
		return fmt.Errorf("the mail server did not accept this email now; serve would try again: %s", refused.Reply)
	}
	return err
}
