package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
)

func newProviderRegister(std cli.Streams, getenv func(string) string) *cobra.Command {
	var kind, label string
	var settings, secrets []string
	cmd := &cobra.Command{
		Use:   "register NAME --kind KIND",
		Short: "Register a provider with its settings and secrets",
		Long: `Registers a provider and prints where it must report receipts and replies. clickbook provider kinds lists what
each kind needs. Set a route afterwards, so that texts go to it.

Give a secret as NAME=@FILE, or as NAME=$VARIABLE to read an environment variable: other users of a machine can read
the arguments of a process.`,
		Example: `  clickbook provider register t1 --kind twilio --set account_sid=AC… --secret auth_token=@token.txt`,
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&kind, "kind", "", "`KIND` of the provider")
	cmd.Flags().StringVar(&label, "label", "", "`TEXT` that lists show")
	cmd.Flags().StringArrayVar(&settings, "set", nil, "`NAME=VALUE` of a setting, once for each")
	cmd.Flags().StringArrayVar(&secrets, "secret", nil, "`NAME=@FILE` or NAME=$VARIABLE of a secret, once for each")
	return withServer(cmd, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		set, err := pairs("--set", settings, func(value string) (string, error) { return value, nil })
		sealed, err2 := pairs("--secret", secrets, func(value string) (string, error) { return readSecret(value, getenv) })
		if err := errors.Join(err, err2); err != nil {
			return cli.AsUsage(err)
		}
		body := map[string]any{"provider": args[0], "kind": kind, "settings": set, "secrets": sealed}
		if label != "" {
			body["label"] = label
		}
		if err := server.Post(ctx, "/providers", body, nil); err != nil {
			return err
		}
		return printProvider(ctx, std, server, args[0])
	})
}

// printProvider prints one provider.
func printProvider(ctx context.Context, std cli.Streams, server remote.Server, name string) error {
	var list struct{ Items []shownProvider }
	if err := server.Get(ctx, "/providers", nil, &list); err != nil {
		return err
	}
	for _, one := range list.Items {
		if one.Provider == name {
			one.print(std.Out)
		}
	}
	return nil
}

// pairs reads NAME=VALUE flags.
func pairs(flag string, given []string, read func(string) (string, error)) (map[string]string, error) {
	values := make(map[string]string)
	var problems []error
	for _, one := range given {
		name, value, ok := strings.Cut(one, "=")
		if _, again := values[name]; !ok || name == "" || again {
			problems = append(problems, fmt.Errorf("invalid %s %q: write NAME=VALUE, each name once", flag, name))
			continue
		}
		value, err := read(value)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %s: %w", flag, name, err))
		}
		values[name] = value
	}
	return values, errors.Join(problems...)
}

// readSecret reads "@FILE" or "$VARIABLE".
func readSecret(from string, getenv func(string) string) (string, error) {
	if path, ok := strings.CutPrefix(from, "@"); ok {
		data, err := os.ReadFile(path)
		return strings.TrimRight(string(data), "\r\n"), err
	}
	if name, ok := strings.CutPrefix(from, "$"); ok {
		if value := getenv(name); value != "" {
			return value, nil
		}
		return "", fmt.Errorf("the environment variable %s is empty", name)
	}
	return "", errors.New("write @FILE or $VARIABLE; other users of a machine can read the arguments of a process")
}

func newProviderConfigure(std cli.Streams, getenv func(string) string) *cobra.Command {
	var settings []string
	cmd := &cobra.Command{
		Use: "configure NAME", Short: "Replace the settings of a provider; its secrets stay", Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringArrayVar(&settings, "set", nil, "`NAME=VALUE` of a setting, once for each")
	return withServer(cmd, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		set, err := pairs("--set", settings, func(value string) (string, error) { return value, nil })
		if err != nil {
			return cli.AsUsage(err)
		}
		body := map[string]any{"settings": set}
		if err := server.Post(ctx, "/providers/"+args[0]+"/configure", body, nil); err != nil {
			return err
		}
		return printProvider(ctx, std, server, args[0])
	})
}

func newProviderSecret(std cli.Streams, getenv func(string) string) *cobra.Command {
	return withServer(&cobra.Command{
		Use:   "secret NAME FIELD=@FILE",
		Short: "Set the newest value of a secret; the one before stays valid",
		Long: `Sets the newest value of a secret. The value before it stays valid, so that calls signed with either are
accepted while the secret is changed at the provider. clickbook provider drop ends the older one.`,
		Args: cobra.ExactArgs(2),
	}, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		sealed, err := pairs("secret", args[1:], func(value string) (string, error) { return readSecret(value, getenv) })
		if err != nil {
			return cli.AsUsage(err)
		}
		for field, value := range sealed {
			body := map[string]string{"value": value}
			if err := server.Post(ctx, "/providers/"+args[0]+"/secrets/"+field, body, nil); err != nil {
				return err
			}
		}
		return printProvider(ctx, std, server, args[0])
	})
}

func newProviderDrop(std cli.Streams, getenv func(string) string) *cobra.Command {
	return withServer(&cobra.Command{
		Use: "drop NAME FIELD", Short: "End the older of two valid values of a secret", Args: cobra.ExactArgs(2),
	}, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		if err := server.Post(ctx, "/providers/"+args[0]+"/secrets/"+args[1]+"/drop", nil, nil); err != nil {
			return err
		}
		return printProvider(ctx, std, server, args[0])
	})
}
