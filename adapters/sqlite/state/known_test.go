package state

import (
	"fmt"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

// TestKeysAreKnownAfterManyNewOnes stores replies, opens the file again and looks up new keys until absent ones are
// recognised. Keys from before, and those added while all keys were read, must still have their replies.
func TestKeysAreKnownAfterManyNewOnes(t *testing.T) {
	const before, added = 2*keysAtOnce + 100, 500
	dir, account := t.TempDir(), domain.DeriveID[domain.AccountID]("account")
	key := func(n int) string { return fmt.Sprint("key-", n) }
	file, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	request := func(n int) {
		t.Helper()
		if _, ok, err := file.Recall(t.Context(), account, key(n)); ok || err != nil {
			t.Fatalf("the new key %d: %t, %v", n, ok, err)
		}
		if _, err := file.Remember(t.Context(), account, key(n), Answer{Response: []byte(key(n))}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range before {
		request(n)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if file, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for n := before; n < before+added; n++ {
		request(n)
	}
	file.learners.Wait()
	if !file.answered.Lacks(known(account, "none")) {
		t.Error("after many new keys an absent one is still unknown")
	}
	for n := range before + added {
		kept, ok, err := file.Recall(t.Context(), account, key(n))
		if err != nil || !ok || string(kept.Response) != key(n) {
			t.Fatalf("key %d has the answer %q: %t, %v", n, kept.Response, ok, err)
		}
	}
}
