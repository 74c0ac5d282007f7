package docs_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
)

var golden = flag.Bool("golden", false, "write docs/events.md")

// streams says how the streams of a category are named.
var streams = map[string]string{
	"account": "account-{id}", "client": "client-{id}", "optout": "optout-{hash}", "service": "service-{id}", "resource": "resource-{id}",
	"diary": "diary-{resource}-{yyyymm}", "appointment": "appointment-{id}", "message": "message-{id}",
	"credits": "credits-{account}", "window": "window-{id}", "provider": "provider-{name}",
	"route": "route-{country}", "outage": "outage-{provider}", "access": "access-{prefix}",
	"team": "team-{account}, team-installation",
	"page": "page-{account}", "pageaddress": "pageaddress-{name}",
	"webhooks": "webhooks-{account}", "feed": "feed-{account}, feed-{resource}",
}

// contract is an aggregate with its folder under domain.
type contract struct {
	folder, stream string
	types          domain.Types
}

// contracts returns every aggregate that is wired.
func contracts(t *testing.T) (found []contract) {
	t.Helper()
	for _, aggregate := range aggregates.All() {
		stream, known := streams[aggregate.Category()]
		if !known {
			t.Fatalf("add to streams in docs/events_test.go how the streams of %q are named", aggregate.Category())
		}
		folder := path.Base(aggregate.Types()[0].Go.PkgPath())
		found = append(found, contract{folder, stream, aggregate.Types()})
	}
	return found
}

// TestEventsAreDocumented holds docs/events.md to the event types and their comments; -golden writes it.
func TestEventsAreDocumented(t *testing.T) {
	page, missing := eventsPage(t)
	for _, name := range missing {
		t.Errorf("%s has no comment", name)
	}
	if *golden {
		if err := os.WriteFile("events.md", page, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	written, err := os.ReadFile("events.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, page) {
		t.Error("docs/events.md differs from the event types: run `make golden` and review the difference")
	}
}

// Every folder with events must be in contracts.
func TestEveryAggregateIsDocumented(t *testing.T) {
	files, err := filepath.Glob("../domain/*/events.go")
	if err != nil {
		t.Fatal(err)
	}
	var found, listed []string
	for _, file := range files {
		found = append(found, filepath.Base(filepath.Dir(file)))
	}
	for _, c := range contracts(t) {
		listed = append(listed, c.folder)
	}
	slices.Sort(listed)
	if !slices.Equal(found, listed) {
		t.Errorf("domain has events of %v, the page lists %v", found, listed)
	}
}

const preface = `# Events

Generated from the event types and their comments by ` + "`make golden`" + `; edit those, not this page.

An event is a fact in the past tense. It is stored once and never rewritten. In addition to its fields it has
metadata: the account, the actor and channel, the event that caused it (causation) and the first of that chain
(correlation), when it happened (occurred_at), when it was appended (recorded_at) and the schema version. Times are UTC,
to the microsecond, in RFC 3339. Fields marked **private** are sealed under the key of the person they are about; when
the key is destroyed they cannot be read. An empty optional field is not written.

`

// eventsPage returns the page and the types without a comment.
func eventsPage(t *testing.T) (page []byte, missing []string) {
	var out bytes.Buffer
	out.WriteString(preface)
	for _, c := range contracts(t) {
		fmt.Fprintf(&out, "- [%s](#%s): `%s`, %d events\n", c.folder, c.folder, c.stream, len(c.types))
	}
	for _, c := range contracts(t) {
		comments := readComments(t, filepath.Join("..", "domain", c.folder), filepath.Join("..", "domain"))
		fmt.Fprintf(&out, "\n## %s\n\nStreams `%s`.\n", c.folder, c.stream)
		var inner []reflect.Type
		for _, eventType := range c.types {
			fmt.Fprintf(&out, "\n### %s\n\n", eventType.Name)
			about := comments.types[eventType.Name]
			if about == "" {
				missing = append(missing, c.folder+"."+eventType.Name)
			}
			fmt.Fprintf(&out, "%s Schema %d.\n", about, eventType.Schema)
			inner = append(inner, writeFields(&out, comments, eventType.Go)...)
		}
		for i := 0; i < len(inner); i++ {
			if slices.Contains(inner[:i], inner[i]) {
				continue
			}
			fmt.Fprintf(&out, "\n### %s: %s\n\n%s\n", c.folder, inner[i].Name(), comments.types[inner[i].Name()])
			inner = append(inner, writeFields(&out, comments, inner[i])...)
		}
	}
	return out.Bytes(), missing
}

// writeFields writes the table of the fields of a struct and returns the structs that they contain.
func writeFields(out *bytes.Buffer, comments comments, shape reflect.Type) (inner []reflect.Type) {
	var rows []string
	for _, field := range reflect.VisibleFields(shape) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous || name == "" {
			continue
		}
		words, held := typeWords(field.Type)
		if held != nil {
			inner = append(inner, held)
		}
		if strings.Contains(field.Tag.Get("json"), ",omit") {
			words += ", optional"
		}
		owner := shape
		for _, step := range field.Index[:len(field.Index)-1] {
			owner = owner.Field(step).Type
		}
		note := strings.ReplaceAll(comments.fields[owner.Name()+"."+field.Name], "|", "\\|")
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |\n", name, words, note))
	}
	if len(rows) > 0 {
		out.WriteString("\n| Field | Type | |\n|---|---|---|\n" + strings.Join(rows, ""))
	}
	return inner
}

// typeWords describes a Go type in words. It also returns a struct of ours that the type contains.
func typeWords(shape reflect.Type) (words string, inner reflect.Type) {
	switch shape {
	case reflect.TypeFor[domain.Private]():
		return "text, **private**", nil
	case reflect.TypeFor[time.Time]():
		return "time", nil
	}
	_, kind, isID := strings.Cut(shape.Name(), "ID[")
	switch {
	case isID:
		kind = kind[strings.LastIndex(kind, ".")+1:]
		return strings.TrimSuffix(kind, "Kind]") + " id", nil
	case shape.Kind() == reflect.Array:
		return "id", nil
	case shape.Kind() == reflect.Slice:
		words, inner = typeWords(shape.Elem())
		return "list of " + words, inner
	case shape.Kind() == reflect.Map:
		words, inner = typeWords(shape.Elem())
		return "map to " + words, inner
	case shape.Kind() == reflect.Struct:
		return shape.Name(), shape
	}
	basic := map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false"}[shape.Kind()]
	if basic == "" {
		basic = "integer"
	}
	if shape.PkgPath() != "" {
		basic += " (" + shape.Name() + ")"
	}
	return basic, nil
}
