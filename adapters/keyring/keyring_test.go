package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/adapters/keyring"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/domain"
)

func open(t testing.TB, dir string) *keyring.Keyring {
	t.Helper()
	ring, err := keyring.Open(t.Context(), filepath.Join(dir, "keys.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ring.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return ring
}

func seal(t testing.TB, ring *keyring.Keyring, subject domain.Subject, label, plain string) []byte {
	t.Helper()
	sealed, err := ring.Seal(subject, label, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func wantOpen(t testing.TB, ring *keyring.Keyring, subject domain.Subject, label string, sealed []byte, want string) {
	t.Helper()
	if plain, err := ring.Open(subject, label, sealed); err != nil || string(plain) != want {
		t.Errorf("open: %q, %v; want %q", plain, err, want)
	}
}

func TestOpenRefusesATextFromElsewhere(t *testing.T) {
	ring := open(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		subjects := rapid.SampledFrom([]domain.Subject{"client-1", "client-2", "client-11", "account-1"})
		labels := rapid.SampledFrom([]string{"ClientAdded", "ClientRenamed", "1ClientAdded", ""})
		subject, label := subjects.Draw(t, "subject"), labels.Draw(t, "label")
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed, err := ring.Seal(subject, label, plain)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := ring.Open(subject, label, sealed); err != nil || !bytes.Equal(opened, plain) {
			t.Fatalf("opened %q, %v", opened, err)
		}
		if len(plain) >= 8 && bytes.Contains(sealed, plain) {
			t.Fatal("the sealed form shows the plain text")
		}
		otherSubject, otherLabel := subjects.Draw(t, "other subject"), labels.Draw(t, "other label")
		_, err = ring.Seal(otherSubject, otherLabel, nil) // to give it a key
		if err != nil {
			t.Fatal(err)
		}
		if otherSubject != subject || otherLabel != label {
			if opened, err := ring.Open(otherSubject, otherLabel, sealed); err == nil {
				t.Fatalf("%s/%s opened what was sealed for %s/%s: %q", otherSubject, otherLabel, subject, label, opened)
			}
		}
		changed := bytes.Clone(sealed)
		at := rapid.IntRange(0, len(changed)-1).Draw(t, "at")
		changed[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		if opened, err := ring.Open(subject, label, changed); err == nil {
			t.Fatalf("a text changed at byte %d was opened: %q", at, opened)
		}
		cut := sealed[:rapid.IntRange(0, len(sealed)-1).Draw(t, "cut")]
		if opened, err := ring.Open(subject, label, cut); err == nil {
			t.Fatalf("a text cut to %d bytes was opened: %q", len(cut), opened)
		}
	})
}

func TestKeysSurviveReopening(t *testing.T) {
	dir := t.TempDir()
	ring := open(t, dir)
	sealed := seal(t, ring, "client-1", "L", "Ana")
	print, code := ring.Fingerprint("+5527999990000"), ring.LinkMAC([]byte("link"))
	cursor := ring.Cursors().Seal(nil, nil, []byte("Ana"), []byte("list"))
	if err := ring.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Seal("client-1", "L", nil); !errors.Is(err, keyring.ErrClosed) {
		t.Errorf("after closing: %v", err)
	}
	ring = open(t, dir)
	wantOpen(t, ring, "client-1", "L", sealed, "Ana")
	if again := ring.Fingerprint("+5527999990000"); again != print {
		t.Errorf("fingerprint %x, it was %x", again, print)
	}
	if text, err := ring.Cursors().Open(nil, nil, cursor, []byte("list")); err != nil || string(text) != "Ana" {
		t.Errorf("the cursor was opened as %q, %v", text, err)
	}
	if again := ring.LinkMAC([]byte("link")); again != code {
		t.Errorf("the code of a link is %x, it was %x", again, code)
	}
	other := open(t, t.TempDir())
	if other.LinkMAC([]byte("link")) == code {
		t.Error("another installation has the same code of a link")
	}
	if other.Fingerprint("+5527999990000") == print {
		t.Error("another installation has the same fingerprint")
	}
	if text, err := other.Cursors().Open(nil, nil, cursor, []byte("list")); err == nil {
		t.Errorf("another installation opened the cursor: %q", text)
	}
	if other := ring.Fingerprint("+5527999990001"); other == print {
		t.Error("another number has the same fingerprint")
	}
	for _, name := range []string{"keys.db", "keys.db-wal", "installation.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", name, info.Mode())
		}
	}
}

func TestConcurrentFirstSealsCreateOneKey(t *testing.T) {
	ring := open(t, t.TempDir())
	var group sync.WaitGroup
	sealed := make([][]byte, 32)
	for i := range sealed {
		group.Go(func() { sealed[i], _ = ring.Seal("client-1", "L", []byte("Ana")) })
	}
	group.Wait()
	for _, s := range sealed {
		wantOpen(t, ring, "client-1", "L", s, "Ana")
	}
}

func TestErasedSubjectsStayErased(t *testing.T) {
	dir := t.TempDir()
	ring := open(t, dir)
	ana, rui := seal(t, ring, "client-ana", "L", "Ana"), seal(t, ring, "client-rui", "L", "Rui")
	for range 2 {
		if err := ring.Erase(t.Context(), "client-ana"); err != nil {
			t.Fatal(err)
		}
	}
	if err := ring.Erase(t.Context(), "client-never"); err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		if err := ring.Prepare(t.Context(), "client-ana", "client-new", "client-never"); err != nil {
			t.Error(err)
		}
		for _, subject := range []domain.Subject{"client-ana", "client-never"} {
			if plain, err := ring.Open(subject, "L", ana); !errors.Is(err, domain.ErrErased) {
				t.Errorf("open: %q, %v", plain, err)
			}
			if _, err := ring.Seal(subject, "L", []byte("Ana")); !errors.Is(err, domain.ErrErased) {
				t.Errorf("seal: %v", err)
			}
		}
		wantOpen(t, ring, "client-rui", "L", rui, "Rui")
	}
	check()
	if err := ring.Close(); err != nil {
		t.Fatal(err)
	}
	ring = open(t, dir)
	check()
}

// TestKeysThatWereReadAheadAreNeverStale opens texts in the order in which the keys were created, which reads keys
// ahead, while clients are erased and added.
func TestKeysThatWereReadAheadAreNeverStale(t *testing.T) {
	subject := func(i int) domain.Subject { return domain.Subject(fmt.Sprintf("client-%d", i)) }
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 0))
		dir := t.TempDir()
		ring := open(t, dir)
		var sealed [][]byte
		add := func(n int) {
			var added []domain.Subject
			for i := range n {
				added = append(added, subject(len(sealed)+i))
			}
			if err := ring.Prepare(t.Context(), added...); err != nil {
				t.Fatal(err)
			}
			for _, subject := range added {
				sealed = append(sealed, seal(t, ring, subject, "L", "Ana"))
			}
		}
		add(300)
		if err := ring.Close(); err != nil {
			t.Fatal(err)
		}
		ring = open(t, dir)
		erased := make(map[int]bool)
		for i := 0; i < len(sealed); i++ {
			switch random.IntN(25) {
			case 0:
				at := min(i+random.IntN(40), len(sealed)-1)
				if err := ring.Erase(t.Context(), subject(at)); err != nil {
					t.Fatal(err)
				}
				erased[at] = true
			case 1:
				add(1)
			case 2:
				i = random.IntN(len(sealed))
			}
			plain, err := ring.Open(subject(i), "L", sealed[i])
			if erased[i] && !errors.Is(err, domain.ErrErased) || !erased[i] && (err != nil || string(plain) != "Ana") {
				t.Fatalf("seed %d: client %d, erased: %t: opened %q, %v", seed, i, erased[i], plain, err)
			}
		}
	}
}

