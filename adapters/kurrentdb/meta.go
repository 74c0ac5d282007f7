package kurrentdb

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// restKey begins the metadata of each event of ours, before how many events of the same append follow. The node
// knows of ids only, and takes any sequence of known ids for a repeated append; this tells where appends end.
const restKey = `{"clickbook_rest":`

// withRest joins rest and an event's metadata so that JSON stays readable as JSON, and whatever it was comes back
// byte for byte:
//
//	{"a":1}         {"clickbook_rest":2,"a":1}     an object with something in it
//	(nothing)       {"clickbook_rest":2}
//	anything else   2:anything else
//
// Its own key may stand in the metadata already: only the first one is taken off again.
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

// isFilledObject is about the very bytes: the brace is the first of them, and something else than space follows.
func isFilledObject(meta []byte) bool {
	if meta[0] != '{' || !json.Valid(meta) {
		return false
	}
	return bytes.TrimLeft(meta[1:], " \t\r\n")[0] != '}'
}

// withoutRest undoes withRest, in place. It is false for metadata that withRest has not made.
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
