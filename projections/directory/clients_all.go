package directory

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// All returns the account's clients by id, without erased ones. An import compares each row with all of them, so it
// reads them once.
func (q Clients) All(ctx context.Context, account domain.AccountID) ([]Client, error) {
	return readmodel.List(ctx, q.DB, readClient, clientColumns+`WHERE account = $1 AND erased = 0 ORDER BY client`,
		readmodel.Key(account))
}
