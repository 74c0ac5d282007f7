package esdbtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

// fixture is an event in the client's module, with bytes as lists of numbers.
type fixture struct {
	Event struct {
		StreamID       string                         `json:"streamId"`
		StreamRevision struct{ Value uint64 }         `json:"streamRevision"`
		EventID        uuid.UUID                      `json:"eventId"`
		EventType      string                         `json:"eventType"`
		EventData      []int                          `json:"eventData"`
		UserMetadata   []int                          `json:"userMetadata"`
		Created        struct{ Seconds, Nanos int64 } `json:"created"`
		Position       struct{ Commit uint64 }        `json:"position"`
		ContentType    string                         `json:"contentType"`
	} `json:"event"`
}

func (f fixture) recorded() esdbtest.Recorded {
	bytes := func(numbers []int) []byte {
		out := make([]byte, len(numbers))
		for i, n := range numbers {
			out[i] = byte(n)
		}
		return out
	}
	e := f.Event
	return esdbtest.Recorded{
		ID: e.EventID, Stream: e.StreamID, Revision: e.StreamRevision.Value, Type: e.EventType,
		ContentType: e.ContentType, Data: bytes(e.EventData), Metadata: bytes(e.UserMetadata),
		Created: time.Unix(e.Created.Seconds, e.Created.Nanos).UTC(), Position: e.Position.Commit,
	}
}

func load(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// populated returns the log that the client's tests expect of a server with data: every event of the fixtures at its
// position, and generated events that complete two streams, dataset20M-0 with 6,000 events and dataset20M-1800 with
// 2,000.
func populated(t *testing.T, module string) []esdbtest.Recorded {
	t.Helper()
	folder := filepath.Join(module, "resources", "test")
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the client's module has no fixtures in %s (%v)", folder, err)
	}
	log := map[uint64]esdbtest.Recorded{}
	for _, file := range files {
		if strings.Contains(file, "-filtered-") {
			continue
		}
		var fixtures []fixture
		load(t, file, &fixtures)
		for _, f := range fixtures {
			log[f.Event.Position.Commit] = f.recorded()
		}
	}
	known := knownPositions(t, folder)
	for _, event := range log {
		if positionsOf, wanted := known[event.Stream]; wanted {
			positionsOf[event.Revision] = event.Position
		}
	}
	fill(log, "dataset20M-0", known["dataset20M-0"], series{events: 6000, types: 0, step: 149})
	fill(log, "dataset20M-1800", known["dataset20M-1800"], series{events: 2000, types: 1800, step: 157})
	positions := make([]uint64, 0, len(log))
	for position := range log {
		positions = append(positions, position)
	}
	slices.Sort(positions)
	events := make([]esdbtest.Recorded, len(positions))
	for i, position := range positions {
		events[i] = log[position]
	}
	return events
}

// knownPositions returns the positions in the fixtures for the filtered subscription, by stream and revision. The
// first ten are of dataset20M-0, whose types count from 0 to 199, the others of dataset20M-1800.
func knownPositions(t *testing.T, folder string) map[string]map[uint64]uint64 {
	t.Helper()
	var positions []struct{ Commit uint64 }
	var revisions []uint64
	load(t, filepath.Join(folder, "all-positions-filtered-stream-194-e0-e30.json"), &positions)
	load(t, filepath.Join(folder, "all-versions-filtered-stream-194-e0-e30.json"), &revisions)
	known := map[string]map[uint64]uint64{"dataset20M-0": {}, "dataset20M-1800": {}}
	for i, revision := range revisions {
		if revision%200 == 194 {
			known["dataset20M-0"][revision] = positions[i].Commit
		} else {
			known["dataset20M-1800"][revision] = positions[i].Commit
		}
	}
	known["dataset20M-0"][0] = positions[0].Commit - 149*revisions[0]
	known["dataset20M-0"][2000] = 12_300_000 // after every event that the filtered subscription expects
	return known
}

// series describes the generated events of a stream.
type series struct {
	events uint64
	types  uint64 // the number of the first of 200 types
	step   uint64 // between positions
}

// fill generates the events of a stream that are not in the fixtures.
func fill(log map[uint64]esdbtest.Recorded, stream string, known map[uint64]uint64, s series) {
	position := uint64(0)
	for revision := range s.events {
		position += s.step
		if next, found := known[revision]; found {
			position = next
		}
		if _, found := log[position]; found {
			continue
		}
		text := fmt.Appendf(nil, `{"somedata" : %d}`, s.types)
		log[position] = esdbtest.Recorded{
			ID: uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s/%d", stream, revision)), Stream: stream,
			Revision: revision, Type: fmt.Sprintf("eventType-%d", s.types+revision%200), ContentType: "application/json",
			Data: text, Metadata: text, Created: time.Date(2020, 1, 12, 18, 16, 26, 0, time.UTC), Position: position,
		}
	}
}
