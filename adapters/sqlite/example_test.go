package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/domain"
)

// exampleStore opens a store in a directory that remove deletes.
func exampleStore(ctx context.Context) (store *sqlite.Store, remove func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	store, err = sqlite.Open(ctx, filepath.Join(dir, "events.db"), sqlite.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return store, func() { _, _ = store.Close(), os.RemoveAll(dir) }
}

// An append names the revision it expects. Two callers that decided on the same state cannot both succeed.
func ExampleStore_Append() {
	ctx := context.Background()
	store, remove := exampleStore(ctx)
	defer remove()
	opened := []domain.Stored{{ID: uuid.New(), Type: "AccountOpened", Data: []byte(`{}`), Meta: []byte(`{}`)}}

	first, err := store.Append(ctx, "account-1", domain.NoStream, opened)
	fmt.Println("revision", first.Revision, err)

	again, err := store.Append(ctx, "account-1", domain.NoStream, opened) // the same ids: a retry
	fmt.Println("the same place:", again == first, err)

	opened[0].ID = uuid.New()
	_, err = store.Append(ctx, "account-1", domain.NoStream, opened)
	fmt.Println("conflict:", errors.Is(err, domain.ErrConflict))
	// Output:
	// revision 0 <nil>
	// the same place: true <nil>
	// conflict: true
}

// The log gives the events of all streams in the order in which they were appended, from any position on.
func ExampleStore_ReadAll() {
	ctx := context.Background()
	store, remove := exampleStore(ctx)
	defer remove()
	for _, name := range []domain.Stream{"client-1", "client-2"} {
		event := domain.Stored{ID: uuid.New(), Type: "ClientRegistered", Data: []byte(`{}`), Meta: []byte(`{}`)}
		if _, err := store.Append(ctx, name, domain.NoStream, []domain.Stored{event}); err != nil {
			log.Fatal(err)
		}
	}
	for entry, err := range store.ReadAll(ctx, domain.Position{}, domain.Filter{Types: []string{"ClientRegistered"}}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(entry.Stream, entry.Type)
	}
	// Output:
	// client-1 ClientRegistered
	// client-2 ClientRegistered
}
