package availability

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type vector struct {
	ID, Kind, Title string
	Input           json.RawMessage
	Expect          map[string]any
}

// TestEvalMatchesTheSharedVectors runs every vector. docs/availability.md lists those whose answer differs.
func TestEvalMatchesTheSharedVectors(t *testing.T) {
	raw, err := os.ReadFile("../../../../shared/vectors/availability.json")
	if err != nil {
		t.Skipf("the shared vectors are not here: %v", err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var in, out bytes.Buffer
	for _, v := range file.Vectors {
		if err := json.NewEncoder(&in).Encode(map[string]any{"id": v.ID, "kind": v.Kind, "input": v.Input}); err != nil {
			t.Fatal(err)
		}
	}
	if err := Eval(t.Context(), &in, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(file.Vectors) {
		t.Fatalf("%d answers to %d questions", len(lines), len(file.Vectors))
	}
	run := 0
	for i, v := range file.Vectors {
		var a struct {
			ID     string
			Result map[string]any
			Error  string
		}
		if err := json.Unmarshal([]byte(lines[i]), &a); err != nil || a.ID != v.ID {
			t.Fatalf("%s: answer %s: %v", v.ID, lines[i], err)
		}
		if _, known := solvers[v.Kind]; !known {
			if a.Error != "unsupported kind" {
				t.Errorf("%s: kind %s is not supported, got %s", v.ID, v.Kind, lines[i])
			}
			continue
		}
		run++
		for field, want := range v.Expect {
			if !matches(field, want, a.Result) {
				t.Errorf("%s (%s): %s = %v, want %v; error %q", v.ID, v.Title, field, a.Result[field], want, a.Error)
			}
		}
	}
	if run == 0 {
		t.Fatal("no vector has a supported kind")
	}
	t.Logf("%d of %d vectors have a supported kind", run, len(file.Vectors))
}

// matches compares whole values, except for open and closed dates and "contains": of these a vector lists only some.
func matches(field string, want any, got map[string]any) bool {
	switch field {
	case "local_dates_open", "local_dates_closed":
		return within(want, got[field])
	case "contains":
		return within(want, got["ranges"])
	}
	return reflect.DeepEqual(want, got[field])
}

func within(part, whole any) bool {
	all, _ := whole.([]any)
	for _, p := range part.([]any) {
		if !slices.ContainsFunc(all, func(x any) bool { return reflect.DeepEqual(x, p) }) {
			return false
		}
	}
	return true
}
