package httpapi

import (
	"context"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
)

// Rebuilds rebuilds read models while the server runs, one rebuild at a time.
type Rebuilds interface {
	// Start starts a rebuild, or a rollback to the rows before the last one, of the named read models or of all. It
	// refuses an unknown name, and a second rebuild while one runs.
	Start(names []string, rollback bool) error
	// Last returns the last rebuild since the server was started.
	Last() Rebuild
}

// Rebuild is what a rebuild of read models has done so far.
type Rebuild struct {
	State       string // none, running, done, failed
	Done, Total int    // events
	Models      []RebuiltModel
	Problem     string // why it failed
}

// RebuiltModel is the result for one read model. Behind is that of a rollback; Rows and Same are those of a rebuild.
type RebuiltModel struct {
	Name   string
	Rows   int
	Same   bool
	Behind int
}

func (h *handlers) StartRebuild(
	_ context.Context, r api.StartRebuildRequestObject,
) (api.StartRebuildResponseObject, error) {
	if err := h.Rebuilds.Start(r.Body.ReadModels, r.Body.Rollback); err != nil {
		return nil, err
	}
	return api.StartRebuild202JSONResponse(shownRebuild(h.Rebuilds.Last())), nil
}

func (h *handlers) ShowRebuild(context.Context, api.ShowRebuildRequestObject) (api.ShowRebuildResponseObject, error) {
	return api.ShowRebuild200JSONResponse(shownRebuild(h.Rebuilds.Last())), nil
}

func shownRebuild(last Rebuild) api.Rebuild {
	return api.Rebuild{
		State: api.RebuildState(last.State), Done: int64(last.Done), Total: int64(last.Total), Problem: last.Problem,
		ReadModels: each(last.Models, func(one RebuiltModel) api.Rebuilt {
			return api.Rebuilt{Name: one.Name, Rows: int64(one.Rows), Same: one.Same, Behind: int64(one.Behind)}
		}),
	}
}
