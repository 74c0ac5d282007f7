package kurrentdb

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// restKey begins the metadata of each of our events. The number after it counts the events of the same append that
// follow. The node accepts any sequence of known ids as a repeated append; this number shows where an append ends.
const restKey = `{"clickbook_rest":`

// withRest adds rest to the metadata of an event. JSON stays readable as JSON, and withoutRest restores the metadata
// byte for byte:
//
//	{"a":1}         {"clickbook_rest":2,"a":1}     an object with content
//	(nothing)       {"clickbook_rest":2}
//	anything else   2:anything else
//
// The metadata may contain the same key already. Only the first one is removed again.
func withRest(rest int, meta []byte) []byte {
	made := make([]byte, 0, len(restKey)+len(meta)+8)
	switch {
	case len(meta) == 0:
		return append(strconv.AppendInt(append(made, restKey...), int64(rest), 10), '}')
	case isFilledObject(meta):
		made = strconv.AppendInt(append(made, restKey...), int64(rest), 10)
		return append(append(made, ','), meta[1:]...)
	}
	return append(append(strconv.AppendInt(made, int64(rest), 10), ':'), meta...)
}

// isFilledObject reports whether meta is a JSON object with content whose first byte is the brace.
func isFilledObject(meta []byte) bool {
	if meta[0] != '{' || !json.Valid(meta) {
		return false
	}
	return bytes.TrimLeft(meta[1:], " \t\r\n")[0] != '}'
}

// withoutRest is the inverse of withRest. It changes stored. It returns false for metadata that withRest has not
// made.
func withoutRest(stored []byte) (rest int, meta []byte, ok bool) {
	text, object := bytes.CutPrefix(stored, []byte(restKey))
	digits := 0
	for digits < len(text) && '0' <= text[digits] && text[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits > 9 || digits == len(text) {
		return 0, nil, false
	}
	rest, err := strconv.Atoi(string(text[:digits]))
	if err != nil {
		return 0, nil, false
	}
	switch end := text[digits]; {
	case object && end == ',':
		text[digits] = '{'
		return rest, text[digits:], true
	case object && end == '}' && digits == len(text)-1:
		return rest, nil, true
	case !object && end == ':':
		return rest, text[digits+1:], true
	}
	return 0, nil, false
}
