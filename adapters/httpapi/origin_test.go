package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/route"
)

func newRouteEngine(t *testing.T) *commands.Engine {
	t.Helper()
	codec, err := domain.NewCodec(domaintest.NewVault(), route.Types)
	if err != nil {
		t.Fatal(err)
	}
	return commands.NewEngine(memory.New(), codec, time.Now, commands.Wire(route.Decider))
}

func TestHandlerWithoutOriginFails(t *testing.T) {
	handlers := &api{Config: Config{Engine: newRouteEngine(t)}, writes: newLastWrites()}
	request := SetRouteRequestObject{Country: "BR", Body: &SetRouteJSONRequestBody{Providers: []string{"alpha"}}}
	if _, err := handlers.SetRoute(context.Background(), request); !errors.Is(err, errNoWrite) {
		t.Fatalf("got %v", err)
	}
	if _, err := newID[domain.ClientID](context.Background(), "client"); !errors.Is(err, errNoWrite) {
		t.Fatalf("newID returned %v", err)
	}
	if status := faultOf(errNoWrite).status; status != http.StatusInternalServerError {
		t.Fatalf("status %d", status)
	}
}

func TestAuthorityComesFromPathAndKey(t *testing.T) {
	tenant := domain.DeriveID[domain.AccountID]("tenant")
	for name, c := range map[string]struct {
		operation operation
		caller    StoredKey
		want      string // result of a command to a stream of the installation
	}{
		"key of the installation": {operation{}, StoredKey{Prefix: "a"}, "done"},
		"key of an account":       {operation{}, StoredKey{Prefix: "a", Account: tenant}, "unknown"},
		"no key":                  {operation{}, StoredKey{}, "no origin"},
		"no account in the path":  {operation{tenant: true}, StoredKey{Prefix: "a"}, "no origin"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.WithValue(t.Context(), operationKey{}, &c.operation)
			ctx = context.WithValue(ctx, callerKey{}, c.caller)
			r, err := originate(httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil), uuid.New())
			if err != nil {
				t.Fatal(err)
			}
			engine := newRouteEngine(t)
			installation := commands.ForInstallation(domain.Actor{})
			set := route.Set{Country: "BR", Providers: []string{"alpha"}}
			if _, err := engine.Do(t.Context(), installation, set); err != nil {
				t.Fatal(err)
			}
			origin, err := originOf(r.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = engine.Do(t.Context(), origin, set)
			got := fmt.Sprint(err)
			switch refusal, refused := domain.AsRefusal(err); {
			case err == nil:
				got = "done"
			case refused:
				got = refusal.Code
			case errors.Is(err, commands.ErrNoOrigin):
				got = "no origin"
			}
			if got != c.want {
				t.Fatalf("got %s, want %s", got, c.want)
			}
		})
	}
}
