package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/httpapi/live"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
)

var errTooManyStreams = &problem.Problem{
	Status: http.StatusTooManyRequests, Code: "too_many_streams", RetryAfter: 60,
	Detail: "this account has too many open pages; close some, then connect again",
}

// NewLive returns the hub that tells open pages of changes.
func NewLive(log live.Log, views live.Views, messages projections.Messages) *live.Hub {
	return live.New(log, views, func(ctx context.Context, of []domain.MessageID) (map[domain.MessageID]live.About, error) {
		about := make(map[domain.MessageID]live.About)
		found, err := messages.About(ctx, of)
		for _, one := range found {
			about[one.Message] = live.About{Account: one.Account, Appointment: one.Appointment}
		}
		return about, err
	})
}

func (h *handlers) FollowChanges(
	ctx context.Context, r api.FollowChangesRequestObject,
) (api.FollowChangesResponseObject, error) {
	return h.follow(ctx, domain.AccountID{UUID: r.Account}, r.Params.LastEventID)
}

func (h *handlers) FollowAllChanges(
	ctx context.Context, r api.FollowAllChangesRequestObject,
) (api.FollowAllChangesResponseObject, error) {
	return h.follow(ctx, domain.AccountID{}, r.Params.LastEventID)
}

// following is the response with a stream of changes.
type following struct {
	ctx context.Context
	hub *live.Hub
	of  live.Subscription
}

func (h *handlers) follow(ctx context.Context, account domain.AccountID, last string) (following, error) {
	of := live.Subscription{Account: account, Role: middleware.CallerOf(ctx).Role, Check: middleware.CheckAgain}
	if last != "" {
		var err error
		if of.After, err = domain.ParsePosition(last); err != nil {
			return following{}, err
		}
	}
	return following{ctx, h.Live, of}, nil
}

func (f following) VisitFollowChangesResponse(w http.ResponseWriter) error    { return f.serve(w) }
func (f following) VisitFollowAllChangesResponse(w http.ResponseWriter) error { return f.serve(w) }

func (f following) serve(w http.ResponseWriter) error {
	if middleware.IsHead(f.ctx) {
		live.SetHeader(w.Header())
		w.WriteHeader(http.StatusOK)
		return nil
	}
	ctx, cancel := middleware.Lasting(f.ctx)
	defer cancel()
	err := f.hub.Serve(ctx, w, f.of)
	if errors.Is(err, live.ErrTooMany) {
		return errTooManyStreams
	}
	return err
}
