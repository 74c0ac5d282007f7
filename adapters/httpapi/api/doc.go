// Package api holds the routes, parameters and values of the HTTP API, generated from docs/openapi.yaml. Only this
// file and the generator's configuration are written by hand.
package api

//go:generate go tool -modfile=../../../tools.mod oapi-codegen -config oapi-codegen.yaml ../../../docs/openapi.yaml
