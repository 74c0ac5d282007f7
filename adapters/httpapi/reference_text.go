package httpapi

import (
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// nameOf is the name of the thing that a schema refers to, or "".
func nameOf(schema *openapi3.SchemaRef) string {
	_, name, _ := strings.Cut(schema.Ref, "#/components/schemas/")
	return name
}

// formHTML says how a value is written, with a link where it is a thing of its own.
func formHTML(schema *openapi3.SchemaRef) template.HTML {
	if name := nameOf(schema); name != "" {
		return template.HTML(fmt.Sprintf(`<a href="#%[1]s">%[1]s</a>`, html.EscapeString(name))) //nolint:gosec // escaped
	}
	value := schema.Value
	if value.Type.Is("array") && value.Items != nil {
		return "list of " + formHTML(value.Items)
	}
	text := formOf(value)
	switch {
	case value.Min != nil && value.Max != nil:
		text += fmt.Sprintf(", %s to %s", whole(*value.Min), whole(*value.Max))
	case value.MaxLength != nil && len(value.Enum) == 0:
		text += fmt.Sprintf(", up to %d characters", *value.MaxLength)
	}
	return template.HTML(html.EscapeString(text)) //nolint:gosec // escaped
}

var (
	strong = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	code   = regexp.MustCompile("`([^`]+)`")
)

// prose turns the little Markdown that the document uses into HTML.
func prose(text string) template.HTML {
	text = html.EscapeString(strings.Join(strings.Fields(text), " "))
	text = strong.ReplaceAllString(text, "<strong>$1</strong>")
	text = code.ReplaceAllString(text, "<code>$1</code>")
	return template.HTML(text) //nolint:gosec // escaped above
}
