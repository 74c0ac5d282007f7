package main

import (
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/spf13/cobra"
)

// homeFlags are the same for every command that works on an installation. A URL may hold a password, so what the
// environment says of it is never shown as a default.
func homeFlags(h *installation.Home, cmd *cobra.Command, getenv func(string) string) {
	cmd.Flags().StringVar(&h.Data, "data", cli.OrElse(getenv("CLICKBOOK_DATA"), "data"),
		"data directory `DIR` (or CLICKBOOK_DATA)")
	urlFlags(h, cmd)
	for name, variable := range map[string]string{"store": "CLICKBOOK_STORE", "views": "CLICKBOOK_VIEWS"} {
		cmd.Flags().Lookup(name).Usage += " (or " + variable + ")"
	}
	h.Store, h.Views = getenv("CLICKBOOK_STORE"), getenv("CLICKBOOK_VIEWS")
}

func urlFlags(h *installation.Home, cmd *cobra.Command) {
	cmd.Flags().StringVar(&h.Store, "store", "",
		"`URL` of the event log: sqlite:///FILE, postgres://… or esdb://…; in DIR when not given")
	cmd.Flags().StringVar(&h.Views, "views", "",
		"`URL` of the read models: sqlite:///FILE or postgres://…; in DIR when not given")
}
