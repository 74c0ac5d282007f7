package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/adapters/internal/addresslimit"
	"github.com/clickbook/clickbook/commands/visiting"
)

// publicPath is where the operations of visitors are.
const publicPath = Base + "/public/"

// allowSites lets browsers on other sites call the operations of visitors, where the page allows the site (CORS).
// Everything else is left to the browser, which refuses.
func allowSites(visits *visiting.Visiting, limit *addresslimit.Limit, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, public := strings.CutPrefix(r.URL.EscapedPath(), publicPath)
		if !public {
			next.ServeHTTP(w, r)
			return
		}
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Add("Vary", "Origin")
		if site := r.Header.Get("Origin"); site != "" && limit.Allow(r) {
			name, _, _ := strings.Cut(rest, "/")
			name, err := url.PathUnescape(name)
			at, failed := visits.Open(r.Context(), name)
			if err == nil && failed == nil && slices.Contains(at.Page.Sites, site) {
				header.Set("Access-Control-Allow-Origin", site)
				header.Set("Access-Control-Expose-Headers", "Retry-After")
				if r.Method == http.MethodOptions {
					header.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
					header.Set("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key")
					header.Set("Access-Control-Max-Age", "600")
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}
