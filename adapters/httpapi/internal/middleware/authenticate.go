package middleware

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/adapters/httpapi/apikey"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

type (
	operationKey struct{}
	callerKey    struct{}
)

func operationOf(ctx context.Context) *openapi.Operation {
	found, _ := ctx.Value(operationKey{}).(*openapi.Operation)
	return found
}

// CallerOf returns the key of the request. It is zero if the operation needs none.
func CallerOf(ctx context.Context) apikey.Key {
	caller, _ := ctx.Value(callerKey{}).(apikey.Key)
	return caller
}

// Authenticate checks the key, then the account, then the role. The key of another account gets 404 whatever its role,
// so that it does not even learn what exists.
func Authenticate(document *openapi.Document, engine *commands.Engine) mux.MiddlewareFunc {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			operation, ok := document.Operation(r)
			if !ok {
				Refuse(w, r, problem.ErrRouteUnknown)
				return
			}
			entry := logEntryOf(r.Context())
			entry.route = operation.Path()
			ctx := context.WithValue(r.Context(), operationKey{}, operation)
			if !operation.Public() {
				caller, err := authenticate(engine, r)
				if err == nil {
					entry.key = caller.Prefix
					err = authorize(operation, caller, mux.Vars(r)["account"])
				}
				if err != nil {
					Refuse(w, r, err)
					return
				}
				entry.account = mux.Vars(r)["account"]
				if !caller.Account.IsZero() {
					entry.account = caller.Account.String()
				}
				ctx = context.WithValue(ctx, callerKey{}, caller)
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

func authenticate(engine *commands.Engine, r *http.Request) (apikey.Key, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return apikey.Key{}, problem.ErrKeyMissing
	}
	key, known, err := apikey.Find(r.Context(), engine, text)
	if err == nil && !known {
		err = problem.ErrKeyUnknown
	}
	return key, err
}

// authorize refuses the key of another account, and a role that the document does not list.
func authorize(operation *openapi.Operation, caller apikey.Key, account string) error {
	if operation.OfAccount && !caller.Account.IsZero() {
		if id, err := domain.ParseID[domain.AccountID](account); err != nil || id != caller.Account {
			return problem.ErrUnknown
		}
	}
	if !slices.Contains(operation.Roles, caller.Role) {
		return problem.New(http.StatusForbidden, "role_forbidden",
			"a key of role %s may not do this; use one of role %s", caller.Role, strings.Join(operation.Roles, " or "))
	}
	return nil
}
