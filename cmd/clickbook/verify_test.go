package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
)

// TestFlippedBytesAreFoundOrHarmless changes one byte of a file, again and again. Either verify finds it, or the log
// and every text in it read as before.
func TestFlippedBytesAreFoundOrHarmless(t *testing.T) {
	skipIfShort(t)
	sound := filepath.Join(t.TempDir(), "sound")
	newCrowd(t, installation.Location{Data: sound}, time.Now())
	want := contentOf(t, sound)
	if got := call(t, "", "verify", "--data", sound); got.code != exitOK || !strings.Contains(got.out, "nothing is wrong") ||
		!strings.Contains(got.out, " 0 older than checksums") {
		t.Fatalf("a sound installation: code %d, %s%s", got.code, got.out, got.err)
	}
	random := rand.New(rand.NewPCG(36, 1)) // not for secrets
	found := 0
	for _, file := range []string{"events.db", "keys.db", "state.db"} {
		for range 12 {
			dir := copyOf(t, sound)
			path := filepath.Join(dir, file)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			at, bit := random.IntN(len(content)), random.IntN(8)
			for used := 0; used < 1000 && content[at] == 0; used++ { // most of the zeros are free space
				at = random.IntN(len(content))
			}
			content[at] ^= 1 << bit
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := call(t, "", "verify", "--data", dir); got.code != exitOK {
				found++
				continue
			}
			if !bytes.Equal(contentOf(t, dir), want) {
				t.Errorf("bit %d of byte %d of %s is flipped, and verify found nothing", bit, at, file)
			}
		}
	}
	if found == 0 {
		t.Error("no flipped byte was found")
	}
}

// contentOf returns every event of a log, decoded. Sealed texts are opened.
func contentOf(t *testing.T, dir string) []byte {
	t.Helper()
	h := openManual(t, installation.Location{Data: dir}, time.Now())
	defer h.close()
	var content bytes.Buffer
	for entry, err := range h.Events.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		h.ok(err)
		_, err := h.Codec.Decode(entry)
		h.ok(err)
		content.WriteString(string(entry.Stream) + entry.Type + entry.ID.String())
		content.Write(entry.Data)
		content.Write(entry.Meta)
	}
	return content.Bytes()
}

// TestVerifyNamesTheDamage flips a digit of an event, and changes a balance of the read models.
func TestVerifyNamesTheDamage(t *testing.T) {
	skipIfShort(t)
	sound := filepath.Join(t.TempDir(), "sound")
	newCrowd(t, installation.Location{Data: sound}, time.Now())
	for name, c := range map[string]struct{ file, sql, says string }{
		"an event": {
			"events.db", "UPDATE events SET data = replace(data, '\"amount_micro\":1', '\"amount_micro\":9')",
			"CreditsPurchased at position",
		},
		"a balance": {
			"views.db", "UPDATE ledger_pockets_v2 SET amount_micro = amount_micro + 1 WHERE pocket = 'paid'",
			"contradicts its lines",
		},
		"a destroyed key": {"keys.db", "UPDATE keys SET wrapped = NULL", "does not say that it was erased"},
	} {
		dir := copyOf(t, sound)
		conn, err := sqlite.OpenConn(filepath.Join(dir, c.file), sqlite.OpenReadWrite)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(sqlitex.ExecuteTransient(conn, c.sql, nil), conn.Close()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := call(t, "", "verify", "--data", dir)
		if got.code != exitFault || !strings.Contains(got.out, c.says) {
			t.Errorf("%s: code %d, %s%s", name, got.code, got.out, got.err)
		}
	}
}
