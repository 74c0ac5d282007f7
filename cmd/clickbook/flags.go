package main

import "github.com/spf13/cobra"

// homeFlags are the same for every command that works on an installation. A URL may hold a password, so what the
// environment says of it is never shown as a default.
func homeFlags(h *home, cmd *cobra.Command, getenv func(string) string) {
	cmd.Flags().StringVar(&h.data, "data", orElse(getenv("CLICKBOOK_DATA"), "data"),
		"data directory `DIR` (or CLICKBOOK_DATA)")
	urlFlags(h, cmd)
	for name, variable := range map[string]string{"store": "CLICKBOOK_STORE", "views": "CLICKBOOK_VIEWS"} {
		cmd.Flags().Lookup(name).Usage += " (or " + variable + ")"
	}
	h.store, h.views = getenv("CLICKBOOK_STORE"), getenv("CLICKBOOK_VIEWS")
}

func urlFlags(h *home, cmd *cobra.Command) {
	cmd.Flags().StringVar(&h.store, "store", "",
		"`URL` of the event log: sqlite:///FILE, postgres://… or esdb://…; in DIR when not given")
	cmd.Flags().StringVar(&h.views, "views", "",
		"`URL` of the read models: sqlite:///FILE or postgres://…; in DIR when not given")
}
