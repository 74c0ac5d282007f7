package ledger_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/audit/ledger"
)

type vector struct {
	ID     string            `json:"id"`
	Title  string            `json:"title"`
	Policy json.RawMessage   `json:"policy"`
	Input  []json.RawMessage `json:"input"`
	Expect map[string]any    `json:"expect"`
}

type vectorFile struct {
	Vectors []vector `json:"vectors"`
}

const sharedVectors = "../../../../shared/vectors/refund-windows.json"

// readVectors reads a file of vectors. Numbers stay json.Number.
func readVectors(t *testing.T, path string) []vector {
	t.Helper()
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		t.Skipf("%s is not here: the shared examples are not replayed", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	var file vectorFile
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&file); err != nil {
		t.Fatal(err)
	}
	return file.Vectors
}

func TestReplayMatchesTheSharedVectors(t *testing.T) {
	for _, v := range readVectors(t, sharedVectors) {
		t.Run(v.ID, func(t *testing.T) {
			options := ledger.ReplayOptions{Policy: v.Policy}
			if after, ok := v.Expect["after"].(map[string]any); ok {
				for id := range after {
					options.After = append(options.After, id)
				}
			}
			if asOf, ok := v.Expect["as_of"]; ok {
				options.AsOf = encode(t, asOf)
			}
			got := replay(t, joined(v.Input), options)
			sortLines(t, v, got)
			sortLines(t, v, v.Expect)
			for key, want := range v.Expect {
				if !reflect.DeepEqual(got[key], want) {
					t.Errorf("%s: %s differs\n got: %s\nwant: %s", v.Title, key, encode(t, got[key]), encode(t, want))
				}
			}
		})
	}
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func joined(facts []json.RawMessage) string {
	var text strings.Builder
	for _, fact := range facts {
		var compact bytes.Buffer
		if err := json.Compact(&compact, fact); err != nil {
			panic(err)
		}
		text.Write(append(compact.Bytes(), '\n'))
	}
	return text.String()
}

func replay(t *testing.T, facts string, options ledger.ReplayOptions) map[string]any {
	t.Helper()
	var out bytes.Buffer
	if err := ledger.Replay(t.Context(), strings.NewReader(facts), &out, options); err != nil {
		t.Fatal(err)
	}
	var books map[string]any
	dec := json.NewDecoder(&out)
	dec.UseNumber()
	if err := dec.Decode(&books); err != nil {
		t.Fatal(err)
	}
	return books
}

// sortLines sorts lines for comparison by the position of their cause in the input, then by tx, from, to and lot. It
// leaves their numbers alone.
func sortLines(t *testing.T, v vector, books map[string]any) {
	t.Helper()
	position := make(map[string]int)
	for i, raw := range v.Input {
		var fact struct {
			EventID string `json:"event_id"`
		}
		if err := json.Unmarshal(raw, &fact); err != nil {
			t.Fatal(err)
		}
		if _, seen := position[fact.EventID]; !seen {
			position[fact.EventID] = i
		}
	}
	lines, _ := books["lines"].([]any)
	slices.SortStableFunc(lines, func(a, b any) int {
		x, y := a.(map[string]any), b.(map[string]any)
		if d := position[x["cause"].(string)] - position[y["cause"].(string)]; d != 0 {
			return d
		}
		for _, key := range []string{"tx", "from", "to", "lot"} {
			left, _ := x[key].(string)
			right, _ := y[key].(string)
			if d := strings.Compare(left, right); d != 0 {
				return d
			}
		}
		return 0
	})
}
