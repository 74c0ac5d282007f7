package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	pgviews "github.com/clickbook/clickbook/adapters/postgres/views"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
)

func newAdmin(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "admin", Short: "Make a new admin key"}
	group.AddCommand(newAdminKey(std, getenv))
	return group
}

func newAdminKey(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Location
	var server remote.Server
	var label string
	cmd := &cobra.Command{
		Use:   "new-key",
		Short: "Make and print a new admin key",
		Long: `Makes an admin key and prints it once. It needs the data directory and no other key, for the day when the
admin key is lost. Other keys stay valid; DELETE /keys/{prefix} revokes one.

Stop a server on the same data directory for that moment. With --server and an admin key in CLICKBOOK_KEY, the running
server makes the new one.`,
		Example: "  clickbook admin new-key --data ./may --label 'new laptop'\n" +
			"  CLICKBOOK_KEY=$ADMIN_KEY clickbook admin new-key --server http://127.0.0.1:8080",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			issue := newKey
			if server.Given() {
				issue = func(ctx context.Context, _ installation.Location, label string) (string, error) {
					return newKeyRemotely(ctx, server, label)
				}
			}
			key, err := issue(cmd.Context(), at, label)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(std.Out, "admin key, printed only now and not stored: keep it\n  ADMIN_KEY=%s\n", key)
			return err
		},
	}
	locationFlags(&at, cmd, getenv)
	server.Flags(cmd, getenv)
	cmd.Flags().StringVar(&label, "label", "clickbook admin new-key", "`TEXT` that lists of keys show")
	return cmd
}

// newKey makes an admin key in a data directory that no server uses.
func newKey(ctx context.Context, at installation.Location, label string) (key string, err error) {
	in, err := installation.OpenExisting(ctx, at)
	switch {
	case errors.Is(err, dbfile.ErrLocked), errors.Is(err, pgviews.ErrLocked):
		return "", fmt.Errorf("%w. If it is the server, stop it for a moment, run this again and start it; "+
			"or use --server with an admin key in CLICKBOOK_KEY", err)
	case err != nil:
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if key, err = in.Issue(ctx, domain.AccountID{}, access.Admin, label); err != nil {
		return "", err
	}
	_, err = in.Projector.CatchUp(ctx)
	return key, err
}

// newKeyRemotely lets a running server make an admin key.
func newKeyRemotely(ctx context.Context, server remote.Server, label string) (string, error) {
	if err := server.Check(); err != nil {
		return "", err
	}
	var issued struct{ Key string }
	err := server.Post(ctx, "/keys", map[string]string{"role": access.Admin, "label": label}, &issued)
	return issued.Key, err
}
