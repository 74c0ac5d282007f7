package installation

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi"
)

// grace is how long requests under way may take when the server is told to stop.
const grace = 20 * time.Second

// serve starts everything that follows the log, then answers requests.
func (in *Installation) Serve(ctx context.Context, out io.Writer, listener net.Listener, demo bool) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	handler, err := in.api()
	if err != nil {
		return err
	}
	if err := in.begin(ctx, out, "http://"+listener.Addr().String(), demo); err != nil {
		if ctx.Err() != nil { // told to stop while starting: nothing has begun, so nothing is lost
			return nil
		}
		return err
	}
	running := in.run(ctx, stop)
	err = httpapi.Serve(ctx, httpapi.NewHTTPServer(handler, in.options.Log), listener, grace)
	stop(nil)
	running.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	return err
}

// begin brings the read models up to date and says what there is to say.
func (in *Installation) begin(ctx context.Context, out io.Writer, url string, demo bool) error {
	if _, err := in.Projector.CatchUp(ctx); err != nil {
		return err
	}
	if err := in.introduce(ctx, out, url, demo); err != nil {
		return err
	}
	in.options.Log.Warn("the carriers are simulated: no text leaves this machine until a provider is configured")
	return in.warnOfPoison(ctx)
}
