// Package httpapi answers HTTP under /api/v1: it parses, calls a command or a query, and encodes. The routes and
// types are generated from docs/openapi.yaml, and every request is checked against that document. It refuses to
// decide anything itself, and to let one account see or touch a thing of another.
package httpapi

//go:generate go tool -modfile=../../tools.mod oapi-codegen -config oapi-codegen.yaml ../../docs/openapi.yaml
