package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

func large(t *testing.T, store domain.EventStore) {
	big := events("Big", 5)
	for i := range big {
		big[i].Data = bytes.Repeat([]byte{byte(i), 0, 0xff}, 1<<20)
		big[i].Meta = bytes.Repeat([]byte{'m'}, i<<16)
	}
	many := events("Many", 1000)
	nothing := events("Nothing", 1)
	nothing[0].Data, nothing[0].Meta = nil, []byte{}
	mustAppend(t, store, "big-1", domain.NoStream, big)
	mustAppend(t, store, "many-1", domain.NoStream, many)
	mustAppend(t, store, "nothing-1", domain.NoStream, nothing)
	all := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
	want := append(wanted("big-1", 0, big, all), wanted("many-1", 0, many, all[min(5, len(all)):])...)
	want = append(want, wanted("nothing-1", 0, nothing, all[min(1005, len(all)):])...)
	same(t, "the log", all, want)
	same(t, "the large stream", rows(t, store.ReadStream(t.Context(), "big-1", 0)), want[:5])
	same(t, "the long stream", rows(t, store.ReadStream(t.Context(), "many-1", 0)), want[5:1005])
}

func checksums(t *testing.T, store domain.EventStore) {
	for n, stream := range []domain.Stream{"client-1", "client-2"} {
		appended := events("Checked", n+2)
		for i := range appended {
			appended[i] = domain.Entry{
				Stored: appended[i], Stream: stream, Revision: domain.Revision(i), Rest: len(appended) - 1 - i,
			}.WithChecksum()
		}
		mustAppend(t, store, stream, domain.NoStream, appended)
	}
	for name, entries := range map[string]iter.Seq2[domain.Entry, error]{
		"the log": store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}),
		"the log, filtered": store.ReadAll(t.Context(), domain.Position{}, domain.Filter{
			Types: []string{"Checked"}, Prefixes: []string{"client-"},
		}),
		"a stream":            store.ReadStream(t.Context(), "client-2", 0),
		"a stream, backwards": store.ReadStreamBackwards(t.Context(), "client-2"),
	} {
		n := 0
		for entry, err := range entries {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if checked, err := entry.Check(); !checked || err != nil {
				t.Errorf("%s: revision %d of %s: checked is %v, %v", name, entry.Revision, entry.Stream, checked, err)
			}
			n++
		}
		if n < 3 {
			t.Errorf("%s has %d events", name, n)
		}
	}
}

func names(t *testing.T, store domain.EventStore) {
	streams := []domain.Stream{
		"a", "a-", "A-", "a-b", "a-b-c", "ab", "-", "-a", " ", "a ", "a-%", "a-_", "a-'", `a-"`, "a-\n", "$a-1", "$$a-1", "$", "$all", `a\-1`,
		"\u00e4-\u00e9", "a\u0308-e\u0301", // they look the same, composed and decomposed
		"診療所-予約", "مواعيد-١", "📅-🕑", domain.Stream("x-" + strings.Repeat("é", domain.MaxStreamName/2-1)),
	}
	for i, stream := range streams {
		same(t, "appended", mustAppend(t, store, stream, domain.NoStream, events(fmt.Sprintf("Typ%d-é", i), 2)).Revision, 1)
	}
	for i, stream := range streams {
		for _, got := range rows(t, store.ReadStream(t.Context(), stream, 0)) {
			same(t, "stream", got.Stream, stream)
			same(t, "type", got.Type, fmt.Sprintf("Typ%d-é", i))
		}
	}
}

func ownership(t *testing.T, store domain.EventStore) {
	mine := events("A", 2)
	mustAppend(t, store, "client-1", domain.NoStream, mine)
	want := rows(t, store.ReadStream(t.Context(), "client-1", 0))
	overwrite := func(e domain.Stored) {
		for _, b := range [][]byte{e.Data, e.Meta} {
			for i := range b {
				b[i] = '!'
			}
			_ = append(b, "overrun"...)
		}
	}
	overwrite(mine[0])
	for entry, err := range store.ReadStream(t.Context(), "client-1", 0) {
		if err != nil {
			t.Fatal(err)
		}
		overwrite(entry.Stored)
	}
	for entry := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		overwrite(entry.Stored)
	}
	same(t, "after overwriting", rows(t, store.ReadStream(t.Context(), "client-1", 0)), want)
	var kept []domain.Entry
	for entry := range store.ReadStream(t.Context(), "client-1", 0) {
		kept = append(kept, entry)
	}
	for entry := range store.ReadStreamBackwards(t.Context(), "client-1") {
		overwrite(entry.Stored)
	}
	same(t, "entries kept while others are overwritten", []row{rowOf(kept[0]), rowOf(kept[1])}, want)
}

func cancelled(t *testing.T, store domain.EventStore) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Append(ended, "client-1", domain.NoStream, events("A", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v, want %v", err, context.Canceled)
	}
	same(t, "the log", rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), nil)

	var group sync.WaitGroup
	for caller := range 16 {
		group.Go(func() {
			stream := domain.Stream(fmt.Sprintf("client-%d", caller))
			expected := domain.NoStream
			for range 20 {
				ctx, cancel := context.WithCancel(t.Context())
				spins := rand.IntN(10_000)
				go func() {
					for range spins { // cancel at a random moment without sleeping
					}
					cancel()
				}()
				request := events("A", 3)
				appended, err := store.Append(ctx, stream, expected, request)
				n := len(rows(t, store.ReadStream(t.Context(), stream, expected+1)))
				switch {
				case err == nil && n == 3:
					same(t, "revision", appended.Revision, expected+3)
				case err != nil && !errors.Is(err, context.Canceled):
					t.Errorf("append: %v", err)
				case err == nil || n != 0 && n != 3:
					t.Errorf("append returned %v and stored %d of 3 events", err, n)
				}
				again := mustAppend(t, store, stream, expected, request)
				expected = again.Revision
				cancel()
			}
			same(t, "events", len(rows(t, store.ReadStream(t.Context(), stream, 0))), 3*20)
		})
	}
	group.Wait()
}

func cancelledRead(t *testing.T, store domain.EventStore) {
	mustAppend(t, store, "client-1", domain.NoStream, events("A", 5000))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, read := range map[string]func(func(domain.Entry, error) bool){
		"stream":    store.ReadStream(ended, "client-1", 0),
		"backwards": store.ReadStreamBackwards(ended, "client-1"),
		"all":       store.ReadAll(ended, domain.Position{}, domain.Filter{}),
	} {
		errs := 0
		for _, err := range read {
			if errors.Is(err, context.Canceled) {
				errs++
			}
		}
		if errs != 1 {
			t.Errorf("%s: %d errors, want one: %v", name, errs, context.Canceled)
		}
	}
	during, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	n := 0
	for _, err := range store.ReadAll(during, domain.Position{}, domain.Filter{}) {
		if n, last = n+1, err; n == 1 {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) || n >= 5000 {
		t.Errorf("cancelled during the read: %v after %d events, want %v long before the end", last, n, context.Canceled)
	}
}
