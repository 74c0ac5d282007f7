package installation

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// maxAlike bounds how many clients with one email address a visitor is compared with.
const maxAlike = 50

// visitorsDirectory is the visiting.Directory of the read models.
type visitorsDirectory struct{ in *Installation }

// ServicesOf returns the services of an account by name. Retired ones are left out.
func (d visitorsDirectory) ServicesOf(ctx context.Context, account domain.AccountID) ([]domain.ServiceID, error) {
	rows, err := directory.Services{DB: d.in.Views}.All(ctx, account)
	var ids []domain.ServiceID
	for _, row := range rows {
		if !row.Retired {
			ids = append(ids, row.ID)
		}
	}
	return ids, err
}

// ClientsWith waits until the read models know who is registered.
func (d visitorsDirectory) ClientsWith(
	ctx context.Context, account domain.AccountID, email string,
) ([]domain.ClientID, error) {
	if d.in.follows.Load() {
		if err := d.in.waitForReadModels(ctx); err != nil {
			return nil, err
		}
	}
	rows, err := directory.Clients{DB: d.in.Views}.Find(ctx, account, email, readmodel.NameCursor{}, maxAlike)
	ids := make([]domain.ClientID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids, err
}
