// Package openapi reads the API document: it finds the operation of a request, checks requests against the document,
// and renders the reference page.
package openapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
)

// Base is the path of the API.
const Base = "/api/v1"

// PositionHeader says where in the log a write is, or which position a read waits for.
const PositionHeader = "Clickbook-Position"

// Document is the API document.
type Document struct {
	spec       *openapi3.T
	operations map[string]*Operation // by "METHOD /api/v1/path/{template}"
}

// Operation is one operation of the document.
type Operation struct {
	Roles     []string // which may call it; none means that it needs no key
	OfAccount bool     // its path names an account
	Secret    string   // member of the response that is shown once and not stored; "" if there is none

	Names bool // the response names people; the names are not stored
	Lasts bool // the response lasts until the caller leaves

	parameters parameters
	route      *routers.Route
}

// Public reports whether the operation needs no key.
func (o *Operation) Public() bool { return len(o.Roles) == 0 }

// Path returns the path with its placeholders, below Base.
func (o *Operation) Path() string { return o.route.Path }

// Parse reads a document. It refuses an operation that does not say which roles may call it.
func Parse(data []byte) (*Document, error) {
	loader := openapi3.NewLoader()
	spec, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("read the API document: %w", err)
	}
	if err := spec.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("read the API document: %w", err)
	}
	// The checker of 3.0 names the broken rule, fills in defaults and compiles no schema per request. The document uses
	// only rules that 3.0 has too.
	checked := *spec
	checked.OpenAPI = "3.0.3"
	document := &Document{spec: spec, operations: make(map[string]*Operation)}
	for path, item := range spec.Paths.Map() {
		for method, described := range item.Operations() {
			roles, err := rolesOf(described)
			if err != nil {
				return nil, fmt.Errorf("read the API document: %s %s: %w", method, path, err)
			}
			secret, _ := described.Extensions["x-shown-once"].(string)
			names, _ := described.Extensions["x-names"].(bool)
			lasts, _ := described.Extensions["x-lasts"].(bool)
			document.operations[method+" "+Base+path] = &Operation{
				Roles: roles, Secret: secret, Names: names, Lasts: lasts, parameters: parametersOf(item, described),
				OfAccount: slices.ContainsFunc(item.Parameters, func(p *openapi3.ParameterRef) bool {
					return p.Value.In == "path" && p.Value.Name == "account"
				}),
				route: &routers.Route{
					Spec: &checked, Server: spec.Servers[0], Path: path, PathItem: item, Method: method, Operation: described,
				},
			}
		}
	}
	return document, nil
}

func rolesOf(described *openapi3.Operation) ([]string, error) {
	listed, ok := described.Extensions["x-roles"].([]any)
	if !ok {
		return nil, errors.New("x-roles is missing")
	}
	roles := make([]string, len(listed))
	for i, role := range listed {
		if roles[i], ok = role.(string); !ok || !api.Role(roles[i]).Valid() {
			return nil, fmt.Errorf("x-roles: unknown role %v", role)
		}
	}
	if public := described.Security != nil && len(*described.Security) == 0; public != (len(roles) == 0) {
		return nil, errors.New("x-roles and security must both be empty, or neither")
	}
	return roles, nil
}

// Operation returns the operation of a request that the router has matched.
func (d *Document) Operation(r *http.Request) (*Operation, bool) {
	route := mux.CurrentRoute(r)
	if route == nil {
		return nil, false
	}
	template, err := route.GetPathTemplate()
	if err != nil {
		return nil, false
	}
	found, ok := d.operations[r.Method+" "+template]
	return found, ok
}
