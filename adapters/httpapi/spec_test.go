package httpapi_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDocumentIsValid(t *testing.T) {
	if err := document().Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestDocumentKeepsItsPromises holds each operation to what the introduction says of all.
func TestDocumentKeepsItsPromises(t *testing.T) {
	for _, route := range routeTable(t) {
		var names, required []string
		for _, parameter := range route.described.Parameters {
			names = append(names, parameter.Value.Name)
			if parameter.Value.Required {
				required = append(required, parameter.Value.Name)
			}
		}
		asks := func(list []string, name string) {
			if !slices.Contains(list, name) {
				t.Errorf("%s %s does not ask for %s", route.method, route.path, name)
			}
		}
		switch route.method {
		case "POST":
			asks(required, "Idempotency-Key")
		case "PUT":
			if route.described.OperationID != "setRoute" { // it may make the route
				asks(required, "If-Match")
			}
		case "GET":
			if len(route.roles) > 0 {
				asks(names, "after")
				asks(names, "Clickbook-Position")
			}
		}
		if slices.Contains(names, "cursor") != slices.Contains(names, "limit") && route.described.OperationID != "listDueReminders" {
			t.Errorf("%s %s has a cursor without a limit, or the other way round", route.method, route.path)
		}
		if route.described.Responses.Default() == nil || route.described.Summary == "" {
			t.Errorf("%s %s does not say what it is or how it refuses", route.method, route.path)
		}
		if strings.Contains(route.path, "{account}") && !slices.Contains(route.roles, "admin") {
			t.Errorf("%s %s is closed to the installation", route.method, route.path)
		}
	}
}

// TestGeneratedCodeIsCurrent generates anew and compares. It needs the tools of tools.mod.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: generating takes the tools of tools.mod; run without -short")
	}
	dir := t.TempDir()
	made, config := filepath.Join(dir, "api.gen.go"), filepath.Join(dir, "oapi-codegen.yaml")
	wish, err := os.ReadFile("oapi-codegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := strings.Replace(string(wish), "output: api.gen.go", "output: "+made, 1)
	if err := os.WriteFile(config, []byte(elsewhere), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "tool", "-modfile=../../tools.mod", "oapi-codegen",
		"-config", config, "../../docs/openapi.yaml").CombinedOutput()
	if err != nil {
		t.Skipf("SKIPPED: the generator does not run here: %v %s", err, out)
	}
	want, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("api.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("api.gen.go is not what docs/openapi.yaml makes; say `go generate ./adapters/httpapi`")
	}
}
