package middleware

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/domain"
)

// CheckDocument refuses a request that the API document does not allow.
func CheckDocument(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := operationOf(r.Context()).Check(r); err != nil {
			Refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// CheckIfMatch refuses a malformed If-Match, before a write can have any effect.
func CheckIfMatch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := expectedRevision(r); err != nil {
			Refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// expectedRevision returns the revision in If-Match, or nil if any will do. "*" requires only that the thing exists,
// which every command checks anyway.
func expectedRevision(r *http.Request) (*domain.Revision, error) {
	given := strings.TrimSpace(r.Header.Get("If-Match"))
	if given == "" || given == "*" || r.Method == http.MethodGet {
		return nil, nil
	}
	inner, opened := strings.CutPrefix(given, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	number, err := strconv.ParseInt(inner, 10, 64)
	if !opened || !closed || err != nil || number < 0 {
		return nil, problem.ErrIfMatchMalformed
	}
	revision := domain.Revision(number)
	return &revision, nil
}
