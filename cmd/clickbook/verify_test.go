package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
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

// TestContradictingBalanceIsNoAnswer changes a sum of the read models. The balance is a fault, and health says so.
func TestContradictingBalanceIsNoAnswer(t *testing.T) {
	skipIfShort(t)
	at := installation.Location{Data: filepath.Join(t.TempDir(), "data")}
	c := newCrowd(t, at, time.Now())
	h := openManual(t, at, time.Now())
	owner, err := h.Issue(t.Context(), c.account, access.Owner, "test")
	h.ok(err)
	h.close()
	s := serving(t, at)
	s.key = owner
	const path = "/accounts/%s/credits"
	if got := s.get(path, c.account); got.body()["owned_micro"] == nil {
		t.Fatalf("a sound balance: %s", got.raw)
	}
	s.kill()
	conn, err := sqlite.OpenConn(filepath.Join(at.Data, "views.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	err = sqlitex.ExecuteTransient(conn, "UPDATE ledger_pockets_v2 SET amount_micro = 9000 WHERE pocket = 'paid'", nil)
	if err := errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
	s = serving(t, at)
	s.key = owner
	if got := s.ask("GET", fmt.Sprintf(path, c.account), "", nil); got.status != 500 || strings.Contains(got.raw, "9000") {
		t.Errorf("a balance that contradicts its lines: %d %s", got.status, got.raw)
	}
	if !s.troubled("damaged") {
		t.Errorf("health: %s", s.get("/health").raw)
	}
}

// TestBalancesOfAMonthAreTheSumsOfTheirLines compares what GET credits compares, for every account.
func TestBalancesOfAMonthAreTheSumsOfTheirLines(t *testing.T) {
	skipIfShort(t)
	h := openManual(t, installation.Location{Data: copyOf(t, simulatedMonth(t).dir)}, monthEnd)
	defer h.close()
	h.settle(t.Context())
	accounts, err := directory.Accounts{DB: h.Views}.All(t.Context(), domain.AccountID{}, 1000)
	h.ok(err)
	for _, account := range accounts {
		books, revision, err := commands.Load(t.Context(), h.Engine, credit.Decider, credit.StreamOf(account.ID))
		h.ok(err)
		lines, same, err := projections.Ledger{DB: h.Views}.BalanceAt(t.Context(), account.ID, int(revision)+1)
		h.ok(err)
		if !same || lines.Paid != books.Paid() || lines.Granted != books.Granted() || lines.Held() != books.Held() {
			t.Errorf("account %s: the lines say %+v (%v), the books %d, %d, %d", account.ID, lines, same, books.Paid(),
				books.Granted(), books.Held())
		}
	}
}

// troubled reports whether health is degraded for a reason.
func (s *server) troubled(reason string) bool {
	health := s.get("/health")
	return health.text("status") == "degraded" && strings.Contains(health.raw, reason)
}
