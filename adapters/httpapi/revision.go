package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// etag writes a revision as an entity tag.
func etag(revision domain.Revision) string {
	return strconv.Quote(strconv.FormatInt(int64(revision), 10))
}

// expect refuses an If-Match that is no revision before anything else is looked at.
func expect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := expectedOf(r); err != nil {
			writeProblem(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// expectedOf returns the revision that If-Match asks for, nil if any will do. "*" asks only that the thing exists,
// which every command on an existing thing checks anyway.
func expectedOf(r *http.Request) (*domain.Revision, error) {
	given := strings.TrimSpace(r.Header.Get("If-Match"))
	if given == "" || given == "*" || r.Method == http.MethodGet {
		return nil, nil
	}
	inner, quoted := strings.CutPrefix(given, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	number, err := strconv.ParseInt(inner, 10, 64)
	if !quoted || !closed || err != nil || number < 0 {
		return nil, errBadRevision
	}
	revision := domain.Revision(number)
	return &revision, nil
}
