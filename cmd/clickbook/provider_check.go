package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
)

// shownCheck is the test of a provider as the API shows it.
type shownCheck struct {
	Credentials, Reference, State, Code string
	ProviderID                          string `json:"provider_id"`
}

func newProviderCheck(std cli.Streams, getenv func(string) string) *cobra.Command {
	var to, from, text string
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "check NAME [--to NUMBER]",
		Short: "Test the credentials of a provider, and send one text to a number",
		Long: `Tests the credentials. With --to, it sends one text to the number, which belongs to no account and costs no
credits, and waits for its receipt. Receipts arrive at a running server: use --server for that.`,
		Example: "  CLICKBOOK_KEY=$ADMIN_KEY clickbook provider check t1 --server http://127.0.0.1:8080 --to +16045550101",
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&to, "to", "", "`NUMBER` that gets the text, such as +16045550101")
	cmd.Flags().StringVar(&from, "from", "", "`SENDER` of the text; without it, the provider's default")
	cmd.Flags().StringVar(&text, "text", "", "`TEXT` to send")
	cmd.Flags().DurationVar(&wait, "wait", time.Minute, "how long to wait for a receipt")
	return withServer(cmd, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		body := make(map[string]string)
		for name, value := range map[string]string{"to": to, "from": from, "text": text} {
			if value != "" {
				body[name] = value
			}
		}
		var check shownCheck
		if err := server.Post(ctx, "/providers/"+args[0]+"/check", body, &check); err != nil {
			return err
		}
		fmt.Fprintf(std.Out, "credentials: %s\n", check.Credentials)
		if to == "" {
			return nil
		}
		fmt.Fprintf(std.Out, "text: %s\n", strings.TrimSpace(check.State+" "+check.Code))
		return waitForReceipt(ctx, std, server, args[0], check, wait)
	})
}

// waitForReceipt prints the receipt of a test text when it arrives.
func waitForReceipt(
	ctx context.Context, std cli.Streams, server remote.Server, name string, check shownCheck, wait time.Duration,
) error {
	ctx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for check.State == "sent" || check.State == "in doubt" {
		select {
		case <-ctx.Done():
			fmt.Fprintf(std.Out, "receipt: none within %s\n", wait)
			return nil
		case <-ticker.C:
		}
		before := check.State
		err := server.Get(ctx, "/providers/"+name+"/checks/"+check.Reference, nil, &check)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if check.State != before {
			fmt.Fprintf(std.Out, "receipt: %s\n", strings.TrimSpace(check.State+" "+check.Code))
		}
	}
	return nil
}
