package middleware

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/route"
)

// newRouteEngine returns an engine for routes, which are streams of the installation.
func newRouteEngine(t *testing.T) *commands.Engine {
	t.Helper()
	codec, err := domain.NewCodec(domaintest.NewVault(), route.Types)
	if err != nil {
		t.Fatal(err)
	}
	return commands.NewEngine(memory.New(), codec, time.Now, commands.Wire(route.Decider))
}

func TestAuthorityComesFromPathAndKey(t *testing.T) {
	tenant := domain.DeriveID[domain.AccountID]("tenant")
	member := domain.DeriveID[domain.MemberID]("ana")
	for name, c := range map[string]struct {
		operation openapi.Operation
		caller    Caller
		want      string // result of a command to a stream of the installation
	}{
		"key of the installation": {openapi.Operation{}, Caller{Key: "a"}, "done"},
		"key of an account":       {openapi.Operation{}, Caller{Key: "a", Account: tenant}, "unknown"},
		"admin who is signed in":  {openapi.Operation{}, Caller{Member: member}, "done"},
		"member of an account":    {openapi.Operation{}, Caller{Member: member, Account: tenant}, "unknown"},
		"no key":                  {openapi.Operation{}, Caller{}, "no origin"},
		"no account in the path":  {openapi.Operation{OfAccount: true}, Caller{Key: "a"}, "no origin"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.WithValue(t.Context(), operationKey{}, &c.operation)
			ctx = context.WithValue(ctx, callerKey{}, c.caller)
			r := withOrigin(httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil), uuid.New(), nil)
			engine := newRouteEngine(t)
			installation := commands.ForInstallation(domain.Actor{})
			set := route.Set{Country: "BR", Providers: []string{"alpha"}}
			if _, err := engine.Do(t.Context(), installation, set); err != nil {
				t.Fatal(err)
			}
			write, err := WriteOf(r.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = engine.Do(t.Context(), write.Origin, set)
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
