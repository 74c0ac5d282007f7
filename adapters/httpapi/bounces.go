package httpapi

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// Bounces reads the reports of emails that did not arrive.
type Bounces interface {
	// ReadBounce refuses what is not a report about an email of this installation. ok is false for a report that the
	// email is delayed or has arrived.
	ReadBounce(report []byte, at time.Time) (bounce messaging.Bounce, ok bool, err error)
}

func (h *handlers) ReportBounce(
	ctx context.Context, r api.ReportBounceRequestObject,
) (api.ReportBounceResponseObject, error) {
	bounce, ok, err := h.Bounces.ReadBounce(r.Body.Report, h.Engine.Now())
	if err != nil {
		return nil, err
	}
	taken := api.ReportBounce200JSONResponse{Body: api.BounceTaken{
		Message: bounce.Message.UUID, Arrives: !ok, Permanent: ok && bounce.Permanent, Code: bounce.Code,
	}}
	if !ok {
		taken.Headers.ClickbookPosition = domain.Position{}.String() // nothing was written
		return taken, nil
	}
	outcome, err := h.run(ctx, message.Bounce{
		Message: bounce.Message, Permanent: bounce.Permanent, Code: bounce.Code, At: bounce.At,
	})
	taken.Headers.ClickbookPosition = outcome.Position.String()
	return taken, err
}
