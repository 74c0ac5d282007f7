package readmodel_test

import (
	"context"
	"fmt"
	"log"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Countries answers: how many clients of which country opted out of texts?
type Countries struct{ DB readmodel.Reader }

var countries = readmodel.Projection{
	Name: "countries", Version: 1,
	Tables: []readmodel.Table{{
		Name:    "countries_v1",
		Columns: `client BYTEA NOT NULL, country TEXT NOT NULL, opted_out BIGINT NOT NULL`,
		Key:     "client",
	}},
	Types: domain.NamesOf(client.ClientRegistered{}, client.SmsOptedOut{}, client.SmsOptedIn{}),
	Apply: readmodel.ApplyEach(func(w readmodel.Writer, r domain.Recorded) error {
		switch e := r.Event.(type) {
		case client.ClientRegistered:
			return w.Exec(`INSERT INTO countries_v1 (client, country, opted_out) VALUES ($1, $2, 0)`,
				readmodel.Key(e.Client), e.Country)
		case client.SmsOptedOut:
			return w.Exec(`UPDATE countries_v1 SET opted_out = 1 WHERE client = $1`, readmodel.Key(e.Client))
		case client.SmsOptedIn:
			return w.Exec(`UPDATE countries_v1 SET opted_out = 0 WHERE client = $1`, readmodel.Key(e.Client))
		default:
			return domain.Unexpected(r)
		}
	}),
}

// OptedOut returns a line for each country.
func (q Countries) OptedOut(ctx context.Context) ([]string, error) {
	read := func(row readmodel.Row) (string, error) {
		return fmt.Sprintf("%s: %d of %d", row.Text(0), row.Int(1), row.Int(2)), nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT country, CAST(sum(opted_out) AS BIGINT), count(*)
		FROM countries_v1 GROUP BY country ORDER BY country`)
}

// A projection is a value: its tables, the events it subscribes to, and a function that applies them. A projector
// keeps its tables current, and its queries read them.
func ExampleProjection() {
	ctx := context.Background()
	codec, err := domain.NewCodec(domaintest.NewVault(), client.Types)
	if err != nil {
		log.Fatal(err)
	}
	store := memory.New()
	for i, country := range []string{"BR", "BR", "PT"} {
		id := domain.DeriveID[domain.ClientID]("client", i)
		var stored []domain.Stored
		for n, event := range []domain.Event{
			client.ClientRegistered{Client: id, Contact: client.Contact{Country: country}}, client.SmsOptedOut{Client: id},
		}[:1+i%2] {
			encoded, err := codec.Encode(domain.DeriveUUID("event", i, n), event, domain.Metadata{})
			if err != nil {
				log.Fatal(err)
			}
			stored = append(stored, encoded)
		}
		if _, err := store.Append(ctx, client.Stream(id), domain.NoStream, stored); err != nil {
			log.Fatal(err)
		}
	}

	db, err := views.NewScratch()
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := projector.New(store, codec, db, countries).CatchUp(ctx); err != nil {
		log.Fatal(err)
	}
	lines, err := Countries{DB: db}.OptedOut(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range lines {
		fmt.Println(line)
	}
	// Output:
	// BR: 1 of 2
	// PT: 0 of 1
}