// TestEraseRemovesKeysFromTheFiles fills many pages in random order, so that they split and move, and searches the
// raw files for every erased key.
func TestEraseRemovesKeysFromTheFiles(t *testing.T) {
	dir := t.TempDir()
	ring := open(t, dir)
	var subjects []domain.Subject
	for i := range 3000 {
		subjects = append(subjects, domain.StreamOf("client", domain.DeriveUUID("erase test", i).String()))
	}
	for part := 0; part < len(subjects); part += 100 {
		if err := ring.Prepare(t.Context(), subjects[part:part+100]...); err != nil {
			t.Fatal(err)
		}
	}
	wrapped := wrappedKeys(t, dir) // by another connection, which leaves the WAL alone
	if len(wrapped) != len(subjects) {
		t.Fatalf("%d keys, want %d", len(wrapped), len(subjects))
	}
	for i, subject := range subjects {
		if i%7 == 0 {
			if err := ring.Erase(t.Context(), subject); err != nil {
				t.Fatal(err)
			}
		}
	}
	raw := rawFiles(t, dir) // while it is still open
	if err := ring.Close(); err != nil {
		t.Fatal(err)
	}
	raw = append(raw, rawFiles(t, dir)...)
	for i, subject := range subjects {
		if found := bytes.Contains(raw, wrapped[subject]); found == (i%7 == 0) {
			t.Errorf("key %d is found in the files: %t", i, found)
		}
	}
}

