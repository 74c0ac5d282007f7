package installation

import (
	"context"
	"fmt"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/directory"
)

// adoptOptOuts gives the opt-outs of earlier versions to the numbers: they belonged to one client record, so a child
// with the mother's number was still texted. It also covers clients who had no number when they opted out. It runs
// before anything is sent, and finds nothing when it has run before.
func (in *Installation) adoptOptOuts(ctx context.Context) error {
	clients := directory.Clients{DB: in.Views}
	var last domain.ClientID
	adopted := 0
	for {
		page, err := clients.OptedOutWithoutNumber(ctx, last, 200)
		if err != nil || len(page) == 0 {
			if adopted > 0 {
				in.options.Log.Info("opt-outs now belong to phone numbers", "clients", adopted)
			}
			return err
		}
		for _, one := range page {
			last = one.ID
			origin := commands.ForAccount(one.Account, domain.Actor{ID: "opt-outs", Channel: "policy"}).
				WithID(domain.DeriveUUID("opt-out of a number", one.ID))
			run := func(cmd domain.Command) (commands.Outcome, error) { return in.Engine.Run(ctx, origin, cmd) }
			if _, err := in.OptOuts.Out(ctx, origin, one.ID, run); err != nil {
				return fmt.Errorf("opt out the number of client %s: %w", one.ID, err)
			}
			adopted++
		}
	}
}
