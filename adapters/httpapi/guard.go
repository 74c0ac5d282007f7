package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
)

type operationKey struct{}

func operationOf(ctx context.Context) *operation {
	found, _ := ctx.Value(operationKey{}).(*operation)
	return found
}

// guard lets through who may ask: first the key, then the account, then the role. Another account's key hears
// 404, whatever its role, so that it cannot even learn what there is.
func guard(table operations, keys Keys) mux.MiddlewareFunc {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked, ok := table.find(r)
			if !ok {
				writeProblem(w, r, errNoRoute)
				return
			}
			trace := traceOf(r.Context())
			trace.route = asked.route.Path
			ctx := context.WithValue(r.Context(), operationKey{}, asked)
			if !asked.open() {
				caller, err := authenticate(keys, r)
				if err == nil {
					trace.key = caller.Prefix
					err = admit(asked, caller, mux.Vars(r)["account"])
				}
				if err != nil {
					writeProblem(w, r, err)
					return
				}
				trace.account = accountOf(caller, mux.Vars(r)["account"])
				ctx = context.WithValue(ctx, callerKey{}, caller)
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// inAccount answers 404 where the address names an account that was never opened: only keys of the installation can.
func inAccount(engine *commands.Engine) mux.MiddlewareFunc {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if operationOf(r.Context()).tenant {
				id := tenantOf(r)
				state, _, err := commands.Load(r.Context(), engine, account.Decider, account.Stream(id))
				if err == nil && !state.Open && !state.Closed {
					err = account.ErrUnknown
				}
				if err != nil {
					writeProblem(w, r, err)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// admit says no to another account's key and to a role that the document does not list.
func admit(asked *operation, caller StoredKey, address string) error {
	if asked.tenant && !caller.Account.IsZero() {
		if named, err := domain.ParseID[domain.AccountID](address); err != nil || named != caller.Account {
			return errNotThere
		}
	}
	if !slices.Contains(asked.roles, caller.Role) {
		return deny(http.StatusForbidden, "role_forbidden",
			"a key of role %s may not do this; use one of role %s", caller.Role, strings.Join(asked.roles, " or "))
	}
	return nil
}

func accountOf(caller StoredKey, named string) string {
	if caller.Account.IsZero() {
		return named
	}
	return caller.Account.String()
}