func wrappedKeys(t *testing.T, dir string) map[domain.Subject][]byte {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(dir, "keys.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	keys := map[domain.Subject][]byte{}
	err = sqlitex.Execute(conn, "SELECT subject, wrapped FROM keys", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			wrapped := make([]byte, stmt.ColumnLen(1))
			stmt.ColumnBytes(1, wrapped)
			keys[domain.Subject(stmt.ColumnText(0))] = wrapped
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func rawFiles(t *testing.T, dir string) (raw []byte) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, content...)
	}
	return raw
}

func TestPrepareCreatesAllKeysOrNone(t *testing.T) {
	dir := t.TempDir()
	ring := open(t, dir)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ring.Prepare(ended, "client-1", "client-2"); !errors.Is(err, context.Canceled) {
		t.Errorf("prepare: %v", err)
	}
	if err := ring.Prepare(t.Context()); err != nil {
		t.Errorf("prepare no subjects: %v", err)
	}
	if err := ring.Close(); err != nil {
		t.Fatal(err)
	}
	if keys := wrappedKeys(t, dir); len(keys) != 0 {
		t.Errorf("%d keys, want none", len(keys))
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	ring := open(t, dir)
	sealed := seal(t, ring, "client-1", "L", "Ana")
	_, missing := ring.Open("client-2", "L", sealed)
	_, twice := keyring.Open(t.Context(), filepath.Join(dir, "keys.db"))
	if !errors.Is(twice, dbfile.ErrLocked) {
		t.Errorf("opened twice: %v", twice)
	}
	if err := ring.Close(); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "installation.key")
	reopen := func() error {
		t.Helper()
		ring, err := keyring.Open(t.Context(), filepath.Join(dir, "keys.db"))
		if err == nil {
			t.Error("the keyring was opened", ring.Close())
		}
		return err
	}
	reopenWith := func(installation []byte) error {
		t.Helper()
		if err := os.WriteFile(key, installation, 0o600); err != nil {
			t.Fatal(err)
		}
		return reopen()
	}
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	lost := reopen()
	other := reopenWith(bytes.Repeat([]byte{7}, 32))
	short := reopenWith([]byte("short"))
	for what, is := range map[string]struct {
		err  error
		says string
	}{
		"a key that is missing":                 {missing, "was not erased; restore the keys.db that belongs to this log"},
		"a second process":                      {twice, "in use by another process; stop that one"},
		"another installation's key":            {other, "does not fit"},
		"an installation key that is too short": {short, "must have 32 bytes, not 5"},
		"a lost installation key":               {lost, "is missing: put it back"},
	} {
		if is.err == nil || errors.Is(is.err, domain.ErrErased) || !strings.Contains(is.err.Error(), is.says) {
			t.Errorf("%s: got %v, want an error with %q", what, is.err, is.says)
		}
	}
	if err := os.Rename(key+".away", key); err != nil {
		t.Fatal(err)
	}
	wantOpen(t, open(t, dir), "client-1", "L", sealed, "Ana")
}

func BenchmarkSealOpen(b *testing.B) {
	ring := open(b, b.TempDir())
	sealed := seal(b, ring, "client-1", "ClientAdded", "Ana Maria Braga")
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			seal(b, ring, "client-1", "ClientAdded", "Ana Maria Braga")
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			wantOpen(b, ring, "client-1", "ClientAdded", sealed, "Ana Maria Braga")
		}
	})
	const clients = 50_000
	for name, step := range map[string]int{"open of many clients": 7919, "open in order": 1} {
		openMany(b, ring, name, clients, step)
	}
}

func openMany(b *testing.B, ring *keyring.Keyring, name string, clients, step int) {
	b.Run(name, func(b *testing.B) {
		many := make([][]byte, clients)
		subjects := make([]domain.Subject, clients)
		for i := range subjects {
			subjects[i] = domain.Subject(fmt.Sprintf("client-%d", i))
		}
		if err := ring.Prepare(b.Context(), subjects...); err != nil {
			b.Fatal(err)
		}
		for i := range many {
			many[i] = seal(b, ring, subjects[i], "L", "Ana")
		}
		for i := 0; b.Loop(); i = (i + step) % clients {
			wantOpen(b, ring, subjects[i], "L", many[i], "Ana")
		}
	})
}
