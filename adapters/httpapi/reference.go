package httpapi

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

//go:embed reference.css
var referenceCSS []byte

//go:embed reference.svg
var referenceIcon []byte

// The reference is a page for people, made once from the document: every operation with its roles, values and
// answers. It needs no script and loads nothing from elsewhere.
type (
	reference struct {
		Title, Version, Summary string
		Intro                   []template.HTML
		Groups                  []referenceGroup
		Things                  []referenceThing
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
		Body, Answer              string // name of a thing
		Status                    string
	}
	referenceThing struct {
		Name        string
		Description template.HTML
		Form        template.HTML // of a thing that is one value
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

// referencePage writes the page.
func referencePage(spec *openapi3.T) ([]byte, error) {
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
		page.Things = append(page.Things, thingOf(name, schema.Value))
	}
	slices.SortFunc(page.Things, func(a, b referenceThing) int { return strings.Compare(a.Name, b.Name) })
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
			roles, _ := rolesOf(described) // checked when the document was read
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
			for status, answer := range described.Responses.Map() {
				if content := answer.Value.Content["application/json"]; content != nil {
					one.Status, one.Answer = status, nameOf(content.Schema)
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

func thingOf(name string, schema *openapi3.Schema) referenceThing {
	thing := referenceThing{Name: name, Description: prose(schema.Description)}
	if len(schema.Properties) == 0 {
		thing.Form = formHTML(openapi3.NewSchemaRef("", schema))
		return thing
	}
	for property, value := range schema.Properties {
		thing.Values = append(thing.Values, referenceValue{
			Name: property, Required: slices.Contains(schema.Required, property), Form: formHTML(value),
			Description: prose(value.Value.Description),
		})
	}
	slices.SortFunc(thing.Values, func(a, b referenceValue) int {
		if a.Required != b.Required {
			return map[bool]int{true: -1, false: 1}[a.Required]
		}
		return strings.Compare(a.Name, b.Name)
	})
	return thing
}
