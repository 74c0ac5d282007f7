package main

import (
	"net/http"
	"strconv"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// api wires the HTTP API to the engine and the read models.
func (in *installation) api() (http.Handler, error) {
	db := in.views
	return httpapi.New(httpapi.Config{
		Engine: in.engine, Streams: in.events, Booking: in.booking, Openings: in.openings, Eraser: in.eraser,
		Keys: httpapi.EngineKeys{Engine: in.engine}, Replies: replyRows{in.state, in.options.now},
		Terms: in.bookkeeper.Terms, Views: in.projector,
		Accounts: directory.Accounts{DB: db}, Services: directory.Services{DB: db},
		Resources: directory.Resources{DB: db}, Clients: directory.Clients{DB: db},
		Calendar: projections.Calendar{DB: db}, Messages: projections.Messages{DB: db},
		Due: dueRows{projections.Due{DB: db}}, Deliveries: projections.Deliveries{DB: db},
		Ledger: projections.Ledger{DB: db}, Windows: projections.Windows{DB: db},
		Providers: directory.Providers{DB: db}, Issued: directory.Keys{DB: db},
		Waiting: in.waiting, Simulated: true, Build: in.options.build,
		Slog: in.options.log, Clock: in.options.now,
	})
}

// waiting tells which transaction holds back all who follow the log; only PostgreSQL has such.
func (in *installation) waiting() (transaction string, seconds float64, waits bool) {
	store, ok := in.events.(*postgres.Store)
	if !ok {
		return "", 0, false
	}
	delay, waits := store.Waiting()
	return strconv.FormatUint(delay.Transaction, 10), delay.For.Seconds(), waits
}
