package openapi

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
)

// parameters are the parameters of an operation, by where they are.
type parameters struct {
	headers []string        // those that must not be repeated
	query   []string        // sorted
	lists   map[string]bool // those of the query that take several values
}

func parametersOf(item *openapi3.PathItem, described *openapi3.Operation) parameters {
	found := parameters{headers: []string{"Authorization", "Content-Type"}, lists: make(map[string]bool)}
	for _, parameter := range slices.Concat(item.Parameters, described.Parameters) {
		switch value := parameter.Value; {
		case value.In == openapi3.ParameterInQuery:
			found.query = append(found.query, value.Name)
			found.lists[value.Name] = value.Schema.Value.Type.Is(openapi3.TypeArray)
		case value.In == openapi3.ParameterInHeader && value.Name != "If-Match": // it is a list in HTTP itself
			found.headers = append(found.headers, value.Name)
		}
	}
	slices.Sort(found.query)
	return found
}

// check refuses a query that two readers could understand differently: a broken escape or character, a parameter
// that the operation does not have, and a second value for a parameter that takes one. It refuses repeated headers for
// the same reason. A list that is given in one value with commas is rewritten to one value each.
func (p parameters) check(r *http.Request) error {
	for _, name := range p.headers {
		if len(r.Header.Values(name)) > 1 {
			return malformed("header_repeated", name, "the header %s is given more than once; send it once", name)
		}
	}
	if r.URL.RawQuery == "" {
		return nil
	}
	read := make(url.Values)
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if part == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(rawName)
		switch {
		case err != nil || !readable(name):
			return malformed("query_malformed", "",
				"the name of a parameter is not percent-encoded UTF-8; check the query")
		case !slices.Contains(p.query, name):
			return p.unknown(name)
		}
		value, err := url.QueryUnescape(rawValue)
		switch {
		case err != nil || !readable(value) || strings.Contains(rawValue, ";"):
			return malformed("query_malformed", name,
				"the value of %s is not percent-encoded UTF-8; encode it, and separate parameters with &", name)
		case p.lists[name]:
			read[name] = append(read[name], strings.Split(value, ",")...)
		case read.Has(name):
			return malformed("parameter_repeated", name, "%s is given more than once; give it one value", name)
		default:
			read.Set(name, value)
		}
	}
	r.URL.RawQuery = read.Encode()
	return nil
}

// unknown returns the problem of a parameter that the operation does not have. It names those that it has.
func (p parameters) unknown(name string) error {
	field := name
	if !simpleName.MatchString(name) {
		field = "a parameter"
	}
	hint := "it takes no parameters"
	if len(p.query) > 0 {
		hint = "it takes " + strings.Join(p.query, ", ")
	}
	return malformed("parameter_unknown", field, "%s is not a parameter of this operation; %s", field, hint)
}

// simpleName matches the names that a problem may repeat. A longer or stranger one may be anything.
var simpleName = regexp.MustCompile(`^[\w-]{1,40}$`)

// readable reports whether a text can be stored and shown: PostgreSQL stores no NUL and nothing but UTF-8.
func readable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// malformed returns the problem of a request that cannot be read without guessing.
func malformed(code, field, format string, args ...any) error {
	p := problem.New(http.StatusBadRequest, code, format, args...)
	p.Field = field
	return p
}
