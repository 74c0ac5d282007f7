package httpapi

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// serveByShape serves the routes of one router in another, in which each path has a subrouter that looks only at
// requests whose address has its shape. A router tries the regular expression of one route after the other, which for
// two hundred routes costs more than to read the request.
func serveByShape(into, from *mux.Router) error {
	paths := make(map[string]*mux.Router)
	return from.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := route.GetMethods()
		if err != nil {
			return err
		}
		router, known := paths[path]
		if !known {
			router = into.NewRoute().MatcherFunc(hasShape(path)).Subrouter()
			paths[path] = router
		}
		router.Handle(path, route.GetHandler()).Methods(methods...)
		return nil
	})
}

// hasShape matches every request that the path of a route can match, and few others: those with as many segments, of
// which the literal ones are the same.
func hasShape(path string) mux.MatcherFunc {
	segments := strings.Split(path, "/")
	return func(r *http.Request, _ *mux.RouteMatch) bool {
		rest, more := r.URL.Path, true
		for _, want := range segments {
			if !more {
				return false
			}
			var segment string
			segment, rest, more = strings.Cut(rest, "/")
			if !strings.Contains(want, "{") && segment != want {
				return false
			}
		}
		return !more
	}
}
