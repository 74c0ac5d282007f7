package openapi

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/domain"
)

// validation leaves authentication to package middleware.
var validation = &openapi3filter.Options{
	AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc,
	RejectWhenRequestBodyNotSpecified: true,
	SchemaValidationOptions: []openapi3.SchemaValidationOption{
		openapi3.WithStringFormatValidator("uuid", openapi3.NewCallbackValidator(isUUID)),
		openapi3.WithStringFormatValidator("date-time", openapi3.NewCallbackValidator(isInstant)),
		openapi3.WithStringFormatValidator("date", openapi3.NewCallbackValidator(isDate)),
	},
}

func isUUID(text string) error {
	if _, err := uuid.Parse(text); err != nil || len(text) != 36 {
		return errors.New("not a UUID")
	}
	return nil
}

// instantForm is the form of RFC 3339. Package time also takes one digit of an hour, and a comma before fractions.
var instantForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$`)

// isInstant accepts what the generated code can read, so that a date that does not exist is refused with its field.
func isInstant(text string) error {
	if !instantForm.MatchString(text) {
		return errors.New("not in the form of RFC 3339")
	}
	var at time.Time
	if err := at.UnmarshalText([]byte(text)); err != nil {
		return err
	}
	return domain.CheckInstant(at)
}

func isDate(text string) error {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return err
	}
	return domain.CheckInstant(at)
}

// Check returns the first problem of a request: one that cannot be read without guessing, or a parameter or a body that
// the document does not allow.
func (o *Operation) Check(r *http.Request) error {
	if err := o.parameters.check(r); err != nil {
		return err
	}
	if err := o.checkBody(r); err != nil {
		return err
	}
	err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: mux.Vars(r), Route: o.route, Options: validation,
	})
	if err != nil {
		return explain(err)
	}
	return nil
}

// explain returns the problem that an error of the checker means, and says what to do.
func explain(err error) error {
	var (
		request *openapi3filter.RequestError
		schema  *openapi3.SchemaError
	)
	switch {
	case !errors.As(err, &request):
	case request.Parameter != nil:
		return explainParameter(request)
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		return problem.New(http.StatusBadRequest, "body_missing", "the request has no body; send JSON as described in /docs")
	case errors.As(err, &schema):
		return explainSchema("", schema)
	}
	return problem.New(http.StatusBadRequest, "request_malformed", "cannot read the request; /docs describes its form")
}

func explainParameter(request *openapi3filter.RequestError) error {
	name := request.Parameter.Name
	var schema *openapi3.SchemaError
	switch {
	case errors.Is(request.Err, openapi3filter.ErrInvalidRequired),
		errors.Is(request.Err, openapi3filter.ErrInvalidEmptyValue):
		switch name {
		case "Idempotency-Key":
			return problem.ErrIdempotencyKeyMissing
		case "If-Match":
			return problem.ErrIfMatchMissing
		}
		return problem.Invalid(name, "%s is missing; give it in the %s", name, request.Parameter.In)
	case errors.As(request.Err, &schema):
		return explainSchema(name, schema)
	}
	return problem.Invalid(name, "%s must be %s", name, formOf(request.Parameter.Schema.Value))
}

// unsupported matches the checker's reason for a member that the document does not have.
var unsupported = regexp.MustCompile(`^property "([\w-]{1,40})" is unsupported$`)

// explainSchema names the value and the rule that it breaks. It does not repeat the value, which may be personal.
func explainSchema(name string, broken *openapi3.SchemaError) error {
	field := strings.Join(broken.JSONPointer(), ".")
	if name != "" { // a parameter, and not one value of its list
		field = name
	}
	schema := broken.Schema
	what := field
	if what == "" {
		what = "the body"
	}
	switch broken.SchemaField {
	case "required":
		return problem.Invalid(field, "%s is missing", field)
	case "properties", "additionalProperties":
		if named := unsupported.FindStringSubmatch(broken.Reason); named != nil {
			what = strings.TrimPrefix(field+"."+named[1], ".")
		}
		return problem.Invalid(what, "%s is unknown; leave it out or check its spelling", what)
	case "minimum":
		return problem.Invalid(field, "%s must be at least %v", what, whole(*schema.Min))
	case "maximum":
		return problem.Invalid(field, "%s must be at most %v", what, whole(*schema.Max))
	case "minLength":
		return problem.Invalid(field, "%s must have at least %d characters", what, schema.MinLength)
	case "maxLength":
		return problem.Invalid(field, "%s must have at most %d characters", what, *schema.MaxLength)
	case "minItems":
		return problem.Invalid(field, "%s must have at least %d entries", what, schema.MinItems)
	case "maxItems":
		return problem.Invalid(field, "%s must have at most %d entries", what, *schema.MaxItems)
	case "uniqueItems":
		return problem.Invalid(field, "%s must not hold the same entry twice", what)
	}
	return problem.Invalid(field, "%s must be %s", what, formOf(schema))
}

// whole formats a number without a fraction.
func whole(n float64) string { return fmt.Sprintf("%.0f", n) }

// formOf describes how a value is written, with an example if the document has one.
func formOf(schema *openapi3.Schema) string {
	var form string
	switch {
	case schema == nil:
		return "of another form; /docs describes it"
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
		form = fmt.Sprintf("a date that exists, from %d to %d, like 2026-03-18", domain.FirstYear, domain.EndYear-1)
	case schema.Format == "date-time":
		form = fmt.Sprintf("an instant with its offset that exists, from %d to %d, like 2026-03-18T09:00:00Z",
			domain.FirstYear, domain.EndYear-1)
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
