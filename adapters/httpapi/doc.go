// Package httpapi serves the HTTP API under /api/v1. A handler parses its request, calls one use case or query, and
// encodes the result. Routes and types are generated from docs/openapi.yaml into package api, and every request is
// checked against that document before its handler runs. The package makes no decisions of the domain, and no request
// reads or changes anything of an account that its key does not belong to.
package httpapi
