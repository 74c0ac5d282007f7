package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/google/uuid"
	"github.com/gorilla/mux"
)

// validation checks against the document what a request says. Keys and roles are the guard's business.
var validation = &openapi3filter.Options{
	AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc,
	RejectWhenRequestBodyNotSpecified: true,
	SchemaValidationOptions: []openapi3.SchemaValidationOption{
		openapi3.WithStringFormatValidator("uuid", openapi3.NewCallbackValidator(isUUID)),
	},
}

func isUUID(text string) error {
	if _, err := uuid.Parse(text); err != nil || len(text) != 36 {
		return errors.New("not a UUID")
	}
	return nil
}

// validate answers the first thing that is wrong with a request in one sentence.
func validate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := operationOf(r.Context())
		err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
			Request: r, PathParams: mux.Vars(r), Route: asked.route, Options: validation,
		})
		if err != nil {
			writeProblem(w, r, explain(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// explain turns what the document's checker found into what the asker should do.
func explain(err error) error {
	var (
		tooLarge *http.MaxBytesError
		request  *openapi3filter.RequestError
		parse    *openapi3filter.ParseError
		schema   *openapi3.SchemaError
	)
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case !errors.As(err, &request):
		return deny(http.StatusBadRequest, "request_malformed", "the request cannot be read; see /docs for its form")
	case request.Parameter != nil:
		return explainParameter(request)
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		return deny(http.StatusBadRequest, "body_missing", "the request has no body; send JSON as described in /docs")
	case strings.HasPrefix(request.Reason, "header Content-Type"):
		return deny(http.StatusUnsupportedMediaType, "content_type", "send the body as Content-Type: application/json")
	case errors.As(err, &schema):
		return explainSchema("", schema)
	case errors.As(err, &parse):
		return deny(http.StatusBadRequest, "body_malformed", "the body is not JSON that can be read; check its syntax")
	}
	return deny(http.StatusBadRequest, "body_malformed", "this request takes no such body; see /docs")
}

func explainParameter(request *openapi3filter.RequestError) error {
	name := request.Parameter.Name
	var schema *openapi3.SchemaError
	switch {
	case errors.Is(request.Err, openapi3filter.ErrInvalidRequired),
		errors.Is(request.Err, openapi3filter.ErrInvalidEmptyValue):
		switch name {
		case "Idempotency-Key":
			return errNoIdempotencyKey
		case "If-Match":
			return errNoRevision
		}
		return invalid(name, "%s is missing; give it in the %s", name, request.Parameter.In)
	case errors.As(request.Err, &schema):
		return explainSchema(name, schema)
	}
	return invalid(name, "%s must be %s", name, formOf(request.Parameter.Schema.Value))
}

func invalid(field, format string, args ...any) *fault {
	found := deny(http.StatusUnprocessableEntity, "value_invalid", format, args...)
	found.field = field
	return found
}

// unsupported is how the checker names a member that the document does not know.
var unsupported = regexp.MustCompile(`^property "([\w-]{1,40})" is unsupported$`)

// explainSchema says which value breaks which rule. It never repeats the value: it may be personal.
func explainSchema(name string, broken *openapi3.SchemaError) error {
	field := strings.Join(broken.JSONPointer(), ".")
	if name != "" {
		field = strings.TrimSuffix(name+"."+field, ".")
	}
	schema := broken.Schema
	what := field
	if what == "" {
		what = "the body"
	}
	switch broken.SchemaField {
	case "required":
		return invalid(field, "%s is missing", field)
	case "properties", "additionalProperties":
		if named := unsupported.FindStringSubmatch(broken.Reason); named != nil {
			what = strings.TrimPrefix(field+"."+named[1], ".")
		}
		return invalid(what, "%s is not known here; leave it out or check its spelling", what)
	case "minimum":
		return invalid(field, "%s must be at least %v", what, whole(*schema.Min))
	case "maximum":
		return invalid(field, "%s must be at most %v", what, whole(*schema.Max))
	case "minLength":
		return invalid(field, "%s must have at least %d characters", what, schema.MinLength)
	case "maxLength":
		return invalid(field, "%s must have at most %d characters", what, *schema.MaxLength)
	case "minItems":
		return invalid(field, "%s must have at least %d entries", what, schema.MinItems)
	case "maxItems":
		return invalid(field, "%s must have at most %d entries", what, *schema.MaxItems)
	case "uniqueItems":
		return invalid(field, "%s must not hold the same entry twice", what)
	}
	return invalid(field, "%s must be %s", what, formOf(schema))
}

func whole(n float64) string { return fmt.Sprintf("%.0f", n) }

// formOf says how a value is written, with an example where the document has one.
func formOf(schema *openapi3.Schema) string {
	var form string
	switch {
	case schema == nil:
		return "of another form; see /docs"
	case len(schema.Enum) > 0:
		options := make([]string, len(schema.Enum))
		for i, option := range schema.Enum {
			options[i] = fmt.Sprint(option)
		}
		return "one of " + strings.Join(options, ", ")
	case schema.Type.Is("integer"):
		form = "a whole number, without a fraction"
	case schema.Type.Is("boolean"):
		form = "true or false"
	case schema.Type.Is("array"):
		form = "a list"
	case schema.Type.Is("object"):
		form = "an object"
	case schema.Format == "uuid":
		form = "an id of 36 characters"
	case schema.Format == "date":
		form = "a date like 2026-03-18"
	case schema.Format == "date-time":
		form = "an instant with its offset, like 2026-03-18T09:00:00Z"
	case schema.Pattern != "" && len(schema.Examples) == 0:
		form = "text of the form " + schema.Pattern
	default:
		form = "text"
	}
	if len(schema.Examples) > 0 {
		form += fmt.Sprintf(" like %v", schema.Examples[0])
	}
	return form
}
