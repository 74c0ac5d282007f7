package installation

import (
	"net/http"
	"strconv"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// api wires the HTTP API to the engine and the read models.
func (in *Installation) api() (http.Handler, error) {
	db := in.Views
	return httpapi.New(httpapi.Config{
		Engine: in.Engine, Streams: in.Events, Booking: in.Booking, Openings: in.Openings, Eraser: in.Eraser,
		Keys: httpapi.EngineKeys{Engine: in.Engine}, Replies: replyRows{in.State, in.options.Now},
		Terms: in.Bookkeeper.Terms, Views: in.Projector,
		Accounts: directory.Accounts{DB: db}, Services: directory.Services{DB: db},
		Resources: directory.Resources{DB: db}, Clients: directory.Clients{DB: db},
		Calendar: projections.Calendar{DB: db}, Messages: projections.Messages{DB: db},
		Due: DueRows{projections.Due{DB: db}}, Deliveries: projections.Deliveries{DB: db},
		Ledger: projections.Ledger{DB: db}, Windows: projections.Windows{DB: db},
		Providers: directory.Providers{DB: db}, Issued: directory.Keys{DB: db},
		Waiting: in.waiting, Simulated: true, Build: in.options.Build,
		Slog: in.options.Log, Clock: in.options.Now,
	})
}

// waiting returns the transaction that holds back every reader of the log, and for how long. Only PostgreSQL has one.
func (in *Installation) waiting() (transaction string, seconds float64, waits bool) {
	store, ok := in.Events.(*postgres.Store)
	if !ok {
		return "", 0, false
	}
	delay, waits := store.Waiting()
	return strconv.FormatUint(delay.Transaction, 10), delay.For.Seconds(), waits
}
