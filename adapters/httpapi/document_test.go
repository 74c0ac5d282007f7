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

// TestOperationsFollowTheIntroduction checks what the document's introduction says about all operations.
func TestOperationsFollowTheIntroduction(t *testing.T) {
	for _, route := range routeTable(t) {
		var names, required []string
		for _, parameter := range route.described.Parameters {
			names = append(names, parameter.Value.Name)
			if parameter.Value.Required {
				required = append(required, parameter.Value.Name)
			}
		}
		has := func(list []string, name string) {
			if !slices.Contains(list, name) {
				t.Errorf("%s %s lacks the parameter %s", route.method, route.path, name)
			}
		}
		switch route.method {
		case "POST":
			has(required, "Idempotency-Key")
		case "PUT":
			if route.described.OperationID != "setRoute" { // it can create the route
				has(required, "If-Match")
			}
		case "GET":
			if len(route.roles) > 0 {
				has(names, "after")
				has(names, "Clickbook-Position")
			}
		}
		if slices.Contains(names, "cursor") != slices.Contains(names, "limit") {
			t.Errorf("%s %s has only one of cursor and limit", route.method, route.path)
		}
		if route.described.Responses.Default() == nil || route.described.Summary == "" {
			t.Errorf("%s %s lacks a summary or a default response", route.method, route.path)
		}
		if strings.Contains(route.path, "{account}") && !slices.Contains(route.roles, "admin") {
			t.Errorf("%s %s does not allow admin", route.method, route.path)
		}
	}
}

// TestGeneratedCodeIsCurrent generates the code again and compares. It needs the tools of tools.mod.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: generating needs the tools of tools.mod; run without -short")
	}
	dir := t.TempDir()
	output, config := filepath.Join(dir, "api.gen.go"), filepath.Join(dir, "oapi-codegen.yaml")
	settings, err := os.ReadFile("api/oapi-codegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(settings), "output: api.gen.go", "output: "+output, 1)
	if err := os.WriteFile(config, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "tool", "-modfile=../../tools.mod", "oapi-codegen",
		"-config", config, "../../docs/openapi.yaml").CombinedOutput()
	if err != nil {
		t.Skipf("SKIPPED: the generator does not run here: %v %s", err, out)
	}
	want, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("api/api.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("api.gen.go is out of date; run `go generate ./adapters/httpapi/api`")
	}
}
