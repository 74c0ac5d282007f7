package state_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/domain"
)

// TestConcurrentCallersAgree checks that concurrent callers under one key get the same answer, that a caller whose
// context has ended affects no other, and that every returned answer is stored.
func TestConcurrentCallersAgree(t *testing.T) {
	dir := t.TempDir()
	file, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	const callers, keys = 32, 20
	account := domain.DeriveID[domain.AccountID]("account")
	ended, end := context.WithCancel(t.Context())
	end()
	var group sync.WaitGroup
	given := make([][keys]string, callers)
	for caller := range callers {
		group.Go(func() {
			for key := range keys {
				name := fmt.Sprint("key-", key)
				if _, err := file.Remember(ended, account, name, state.Answer{Response: []byte("never")}); err == nil {
					t.Error("an answer was stored although its context had ended")
				}
				held, err := file.Remember(t.Context(), account, name,
					state.Answer{BodyHash: []byte("hash"), Status: 201, Response: fmt.Append(nil, caller)})
				if err != nil {
					t.Error(err)
				}
				given[caller][key] = string(held.Response)
			}
		})
	}
	group.Wait()
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if file, err = state.Open(dir); err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for key := range keys {
		kept, ok, err := file.Recall(t.Context(), account, fmt.Sprint("key-", key))
		if err != nil || !ok {
			t.Fatalf("key %d: %v, %v", key, ok, err)
		}
		for caller := range callers {
			if given[caller][key] != string(kept.Response) {
				t.Errorf("caller %d got %s under key %d, stored is %s", caller, given[caller][key], key, kept.Response)
			}
		}
	}
}
