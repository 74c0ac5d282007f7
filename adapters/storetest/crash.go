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

// OpenDir opens the durable store that lives in a directory, an empty one at first.
type OpenDir func(dir string) (Durable, error)

// Durable is a store that outlives its process.
type Durable interface {
	domain.EventStore
	// Verify examines everything the store can about itself.
	Verify(ctx context.Context) error
	Close() error
}

// maxKilled bounds how many acknowledged appends a process lives through.
const maxKilled = 400

// Crash starts the test binary again and again as a process that appends from several writers, kills it (SIGKILL)
// after a random number of acknowledged appends, and looks at what is left: every acknowledged event at its place,
// none twice, no append by half, no gap. The binary's TestMain must call Victim first. It kills CLICKBOOK_CRASHES
// times: 50 in CI, 10 elsewhere when the variable is not set.
func Crash(t *testing.T, flavour string, open OpenDir) {
	dir := t.TempDir()
	kept := map[uuid.UUID]row{} // acknowledged so far
	total := 0
	for round := range crashes(t) {
		after := rand.IntN(maxKilled)
		if round%10 == 0 {
			after = 0 // as soon as it lives: while it makes or recovers its file
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
	t.Logf("%d appends with %d events were acknowledged and are there", total, len(kept))
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

// ack is what a victim prints when an append was acknowledged: one line of JSON.
type ack struct {
	Stream   domain.Stream
	Revision domain.Revision // of the last event
	IDs      []uuid.UUID
}

// crashOnce lives through one process and gives what it acknowledged before it was killed.
func crashOnce(t *testing.T, flavour, dir string, after int) (acks []ack) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	victim := exec.Command(self)
	victim.Env = append(os.Environ(), victimDir+"="+dir, victimFlavour+"="+flavour)
	var complaints bytes.Buffer
	victim.Stderr = &complaints
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadBytes('\n') // what is cut by the kill was not said
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if string(line) != started {
			var said ack
			if err := json.Unmarshal(line, &said); err != nil {
				t.Fatalf("the victim said %q: %v", line, err)
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
		t.Fatalf("the victim was not killed but ended: %v\n%s", err, complaints.String())
	}
	return acks
}

// examine reads the whole log once.
func examine(t *testing.T, store domain.EventStore, acknowledged map[uuid.UUID]row) {
	t.Helper()
	ends := map[domain.Stream]domain.Revision{}
	seen := make(map[uuid.UUID]bool)
	found, before := 0, domain.Position{}
	var open batchMark // the append that the last entry of each stream stands in
	half := map[domain.Stream]batchMark{}
	for entry, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil {
			t.Fatalf("read after a crash: %v", err)
		}
		if !before.Before(entry.Position) {
			t.Errorf("position %v does not come after %v", entry.Position, before)
		}
		before = entry.Position
		if next := ends[entry.Stream]; entry.Revision != next {
			t.Errorf("%s has revision %d where %d is due", entry.Stream, entry.Revision, next)
		}
		ends[entry.Stream] = entry.Revision + 1
		if seen[entry.ID] {
			t.Errorf("event %s is there twice", entry.ID)
		}
		seen[entry.ID] = true
		if want, ok := acknowledged[entry.ID]; ok {
			found++
			same(t, "an acknowledged event", row{Stream: entry.Stream, Revision: entry.Revision, ID: entry.ID}, want)
		}
		if err := json.Unmarshal(entry.Data, &open); err != nil {
			t.Errorf("data of %s: %v", entry.ID, err)
		}
		if last, begun := half[entry.Stream]; begun && (open.N != last.N+1 || open.Of != last.Of) || !begun && open.N != 1 {
			t.Errorf("%s: event %d of %d follows %d of %d", entry.Stream, open.N, open.Of, last.N, last.Of)
		}
		if half[entry.Stream] = open; open.N == open.Of {
			delete(half, entry.Stream)
		}
	}
	if found != len(acknowledged) {
		t.Errorf("%d of %d acknowledged events are there", found, len(acknowledged))
	}
	for stream, mark := range half {
		t.Errorf("%s ends with event %d of an append of %d", stream, mark.N, mark.Of)
	}
}

// batchMark is an event's data: which one it is of its append.
type batchMark struct{ N, Of int }
