package projections_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// A projector brings all projections to the head of a log. Then a Reader has the queries.
func ExampleNewReader() {
	ctx := context.Background()
	codec, err := aggregates.NewCodec(domaintest.NewVault())
	if err != nil {
		log.Fatal(err)
	}
	store := memory.New()
	account, anna := domain.DeriveID[domain.AccountID]("salon"), domain.DeriveID[domain.ClientID]("anna")
	registered, err := codec.Encode(domain.DeriveUUID("event 1"), client.ClientRegistered{
		Account: account, Client: anna, Contact: client.Contact{Name: domain.Secret("Anna Conceição"), Country: "BR"},
	}, domain.Metadata{Account: account, OccurredAt: time.Date(2016, 5, 2, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := store.Append(ctx, client.Stream(anna), domain.NoStream, []domain.Stored{registered}); err != nil {
		log.Fatal(err)
	}

	db, err := views.NewScratch()
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := projector.New(store, codec, db, projections.All()...).CatchUp(ctx); err != nil {
		log.Fatal(err)
	}
	read := projections.NewReader(db)
	found, err := read.Clients.Find(ctx, account, "conc", readmodel.NameCursor{}, 10)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range found {
		fmt.Println(c.Name, c.Country)
	}
	// Output: Anna Conceição BR
}
