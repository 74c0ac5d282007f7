package openapi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
)

// maxDepth bounds how deeply a body is nested. The document needs six levels.
const maxDepth = 32

// checkBody refuses a body that is not one JSON value in UTF-8, or that two parsers could understand differently. The
// rest of the checks, and encoding/json, then see a body that means one thing.
func (o *Operation) checkBody(r *http.Request) error {
	encodings := r.Header.Values("Content-Encoding")
	if slices.ContainsFunc(encodings, func(e string) bool { return !strings.EqualFold(e, "identity") }) {
		return problem.New(http.StatusUnsupportedMediaType, "content_encoding",
			"the body is compressed; send it without Content-Encoding")
	}
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return problem.ErrBodyTooLarge
	case err != nil:
		return malformedBody("", "the body ended too early; send the whole request again")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch {
	case len(body) == 0:
		return nil // the document says whether that is allowed
	case o.route.Operation.RequestBody == nil:
		return malformedBody("", "this request has no such body; /docs describes it")
	}
	if err := checkContentType(r.Header.Get("Content-Type")); err != nil {
		return err
	}
	return checkJSON(body)
}

func checkContentType(given string) error {
	media, params, err := mime.ParseMediaType(given)
	if err != nil || media != "application/json" {
		return problem.New(http.StatusUnsupportedMediaType, "content_type",
			"send the body as Content-Type: application/json")
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return problem.New(http.StatusUnsupportedMediaType, "content_type",
			"JSON is always UTF-8; convert the body and leave the charset out of Content-Type")
	}
	return nil
}

// checkJSON reads a body once, strictly.
func checkJSON(body []byte) error {
	if bytes.HasPrefix(body, []byte("\ufeff")) {
		return malformedBody("", "the body starts with a byte order mark; send it without one")
	}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(body))
	values := 0
	for {
		token, err := decoder.ReadToken()
		switch {
		case errors.Is(err, io.EOF) && values == 1:
			return nil
		case values == 1:
			return malformedBody("", "something follows the JSON value of the body; send one value")
		case err != nil:
			return explainSyntax(err)
		case decoder.StackDepth() > maxDepth:
			return malformedBody("", "the body is nested more than %d levels deep; /docs describes its form", maxDepth)
		case token.Kind() == '"' && strings.Contains(token.String(), "\x00"):
			return malformedBody(fieldAt(decoder.StackPointer()), "%s contains the character NUL; leave it out")
		}
		if decoder.StackDepth() == 0 {
			values++
		}
	}
}

// explainSyntax says where JSON is broken. It repeats no value, which may be personal.
func explainSyntax(err error) error {
	const generic = "the body is not valid JSON; check its syntax"
	var broken *jsontext.SyntacticError
	if !errors.As(err, &broken) {
		return malformedBody("", generic)
	}
	field := fieldAt(broken.JSONPointer)
	switch reason := broken.Err.Error(); {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return malformedBody(field, "%s is given more than once; give it once")
	case strings.Contains(reason, "UTF-8"):
		return malformedBody(field, "%s is not UTF-8; convert the body to UTF-8")
	case strings.Contains(reason, "surrogate"):
		return malformedBody(field, `%s has half of a surrogate pair such as \ud83d; send whole characters`)
	}
	p := problem.New(http.StatusBadRequest, "body_malformed", generic)
	p.Field = field
	return p
}

// malformedBody returns the problem of a body. The format may name the field with one %s.
func malformedBody(field, format string, args ...any) error {
	if strings.Contains(format, "%s") {
		what := field
		if what == "" {
			what = "the body"
		}
		args = append([]any{what}, args...)
	}
	return malformed("body_malformed", field, format, args...)
}

// fieldAt writes a JSON pointer as problems do: "hours.0.from" for /hours/0/from. It stops before a name that the
// caller may have made of anything.
func fieldAt(pointer jsontext.Pointer) string {
	var names []string
	for name := range pointer.Tokens() {
		if !simpleName.MatchString(name) || !utf8.ValidString(name) {
			break
		}
		names = append(names, name)
	}
	return strings.Join(names, ".")
}
