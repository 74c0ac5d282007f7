package installation

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/clickbook/clickbook/adapters/httpapi"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/projector"
)

// errRebuildRuns refuses a second rebuild.
var errRebuildRuns = domain.Refuse(domain.Disallowed, "rebuild_running",
	"the read models are being rebuilt; wait until it is done, and ask again if it is still needed")

// rebuilds rebuilds read models beside the server, one rebuild at a time.
type rebuilds struct {
	projector *projector.Projector
	log       *slog.Logger

	mu      sync.Mutex
	serving context.Context // ends a rebuild when the server stops; nil before it serves
	running sync.WaitGroup
	last    httpapi.Rebuild
}

func newRebuilds(projector *projector.Projector, log *slog.Logger) *rebuilds {
	return &rebuilds{projector: projector, log: log, last: httpapi.Rebuild{State: "none"}}
}

// serve lets rebuilds run until ctx ends.
func (r *rebuilds) serve(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.serving = ctx
}

// Start implements httpapi.Rebuilds.
func (r *rebuilds) Start(names []string, rollback bool) error {
	if err := r.projector.CheckNames(names); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.serving == nil || r.serving.Err() != nil:
		return domain.ErrUnavailable
	case r.last.State == "running":
		return errRebuildRuns
	}
	r.last = httpapi.Rebuild{State: "running"}
	ctx := r.serving
	r.running.Go(func() {
		models, err := r.run(ctx, names, rollback)
		r.finish(models, err)
	})
	return nil
}

func (r *rebuilds) run(ctx context.Context, names []string, rollback bool) (models []httpapi.RebuiltModel, err error) {
	if rollback {
		restored, err := r.projector.Rollback(ctx, names...)
		for _, one := range restored {
			models = append(models, httpapi.RebuiltModel{Name: one.Name, Behind: one.Behind})
		}
		return models, err
	}
	rebuilt, err := r.projector.Rebuild(ctx, r.progress, names...)
	for _, one := range rebuilt {
		models = append(models, httpapi.RebuiltModel{Name: one.Name, Rows: one.Rows, Same: one.Same()})
	}
	return models, err
}

func (r *rebuilds) progress(done, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last.Done, r.last.Total = done, total
}

// finish keeps the result. The cause of a failure that is not a refusal goes to the log only.
func (r *rebuilds) finish(models []httpapi.RebuiltModel, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last.State, r.last.Models = "done", models
	if err == nil {
		return
	}
	r.last.State, r.last.Problem = "failed", "the log of the server says why"
	if refusal, ok := domain.AsRefusal(err); ok {
		r.last.Problem = refusal.Error()
	}
	if !errors.Is(err, context.Canceled) {
		r.log.Error("a rebuild of read models failed", "error", err)
	}
}

// Last implements httpapi.Rebuilds.
func (r *rebuilds) Last() httpapi.Rebuild {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}
