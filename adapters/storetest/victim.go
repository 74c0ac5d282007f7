package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

const (
	victimDir     = "CLICKBOOK_CRASH_DIR"
	victimFlavour = "CLICKBOOK_CRASH_FLAVOUR"
	victimWriters = 8
	started       = "started\n"
)

// Victim runs the process that Crash kills. Call it first in TestMain, with the flavours that Crash is called with.
// It returns at once in the process of the test, and never in the victim.
func Victim(flavours map[string]OpenDir) {
	dir := os.Getenv(victimDir)
	if dir == "" {
		return
	}
	// Printed before the store is open, so that an early kill hits the opening.
	if _, err := os.Stdout.WriteString(started); err != nil {
		fail(err)
	}
	open, known := flavours[os.Getenv(victimFlavour)]
	if !known {
		fail(fmt.Errorf("no flavour %q", os.Getenv(victimFlavour)))
	}
	store, err := open(dir)
	if err != nil {
		fail(err)
	}
	var group sync.WaitGroup
	for range victimWriters {
		group.Go(func() {
			for {
				live(store)
			}
		})
	}
	group.Wait()
}

// live appends to its own stream, and also to one that all writers of all victims share.
func live(store domain.EventStore) {
	ctx := context.Background()
	mine, expected := domain.StreamOf("client", uuid.NewString()), domain.NoStream
	for range 10 {
		appended, err := appendMarked(ctx, store, mine, expected)
		if err != nil {
			fail(err)
		}
		expected = appended.Revision
		const contested = domain.Stream("diary-contested")
		head := domain.NoStream
		for entry, err := range store.ReadStreamBackwards(ctx, contested) {
			if err != nil {
				fail(err)
			}
			head = entry.Revision
			break
		}
		if _, err := appendMarked(ctx, store, contested, head); err != nil && !errors.Is(err, domain.ErrConflict) {
			fail(err)
		}
	}
}

// appendMarked appends 1 to 5 events and prints that they were acknowledged, in one write, which a pipe takes whole.
// Then it retries the append, like a caller that lost the reply.
func appendMarked(
	ctx context.Context, store domain.EventStore, stream domain.Stream, expected domain.Revision,
) (domain.Appended, error) {
	events := make([]domain.Stored, 1+rand.IntN(5))
	said := ack{Stream: stream}
	for i := range events {
		data, err := json.Marshal(batchMark{i + 1, len(events)})
		if err != nil {
			fail(err)
		}
		meta := strings.Repeat("m", rand.IntN(2000))
		events[i] = domain.Stored{ID: uuid.New(), Type: "Crashed", Data: data, Meta: []byte(meta)}
		said.IDs = append(said.IDs, events[i].ID)
	}
	appended, err := store.Append(ctx, stream, expected, events)
	if err != nil {
		return appended, err
	}
	said.Revision = appended.Revision
	line, err := json.Marshal(said)
	if err != nil {
		fail(err)
	}
	if _, err := os.Stdout.Write(append(line, '\n')); err != nil {
		fail(err)
	}
	again, err := store.Append(ctx, stream, expected, events)
	if err == nil && again != appended {
		fail(fmt.Errorf("a retry returned %v, the first append %v", again, appended))
	}
	return appended, err
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
