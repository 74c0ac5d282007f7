package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
)

// newProvider returns the commands about SMS providers. They work through a running server, or open the data directory
// of a stopped one.
func newProvider(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "provider", Short: "List, register, configure and test SMS providers"}
	group.AddCommand(
		newProviderKinds(std, getenv), newProviderList(std, getenv), newProviderRegister(std, getenv),
		newProviderConfigure(std, getenv), newProviderSecret(std, getenv), newProviderDrop(std, getenv),
		newProviderCheck(std, getenv), newProviderDisable(std, getenv), newProviderEnable(std, getenv),
	)
	return group
}

// withServer completes a command that works through the API: that of a running server, or one that is started on the
// data directory for the time of the command.
func withServer(
	cmd *cobra.Command, std cli.Streams, getenv func(string) string,
	work func(ctx context.Context, server remote.Server, args []string) error,
) *cobra.Command {
	var at installation.Location
	var server remote.Server
	locationFlags(&at, cmd, getenv)
	server.Flags(cmd, getenv)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if server.Given() {
			if err := server.Check(); err != nil {
				return err
			}
			return work(cmd.Context(), server, args)
		}
		return installation.Briefly(cmd.Context(), at, briefOptions(std), func(ctx context.Context, url, key string) error {
			return work(ctx, remote.At(url, key), args)
		})
	}
	return cmd
}

// briefOptions are those of a server that serves one command.
func briefOptions(std cli.Streams) installation.Options {
	return installation.Options{
		Now: time.Now, Log: slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelError})),
		Network: simulatedNetwork,
	}
}

// providerKind is a kind as the API shows it.
type providerKind struct {
	Kind, Title string
	Fields      []struct {
		Name, Help, Default         string
		Secret, Required, Generated bool
	}
}

func newProviderKinds(std cli.Streams, getenv func(string) string) *cobra.Command {
	return withServer(&cobra.Command{
		Use: "kinds", Short: "List the kinds of providers, and the settings and secrets of each", Args: cobra.NoArgs,
	}, std, getenv, func(ctx context.Context, server remote.Server, _ []string) error {
		var list struct{ Items []providerKind }
		if err := server.Get(ctx, "/provider-kinds", nil, &list); err != nil {
			return err
		}
		for _, kind := range list.Items {
			fmt.Fprintf(std.Out, "%s: %s\n", kind.Kind, kind.Title)
			for _, field := range kind.Fields {
				form, notes := "--set", "optional"
				if field.Secret {
					form = "--secret"
				}
				switch {
				case field.Required:
					notes = "required"
				case field.Generated:
					notes = "made up if left out"
				case field.Default != "":
					notes = "default " + field.Default
				}
				fmt.Fprintf(std.Out, "  %s %s=…\t%s (%s)\n", form, field.Name, field.Help, notes)
			}
		}
		return nil
	})
}

// shownProvider is a provider as the API shows it.
type shownProvider struct {
	Provider, Kind, Label, Reason string
	Enabled                       bool
	Settings                      map[string]string
	Secrets                       []struct {
		Name, Value string
		Valid       int
	}
	ReceiptsURL string `json:"receipts_url"`
	InboundURL  string `json:"inbound_url"`
	Problems    []string
}

func newProviderList(std cli.Streams, getenv func(string) string) *cobra.Command {
	return withServer(&cobra.Command{
		Use: "list", Short: "List the providers, their configuration and where they report", Args: cobra.NoArgs,
	}, std, getenv, func(ctx context.Context, server remote.Server, _ []string) error {
		var list struct{ Items []shownProvider }
		if err := server.Get(ctx, "/providers", nil, &list); err != nil {
			return err
		}
		if len(list.Items) == 0 {
			fmt.Fprintln(std.Out, "no provider is registered; clickbook provider register adds one")
		}
		for _, one := range list.Items {
			one.print(std.Out)
		}
		return nil
	})
}

func (p shownProvider) print(out io.Writer) {
	state := "enabled"
	if !p.Enabled {
		state = "disabled: " + p.Reason
	}
	fmt.Fprintf(out, "%s\t%s\t%s\n", p.Provider, p.Kind, state)
	for _, name := range slices.Sorted(maps.Keys(p.Settings)) {
		fmt.Fprintf(out, "  %s=%s\n", name, p.Settings[name])
	}
	for _, secret := range p.Secrets {
		fmt.Fprintf(out, "  %s=%s (%d valid)\n", secret.Name, secret.Value, secret.Valid)
	}
	if p.Kind != "simulated" {
		fmt.Fprintf(out, "  receipts at %s\n  replies at %s\n", p.ReceiptsURL, p.InboundURL)
	}
	for _, problem := range p.Problems {
		fmt.Fprintf(out, "  problem: %s\n", problem)
	}
}

func newProviderDisable(std cli.Streams, getenv func(string) string) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "disable NAME --reason TEXT", Short: "Take a provider out of every route", Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why")
	return withServer(cmd, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		return server.Post(ctx, "/providers/"+args[0]+"/disable", map[string]string{"reason": reason}, nil)
	})
}

func newProviderEnable(std cli.Streams, getenv func(string) string) *cobra.Command {
	return withServer(&cobra.Command{
		Use: "enable NAME", Short: "Allow a provider to be used again", Args: cobra.ExactArgs(1),
	}, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		return server.Post(ctx, "/providers/"+args[0]+"/enable", nil, nil)
	})
}
