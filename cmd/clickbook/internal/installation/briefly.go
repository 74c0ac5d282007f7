package installation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/adapters/httpapi/apikey"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
)

// Briefly serves the API of a data directory that no server uses, on this machine and for the time of one piece of
// work. Nothing is sent and nothing reacts meanwhile. The admin key that the work gets is revoked afterwards; the log
// keeps both events.
func Briefly(ctx context.Context, at Location, options Options, work func(ctx context.Context, url, key string) error) (
	err error,
) {
	if !at.Exists() {
		return NoData(at)
	}
	in, err := Open(ctx, at, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := in.CatchUp(ctx); err != nil {
		return err
	}
	key, origin := apikey.Mint(uuid.New()), originOfKey(domain.AccountID{})
	if _, err = in.Engine.Do(ctx, origin, access.Issue{
		Prefix: key.Prefix, Hash: key.Hash, Role: access.Admin, Label: "clickbook on the command line",
	}); err != nil {
		return err
	}
	defer func() {
		_, revoked := in.Engine.Do(context.WithoutCancel(ctx), origin, access.Revoke{Prefix: key.Prefix})
		err = errors.Join(err, revoked)
	}()
	handler, err := in.api(nil, nil)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("cannot listen on this machine: %w", err)
	}
	return in.during(ctx, in.server(handler), listener, func(ctx context.Context) error {
		return work(ctx, "http://"+listener.Addr().String(), key.Text)
	})
}

// during keeps the read models current and serves while work runs.
func (in *Installation) during(
	ctx context.Context, server *http.Server, listener net.Listener, work func(context.Context) error,
) error {
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	var follow, serve error
	running.Go(func() { follow = in.Projector.Run(ctx) })
	running.Go(func() { serve = httpapi.Serve(ctx, server, listener, 5*time.Second) })
	err := work(ctx)
	stop()
	running.Wait()
	return errors.Join(err, follow, serve)
}
