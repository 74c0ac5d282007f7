package httpapi

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/route"
)

func TestHandlerWithoutOriginFails(t *testing.T) {
	codec, err := domain.NewCodec(domaintest.NewVault(), route.Types)
	if err != nil {
		t.Fatal(err)
	}
	engine := commands.NewEngine(memory.New(), codec, time.Now, commands.Wire(route.Decider))
	h := handlers{Config: Config{Engine: engine}, writes: middleware.NewLastWrites()}
	request := api.RestoreRouteRequestObject{Country: "BR", Body: &api.RestoreRouteJSONRequestBody{Reason: "over"}}
	if _, err := h.RestoreRoute(context.Background(), request); !errors.Is(err, middleware.ErrNoWrite) {
		t.Fatalf("RestoreRoute returned %v", err)
	}
	_, err = middleware.NewID[domain.ClientID](context.Background(), "client")
	if !errors.Is(err, middleware.ErrNoWrite) {
		t.Fatalf("NewID returned %v", err)
	}
	if status := problem.From(middleware.ErrNoWrite).Status; status != http.StatusInternalServerError {
		t.Fatalf("status %d", status)
	}
}
