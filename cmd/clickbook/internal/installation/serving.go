package installation

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/heap"
)

// shutdownTimeout bounds how long open requests may take when the server is told to stop.
const shutdownTimeout = 20 * time.Second

// heapRoom is about what a busy server throws away in half a second.
const heapRoom = 64 << 20

// Demo is an example that lives beside a server.
type Demo interface {
	httpapi.Demo
	Print(ctx context.Context, out io.Writer, url string) error // what is needed to try it
	Run(ctx context.Context)                                    // until ctx ends
}

// Serve starts everything that follows the log and serves the API on the listener until ctx ends.
func (in *Installation) Serve(ctx context.Context, out io.Writer, listener net.Listener) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer heap.KeepRoom(heapRoom)()
	imports := in.options.Imports(in)
	var demo Demo
	if in.options.Demo != nil {
		demo = in.options.Demo(in)
	}
	handler, err := in.api(imports, demo)
	if err != nil {
		return err
	}
	if err := in.prepare(ctx, out, "http://"+listener.Addr().String(), demo); err != nil {
		if ctx.Err() != nil { // told to stop while starting: nothing has begun, so nothing is lost
			return nil
		}
		return err
	}
	running := in.startBackground(ctx, stop)
	if demo != nil {
		running.Go(func() { demo.Run(ctx) })
	}
	in.rebuilds.serve(ctx)
	imports.Serve(ctx)
	err = httpapi.Serve(ctx, in.server(handler), listener, shutdownTimeout)
	stop(nil)
	running.Wait()
	in.rebuilds.running.Wait()
	imports.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	return err
}

// server returns a server that ends the streams of open pages at once when it is told to stop.
func (in *Installation) server(handler http.Handler) *http.Server {
	server := httpapi.NewHTTPServer(handler, in.options.Log)
	server.RegisterOnShutdown(in.live.Close)
	return server
}

// prepare brings the read models up to date, prints where the server is, and logs what the operator should know.
func (in *Installation) prepare(ctx context.Context, out io.Writer, url string, demo Demo) error {
	if err := in.CatchUp(ctx); err != nil { // before anybody can book a time that was promised
		return err
	}
	if err := in.adoptOptOuts(ctx); err != nil {
		return err
	}
	if err := in.checkProviders(ctx); err != nil {
		return err
	}
	if err := in.printStart(ctx, out, url, demo); err != nil {
		return err
	}
	return in.logPoisoned(ctx)
}
