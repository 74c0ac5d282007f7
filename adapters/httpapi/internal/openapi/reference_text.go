package openapi

import (
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// nameOf returns the name of the schema that a reference refers to, or "".
func nameOf(schema *openapi3.SchemaRef) string {
	_, name, _ := strings.Cut(schema.Ref, "#/components/schemas/")
	return name
}

// formHTML describes how a value is written. It links to the schema of a reference.
func formHTML(schema *openapi3.SchemaRef) template.HTML {
	if name := nameOf(schema); name != "" {
		return template.HTML(fmt.Sprintf(`<a href="#%[1]s">%[1]s</a>`, html.EscapeString(name))) // escaped
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
	return template.HTML(html.EscapeString(text)) // escaped
}

var (
	strong = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	code   = regexp.MustCompile("`([^`]+)`")
)

// prose renders a description as HTML. It knows bold and code, the only Markdown that the document uses.
func prose(text string) template.HTML {
	text = html.EscapeString(strings.Join(strings.Fields(text), " "))
	text = strong.ReplaceAllString(text, "<strong>$1</strong>")
	text = code.ReplaceAllString(text, "<code>$1</code>")
	return template.HTML(text) // escaped above
}
