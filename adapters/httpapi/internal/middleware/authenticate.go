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
	"github.com/clickbook/clickbook/adapters/internal/cookie"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
)

type (
	operationKey struct{}
	callerKey    struct{}
	checkKey     struct{}
	agentKey     struct{}
)

// AgentOf returns what the browser of a request calls itself.
func AgentOf(ctx context.Context) string {
	agent, _ := ctx.Value(agentKey{}).(string)
	return agent
}

func operationOf(ctx context.Context) *openapi.Operation {
	found, _ := ctx.Value(operationKey{}).(*openapi.Operation)
	return found
}

// CallerOf returns who sent the request. It is zero if the operation is public.
func CallerOf(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	return caller
}

// Gate finds out who sends a request: the holder of an API key, or a member in a browser.
type Gate struct {
	Engine *commands.Engine
	People *people.People // nil admits keys only
	// Foreign refuses requests of other sites that a browser sends with the cookie.
	Foreign *http.CrossOriginProtection
}

// Authenticate checks the key or the session, then the account, then the role. A caller of another account gets 404
// whatever the role, so that they do not even learn what exists.
func (g *Gate) Authenticate(document *openapi.Document) mux.MiddlewareFunc {
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
			ctx = context.WithValue(ctx, agentKey{}, r.UserAgent())
			if !operation.Public() {
				caller, err := g.Identify(r)
				if err == nil {
					entry.key = caller.Name()
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
				account := mux.Vars(r)["account"]
				ctx = context.WithValue(ctx, checkKey{}, func(ctx context.Context) error {
					again, err := g.Identify(r.WithContext(ctx))
					if err != nil {
						return err
					}
					return authorize(operation, again, account)
				})
			}
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// CheckAgain checks once more whether the caller may send the request. A response that lasts calls it now and then,
// because a key can be revoked meanwhile.
func CheckAgain(ctx context.Context) error {
	check, ok := ctx.Value(checkKey{}).(func(context.Context) error)
	if !ok {
		return nil
	}
	return check(ctx)
}

// Identify returns who sends a request. A key comes first, so that a program in a browser with a session is the key.
func (g *Gate) Identify(r *http.Request) (Caller, error) {
	if text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		key, known, err := apikey.Find(r.Context(), g.Engine, text)
		if err == nil && !known {
			err = problem.ErrKeyUnknown
		}
		return Caller{Key: key.Prefix, Account: key.Account, Role: key.Role, Label: key.Label}, err
	}
	secret := cookie.Read(r)
	if secret == "" || g.People == nil {
		return Caller{}, problem.ErrKeyMissing
	}
	if err := g.checkOrigin(r); err != nil {
		return Caller{}, err
	}
	signed, ok, err := g.People.Find(r.Context(), secret)
	if err == nil && !ok {
		err = problem.ErrSignedOut
	}
	return Caller{
		Account: signed.Session.Account, Role: signed.Member.Role, Member: signed.Session.Member,
		Person: signed.Member.Name.Reveal(), Email: signed.Member.Email.Reveal(), Session: signed.Session.ID,
		Resource: signed.Member.Resource,
	}, err
}

// CsrfHeader must be on every write with the cookie. A page of another site cannot send it.
const CsrfHeader = "Clickbook-Csrf"

// checkOrigin refuses a write that another site may have made the browser send. The cookie is SameSite=Lax as well.
func (g *Gate) checkOrigin(r *http.Request) error {
	if isRead(r) {
		return nil
	}
	if g.Foreign.Check(r) != nil {
		return problem.ErrForeignSite
	}
	if r.Header.Get(CsrfHeader) == "" {
		return problem.ErrCsrfMissing
	}
	return nil
}

// signInPath begins the paths of the operations by which nobody in particular signs in.
const signInPath = "/sign-in"

// GuardSignIn refuses to sign in where a browser could not keep the session, and where another site asks for it.
func (g *Gate) GuardSignIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(operationOf(r.Context()).Path(), signInPath) && !isRead(r) {
			switch {
			case g.People == nil:
				Refuse(w, r, problem.ErrUnknown)
				return
			case g.Foreign.Check(r) != nil:
				Refuse(w, r, problem.ErrForeignSite)
				return
			case !cookie.Works(r, g.People.Base):
				Refuse(w, r, problem.ErrNotEncrypted)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// authorize refuses a caller of another account, and a role that the document does not list.
func authorize(operation *openapi.Operation, caller Caller, account string) error {
	if operation.OfAccount && !caller.Account.IsZero() {
		if id, err := domain.ParseID[domain.AccountID](account); err != nil || id != caller.Account {
			return problem.ErrUnknown
		}
	}
	if slices.Contains(operation.Roles, caller.Role) {
		return nil
	}
	allowed := strings.Join(operation.Roles, " or ")
	if caller.Key == "" {
		return problem.New(http.StatusForbidden, "role_forbidden",
			"your role is %s, and this needs %s; ask somebody with that role", caller.Role, allowed)
	}
	return problem.New(http.StatusForbidden, "role_forbidden",
		"a key of role %s may not do this; use one of role %s", caller.Role, allowed)
}
