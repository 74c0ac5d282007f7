// Package docs carries the documents that the binary serves. It refuses to hold anything but embedded files.
package docs

import _ "embed"

// OpenAPI is the source of the HTTP API: docs/openapi.yaml, byte for byte.
//
//go:embed openapi.yaml
var OpenAPI []byte
