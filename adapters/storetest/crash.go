package storetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// OpenDir opens the durable store in a directory, which is empty at first.
type OpenDir func(dir string) (Durable, error)

// Durable is a store that survives its process.
type Durable interface {
	domain.EventStore
	// Verify checks everything that the store can check about itself.
	Verify(ctx context.Context) error
	Close() error
}

// maxKilled is the largest number of acknowledged appends before a kill.
const maxKilled = 400

// Crash starts the test binary again and again as a process that appends from several writers, kills it (SIGKILL)
// after a random number of acknowledged appends, and checks the log: every acknowledged event is at its place, no
// event is there twice, no append is incomplete, and there is no gap. TestMain must call Victim first. It kills
// CLICKBOOK_CRASHES times; if the variable is not set, 50 times in CI and 10 elsewhere.
func Crash(t *testing.T, flavour string, open OpenDir) {
	dir := t.TempDir()
	kept := map[uuid.UUID]row{} // acknowledged so far
	total := 0
	for round := range crashes(t) {
		after := rand.IntN(maxKilled)
		if round%10 == 0 {
			after = 0 // at once, while it creates or recovers its file
		}
		acknowledged := crashOnce(t, flavour, dir, after)
		for _, ack := range acknowledged {
			for i, id := range ack.IDs {
				kept[id] = row{Stream: ack.Stream, Revision: ack.Revision - domain.Revision(len(ack.IDs)-1-i), ID: id}
			}
		}
		total += len(acknowledged)
		store, err := open(dir)
		if err != nil {
			t.Fatalf("round %d: open after a crash: %v", round, err)
		}
		examine(t, store, kept)
		if err := errors.Join(store.Verify(t.Context()), store.Close()); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if t.Failed() {
			t.Fatalf("round %d: killed after %d acknowledged appends", round, after)
		}
	}
	t.Logf("%d appends with %d events were acknowledged and are in the log", total, len(kept))
}

func crashes(t *testing.T) int {
	text := os.Getenv("CLICKBOOK_CRASHES")
	switch {
	case text != "":
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("CLICKBOOK_CRASHES: %v", err)
		}
		return n
	case os.Getenv("CI") != "":
		return 50
	}
	return 10
}

// ack is what a victim prints for an acknowledged append: one line of JSON.
type ack struct {
	Stream   domain.Stream
	Revision domain.Revision // of the last event
	IDs      []uuid.UUID
}

// crashOnce runs and kills one process, and returns what it had acknowledged.
func crashOnce(t *testing.T, flavour, dir string, after int) (acks []ack) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	victim := exec.Command(self)
	victim.Env = append(os.Environ(), victimDir+"="+dir, victimFlavour+"="+flavour)
	var stderr bytes.Buffer
	victim.Stderr = &stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n') // a line cut by the kill does not count
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if string(line) != started {
			var said ack
			if err := json.Unmarshal(line, &said); err != nil {
				t.Fatalf("the victim printed %q: %v", line, err)
			}
			acks = append(acks, said)
		}
		if len(acks) == after {
			if err := victim.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := victim.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the victim ended before it was killed: %v\n%s", err, stderr.String())
	}
	return acks
}

// examine reads the whole log and checks it.
func examine(t *testing.T, store domain.EventStore, acknowledged map[uuid.UUID]row) {
	t.Helper()
	ends := map[domain.Stream]domain.Revision{}
	seen := make(map[uuid.UUID]bool)
	found, before := 0, domain.Position{}
	var open batchMark // the append of the current entry
	incomplete := map[domain.Stream]batchMark{}
	for entry, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil {
			t.Fatalf("read after a crash: %v", err)
		}
		if !before.Before(entry.Position) {
			t.Errorf("position %v does not come after %v", entry.Position, before)
		}
		before = entry.Position
		if next := ends[entry.Stream]; entry.Revision != next {
			t.Errorf("%s has revision %d, want %d", entry.Stream, entry.Revision, next)
		}
		ends[entry.Stream] = entry.Revision + 1
		if seen[entry.ID] {
			t.Errorf("event %s is in the log twice", entry.ID)
		}
		seen[entry.ID] = true
		if want, ok := acknowledged[entry.ID]; ok {
			found++
			same(t, "an acknowledged event", row{Stream: entry.Stream, Revision: entry.Revision, ID: entry.ID}, want)
		}
		if err := json.Unmarshal(entry.Data, &open); err != nil {
			t.Errorf("data of %s: %v", entry.ID, err)
		}
		if last, begun := incomplete[entry.Stream]; begun && (open.N != last.N+1 || open.Of != last.Of) || !begun && open.N != 1 {
			t.Errorf("%s: event %d of %d follows %d of %d", entry.Stream, open.N, open.Of, last.N, last.Of)
		}
		if incomplete[entry.Stream] = open; open.N == open.Of {
			delete(incomplete, entry.Stream)
		}
	}
	if found != len(acknowledged) {
		t.Errorf("the log has %d of %d acknowledged events", found, len(acknowledged))
	}
	for stream, mark := range incomplete {
		t.Errorf("%s ends with event %d of an append of %d", stream, mark.N, mark.Of)
	}
}

// batchMark is the data of an event: its number in its append.
type batchMark struct{ N, Of int }
