package installation

import (
	"context"
	"net/http"
	"strconv"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/passkeys"
	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/adapters/web"
	"github.com/clickbook/clickbook/adapters/web/signin"
	"github.com/clickbook/clickbook/adapters/web/ui"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/projections"
)

// Imports imports files beside a server.
type Imports interface {
	httpapi.Imports
	Serve(ctx context.Context)
	Wait()
}

// api returns the HTTP API over the engine and the read models.
func (in *Installation) api(imports Imports, demo Demo) (http.Handler, error) {
	app, err := ui.New()
	if err != nil {
		return nil, err
	}
	keys, err := passkeys.New(in.People)
	if err != nil {
		return nil, err
	}
	organisation, begin := in.organisation()
	byLink := booking.ByLink{Bookings: in.Booking, Links: in.Links}
	config := httpapi.Config{
		ByLink: byLink, Visiting: in.Visiting, Links: in.Links.Manage, Pages: web.New(web.Config{
			ByLink: byLink, Contacting: messaging.Contacting{Engine: in.Engine, Links: in.Links}, Visiting: in.Visiting,
			Log: in.options.Log,
		}), App: app, People: in.People, Passkeys: keys, MailInFiles: in.options.MailServer == nil,
		SignIn: signin.New(in.People, organisation, in.options.Log), Organisation: begin,
		SecondPerson: in.options.SecondPerson,
		Engine:       in.Engine, Booking: in.Booking, Attention: in.Attention, Eraser: in.Eraser, OptOuts: in.OptOuts,
		Terms: in.Bookkeeper.Terms, CellHealth: in.cellHealth(),
		Reader: projections.NewReader(in.Views), Views: in.Projector, Replies: replyRows{in.State, in.options.Now},
		Cursors: in.Keys.Cursors(), Live: in.live,
		Rebuilds: in.rebuilds, Imports: imports, Webhooks: in.Webhooks,
		Waiting: in.waiting, Troubles: &in.troubles, Carriers: in.carriers, Bounces: in.returnPaths(),
		Simulated: in.trial, Build: in.options.Build, Log: in.options.Log, Clock: in.options.Now,
	}
	if demo != nil {
		config.Demo = demo
	}
	return httpapi.New(config)
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
