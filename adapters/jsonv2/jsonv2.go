// Package jsonv2 decodes events with the candidate for Go's next encoding/json, which is about three times as fast as
// the current one. Events are still encoded by the standard library, which therefore decides their stored form.
package jsonv2

import json "github.com/go-json-experiment/json"

// Unmarshal is a domain.Unmarshal. Unlike encoding/json it matches names exactly and refuses a duplicate name.
func Unmarshal(data []byte, into any) error { return json.Unmarshal(data, into) }
