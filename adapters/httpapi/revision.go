package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// etag writes a revision as an entity tag.
func etag(revision domain.Revision) string {
	return strconv.Quote(strconv.FormatInt(int64(revision), 10))
}

type expectedKey struct{}

// expect carries If-Match along, where the request has one. "*" asks only that the thing exists, which every
// command on an existing thing asks anyway.
func expect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := strings.TrimSpace(r.Header.Get("If-Match"))
		if given == "" || given == "*" || r.Method == http.MethodGet {
			next.ServeHTTP(w, r)
			return
		}
		inner, quoted := strings.CutPrefix(given, `"`)
		inner, closed := strings.CutSuffix(inner, `"`)
		revision, err := strconv.ParseInt(inner, 10, 64)
		if !quoted || !closed || err != nil || revision < 0 {
			writeProblem(w, r, errBadRevision)
			return
		}
		ctx := context.WithValue(r.Context(), expectedKey{}, domain.Revision(revision))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// expectedOf is the revision that If-Match asks for; ok is false when any will do.
func expectedOf(ctx context.Context) (revision domain.Revision, ok bool) {
	revision, ok = ctx.Value(expectedKey{}).(domain.Revision)
	return revision, ok
}
