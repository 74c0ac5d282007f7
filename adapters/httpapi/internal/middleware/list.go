package middleware

import (
	"context"
	"net/http"
	"net/url"
)

type listKey struct{}

// RememberList notes which list a request reads. It needs a query that has been checked.
func RememberList(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		filters := r.URL.Query()
		for _, other := range []string{"cursor", "limit", "after"} { // these say what to read of the list, and when
			filters.Del(other)
		}
		list := url.URL{Path: r.URL.Path, RawQuery: filters.Encode()} // sorted by name
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), listKey{}, []byte(list.String()))))
	})
}

// ListOf returns the list that a request reads: its address with the account, and its filters. A cursor is good for
// one list only.
func ListOf(ctx context.Context) []byte {
	list, _ := ctx.Value(listKey{}).([]byte)
	return list
}
