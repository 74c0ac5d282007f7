package httpapi

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gorilla/mux"
)

// Base is where the API lives.
const Base = "/api/v1"

// operation is one route of the document, with what the guards need to know of it.
type operation struct {
	id     string
	roles  []string // who may ask; none means everybody, without a key
	tenant bool     // its address names an account
	secret string   // member of the answer that is shown once and kept nowhere
	route  *routers.Route
}

func (o *operation) open() bool { return len(o.roles) == 0 }

// operations are all routes by "METHOD /api/v1/path/{template}".
type operations map[string]*operation

// parseSpec reads the document and refuses one with an operation that does not say who may use it.
func parseSpec(data []byte) (*openapi3.T, operations, error) {
	loader := openapi3.NewLoader()
	spec, err := loader.LoadFromData(data)
	if err != nil {
		return nil, nil, fmt.Errorf("read the API document: %w", err)
	}
	if err := spec.Validate(loader.Context); err != nil {
		return nil, nil, fmt.Errorf("read the API document: %w", err)
	}
	// Requests are held to the rules of 3.0, of which this document uses no others: that checker says which rule is
	// broken, fills in defaults, and need not compile a schema for each request.
	checked := *spec
	checked.OpenAPI = "3.0.3"
	table := make(operations)
	for path, item := range spec.Paths.Map() {
		for method, described := range item.Operations() {
			roles, err := rolesOf(described)
			if err != nil {
				return nil, nil, fmt.Errorf("read the API document: %s %s: %w", method, path, err)
			}
			secret, _ := described.Extensions["x-shown-once"].(string)
			table[method+" "+Base+path] = &operation{
				id: described.OperationID, roles: roles, secret: secret,
				tenant: slices.ContainsFunc(item.Parameters, func(p *openapi3.ParameterRef) bool {
					return p.Value.In == "path" && p.Value.Name == "account"
				}),
				route: &routers.Route{
					Spec: &checked, Server: spec.Servers[0], Path: path, PathItem: item, Method: method, Operation: described,
				},
			}
		}
	}
	return spec, table, nil
}

func rolesOf(described *openapi3.Operation) ([]string, error) {
	listed, ok := described.Extensions["x-roles"].([]any)
	if !ok {
		return nil, fmt.Errorf("x-roles is missing")
	}
	roles := make([]string, len(listed))
	for i, role := range listed {
		if roles[i], ok = role.(string); !ok || !Role(roles[i]).Valid() {
			return nil, fmt.Errorf("x-roles holds %v, which is no role", role)
		}
	}
	if open := described.Security != nil && len(*described.Security) == 0; open != (len(roles) == 0) {
		return nil, fmt.Errorf("x-roles and security must both be empty, or neither")
	}
	return roles, nil
}

// find is the operation of a request that a router has matched.
func (o operations) find(r *http.Request) (*operation, bool) {
	route := mux.CurrentRoute(r)
	if route == nil {
		return nil, false
	}
	template, err := route.GetPathTemplate()
	if err != nil {
		return nil, false
	}
	found, ok := o[r.Method+" "+template]
	return found, ok
}
