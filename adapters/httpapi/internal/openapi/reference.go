package openapi

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed reference.html
var referenceHTML string

// StyleSheet is the style sheet of the reference page.
//
//go:embed reference.css
var StyleSheet []byte

// Icon is the icon of the reference page.
//
//go:embed reference.svg
var Icon []byte

// The data of the reference page: every operation with its roles, parameters and responses, and every schema.
type (
	reference struct {
		Title, Version, Summary string
		Intro                   []template.HTML
		Groups                  []referenceGroup
		Schemas                 []referenceSchema
	}
	referenceGroup struct {
		Name, Anchor, Description string
		Operations                []referenceOperation
	}
	referenceOperation struct {
		ID, Method, Path, Summary string
		Description               template.HTML
		Roles                     []string
		Parameters                []referenceValue
		Body, Response            string // names of schemas
		Status                    string
	}
	referenceSchema struct {
		Name        string
		Description template.HTML
		Form        template.HTML // of a schema without properties
		Values      []referenceValue
	}
	referenceValue struct {
		Name, In    string
		Required    bool
		Form        template.HTML
		Description template.HTML
	}
)

var methodOrder = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete}

// Reference renders the reference page. It needs no script and loads nothing from other servers.
func (d *Document) Reference() ([]byte, error) {
	spec := d.spec
	page := reference{Title: spec.Info.Title, Version: spec.Info.Version, Summary: spec.Info.Summary}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(spec.Info.Description), "\n\n") {
		page.Intro = append(page.Intro, prose(paragraph))
	}
	for _, tag := range spec.Tags {
		page.Groups = append(page.Groups, referenceGroup{
			Name: tag.Name, Anchor: strings.ReplaceAll(strings.ToLower(tag.Name), " ", "-"), Description: tag.Description,
			Operations: operationsOf(spec, tag.Name),
		})
	}
	for name, schema := range spec.Components.Schemas {
		page.Schemas = append(page.Schemas, schemaOf(name, schema.Value))
	}
	slices.SortFunc(page.Schemas, func(a, b referenceSchema) int { return strings.Compare(a.Name, b.Name) })
	parsed, err := template.New("reference").Parse(referenceHTML)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, page)
	return out.Bytes(), err
}

func operationsOf(spec *openapi3.T, tag string) []referenceOperation {
	var found []referenceOperation
	for path, item := range spec.Paths.Map() {
		for method, described := range item.Operations() {
			if !slices.Contains(described.Tags, tag) {
				continue
			}
			roles, _ := rolesOf(described) // Parse has checked them
			one := referenceOperation{
				ID: described.OperationID, Method: method, Path: Base + path, Summary: described.Summary,
				Description: prose(described.Description), Roles: roles,
			}
			for _, parameter := range slices.Concat(item.Parameters, described.Parameters) {
				if value := parameter.Value; value.Name != PositionHeader && value.Name != "after" {
					one.Parameters = append(one.Parameters, referenceValue{
						Name: value.Name, In: value.In, Required: value.Required, Form: formHTML(value.Schema),
						Description: prose(value.Description),
					})
				}
			}
			if described.RequestBody != nil {
				one.Body = nameOf(described.RequestBody.Value.Content["application/json"].Schema)
			}
			for status, response := range described.Responses.Map() {
				if content := response.Value.Content["application/json"]; content != nil {
					one.Status, one.Response = status, nameOf(content.Schema)
				}
			}
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b referenceOperation) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return slices.Index(methodOrder, a.Method) - slices.Index(methodOrder, b.Method)
	})
	return found
}

func schemaOf(name string, schema *openapi3.Schema) referenceSchema {
	shown := referenceSchema{Name: name, Description: prose(schema.Description)}
	if len(schema.Properties) == 0 {
		shown.Form = formHTML(openapi3.NewSchemaRef("", schema))
		return shown
	}
	for property, value := range schema.Properties {
		shown.Values = append(shown.Values, referenceValue{
			Name: property, Required: slices.Contains(schema.Required, property), Form: formHTML(value),
			Description: prose(value.Value.Description),
		})
	}
	slices.SortFunc(shown.Values, func(a, b referenceValue) int {
		if a.Required != b.Required {
			return map[bool]int{true: -1, false: 1}[a.Required]
		}
		return strings.Compare(a.Name, b.Name)
	})
	return shown
}
