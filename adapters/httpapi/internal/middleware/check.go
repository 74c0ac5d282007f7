package middleware

import "net/http"

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
