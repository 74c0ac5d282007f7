package main

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// locationFlags adds the flags of every command that works on an installation. A URL may hold a password, so the help
// never shows one from the environment as a default.
func locationFlags(at *installation.Location, cmd *cobra.Command, getenv func(string) string) {
	cmd.Flags().StringVar(&at.Data, "data", cmp.Or(getenv("CLICKBOOK_DATA"), "data"),
		"data directory `DIR` (or CLICKBOOK_DATA)")
	urlFlags(at, cmd)
	for name, variable := range map[string]string{"store": "CLICKBOOK_STORE", "views": "CLICKBOOK_VIEWS"} {
		cmd.Flags().Lookup(name).Usage += " (or " + variable + ")"
	}
	at.Store, at.Views = getenv("CLICKBOOK_STORE"), getenv("CLICKBOOK_VIEWS")
}

func urlFlags(at *installation.Location, cmd *cobra.Command) {
	cmd.Flags().StringVar(&at.Store, "store", "",
		"`URL` of the event log: sqlite:///FILE, postgres://… or esdb://…; by default in DIR")
	cmd.Flags().StringVar(&at.Views, "views", "",
		"`URL` of the read models: sqlite:///FILE or postgres://…; by default in DIR")
}
