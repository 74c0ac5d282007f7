package middleware

import (
	"context"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
)

type accountKey struct{}

// AccountOf returns the account in the request's path. It is zero if the path has none.
func AccountOf(ctx context.Context) account.State {
	found, _ := ctx.Value(accountKey{}).(account.State)
	return found
}

type accountIDKey struct{}

// AccountID returns the id of the account in the request's path. It is zero if the path has none.
func AccountID(ctx context.Context) domain.AccountID {
	found, _ := ctx.Value(accountIDKey{}).(domain.AccountID)
	return found
}

// LoadAccount loads the account in the path, once for the whole request. It refuses an account that was never opened,
// which only a key of the installation can name.
func LoadAccount(engine *commands.Engine) mux.MiddlewareFunc {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !operationOf(r.Context()).OfAccount {
				next.ServeHTTP(w, r)
				return
			}
			state, _, err := commands.Load(r.Context(), engine, account.Decider, account.Stream(accountID(r)))
			if err == nil && !state.Open && !state.Closed {
				err = account.ErrUnknown
			}
			if err != nil {
				Refuse(w, r, err)
				return
			}
			ctx := context.WithValue(r.Context(), accountKey{}, state)
			next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, accountIDKey{}, accountID(r))))
		})
	}
}

// accountID returns the id of the account in the path, or zero for the installation.
func accountID(r *http.Request) domain.AccountID {
	id, _ := domain.ParseID[domain.AccountID](mux.Vars(r)["account"])
	return id
}
