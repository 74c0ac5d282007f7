package middleware

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
)

// methods are those that routes may have, in the order in which Allow names them.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}

// Address serves an address exactly as it is: it never redirects, because many clients repeat a redirected POST as a
// GET. An address that is not UTF-8 is refused. HEAD is served as GET, whose body net/http leaves out, and OPTIONS with
// the methods that the address has.
func Address(router *mux.Router) http.Handler {
	router.SkipClean(true) // cleaning redirects
	router.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", strings.Join(allowed(router, r), ", "))
		Refuse(w, r, problem.ErrMethod)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !utf8.ValidString(r.URL.Path) || strings.Contains(r.URL.Path, "\x00") {
			Refuse(w, r, problem.ErrPathMalformed)
			return
		}
		switch r.Method {
		case http.MethodHead:
			r = withMethod(r, http.MethodGet).WithContext(context.WithValue(r.Context(), headKey{}, true))
		case http.MethodOptions:
			if allow := allowed(router, r); len(allow) > 0 {
				w.Header().Set("Allow", strings.Join(allow, ", "))
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		router.ServeHTTP(w, r)
	})
}

type headKey struct{}

// IsHead reports whether only the header of a response is wanted, so that one which lasts can end at once.
func IsHead(ctx context.Context) bool { return ctx.Value(headKey{}) != nil }

// allowed returns the methods of an address, none if there is no such address.
func allowed(router *mux.Router, r *http.Request) (allow []string) {
	for _, method := range methods {
		var match mux.RouteMatch
		if router.Match(withMethod(r, method), &match) && match.MatchErr == nil {
			if allow = append(allow, method); method == http.MethodGet {
				allow = append(allow, http.MethodHead)
			}
		}
	}
	if len(allow) > 0 {
		allow = append(allow, http.MethodOptions)
	}
	return allow
}

func withMethod(r *http.Request, method string) *http.Request {
	changed := *r
	changed.Method = method
	return &changed
}
