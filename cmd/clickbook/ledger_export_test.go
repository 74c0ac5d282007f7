package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
)

// replayed is the part of books.json that the tests compare.
type replayed struct {
	Accounts map[string]map[string]int64 `json:"accounts"`
	Messages map[string]struct {
		State         string `json:"state"`
		Price         int64  `json:"price"`
		Charged       int64  `json:"charged"`
		Refunded, Net int64
	} `json:"messages"`
	Lines    []replayedLine      `json:"lines"`
	Rejected []map[string]string `json:"rejected"`
}

type replayedLine struct {
	Cause, Kind, Tx, From, To string
	Amount                    int64
	EffectiveAt               time.Time `json:"effective_at"`
	RecordedAt                time.Time `json:"recorded_at"`
	Message, Reason, Lot      string
}

const productPolicy = `{"dlr": {"undelivered": "refund", "expired": "refund", "unknown": "keep"}}`

// exportAndReplay exports the facts of an account and replays them, as an auditor does.
func exportAndReplay(t *testing.T, dir string, of domain.AccountID) (facts string, books replayed) {
	t.Helper()
	facts = must(t, "ledger", "export", "--data", dir, "--account", of.String()).out
	policy := filepath.Join(t.TempDir(), "policy.json")
	if err := os.WriteFile(policy, []byte(productPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	got := call(t, facts, "ledger", "replay", "--policy", policy)
	if got.code != exitOK {
		t.Fatalf("replay failed: %s", got.err)
	}
	if err := json.Unmarshal([]byte(got.out), &books); err != nil {
		t.Fatal(err)
	}
	if len(books.Rejected) > 0 {
		t.Errorf("facts of an installation were refused: %v", books.Rejected)
	}
	return facts, books
}

// checkBooks compares replayed books with those of the installation: pockets, messages, and every line in order.
func checkBooks(h *manual, of domain.AccountID, books replayed) {
	h.t.Helper()
	balance, err := projections.Ledger{DB: h.Views}.Balance(h.t.Context(), of)
	h.ok(err)
	want := map[string]int64{
		"paid": balance.Paid, "granted": balance.Granted, "held": balance.Held(), "owned": balance.Owned(),
	}
	if got := books.Accounts[of.String()]; !maps.Equal(got, want) || len(books.Accounts) != 1 {
		h.t.Errorf("the replayed accounts are %v, want %v", books.Accounts, want)
	}
	ledger, _, err := commands.Load(h.t.Context(), h.Engine, credit.Decider, domain.StreamOf("credits", of.String()))
	h.ok(err)
	charges := ledger.Charges()
	for _, c := range charges {
		got := books.Messages[c.Message]
		if got.State != c.Stage.String() || got.Net != c.Charged-c.Refunded || got.Price != c.Price ||
			got.Charged != c.Charged {
			h.t.Errorf("the replayed message %s is %+v, want %s, charged %d, refunded %d",
				c.Message, got, c.Stage, c.Charged, c.Refunded)
		}
	}
	if len(charges) != len(books.Messages) {
		h.t.Errorf("the replay has %[2]d messages, want %[1]d", len(charges), len(books.Messages))
	}
	checkLines(h, of, books)
}

func checkLines(h *manual, of domain.AccountID, books replayed) {
	h.t.Helper()
	lines, err := projections.Ledger{DB: h.Views}.Find(h.t.Context(), of, projections.LineFilter{})
	h.ok(err)
	lines = slices.DeleteFunc(lines, func(line projections.Line) bool { return line.Amount == 0 })
	slices.Reverse(lines)
	if len(lines) != len(books.Lines) {
		h.t.Errorf("the replay has %[2]d lines, want %[1]d", len(lines), len(books.Lines))
	}
	short := func(pocket string) string {
		return strings.TrimPrefix(strings.TrimPrefix(pocket, "acct:"+of.String()+":"), "sys:")
	}
	for i := range min(len(lines), len(books.Lines)) {
		line, got := lines[i], books.Lines[i]
		same := projections.Line{
			Entry: line.Entry, Place: line.Place, Kind: got.Kind, Tx: got.Tx, From: short(got.From), To: short(got.To),
			Amount: got.Amount, EffectiveAt: got.EffectiveAt, RecordedAt: got.RecordedAt, Message: got.Message,
			Reason: got.Reason, Windows: line.Windows, Lot: got.Lot, Cause: got.Cause, Price: line.Price,
		}
		if a, b := asJSON(line), asJSON(same); a != b {
			h.t.Fatalf("line %d of the replay is\n%s\nwant\n%s", i+1, b, a)
		}
	}
}

func asJSON(line projections.Line) string {
	text, _ := json.Marshal(line) // plain values
	return string(text)
}

// TestExportedFactsReplayToTheSameBooks changes the refund window of the month afterwards, exports the facts and
// replays them.
func TestExportedFactsReplayToTheSameBooks(t *testing.T) {
	month := simulatedMonth(t)
	of, err := domain.ParseID[domain.AccountID](month.report.Account)
	if err != nil {
		t.Fatal(err)
	}
	h := openManual(t, installation.Location{Data: month.dir}, monthEnd)
	ctx, origin := t.Context(), commands.ForInstallation(installation.Operator)
	declared, err := projections.Windows{DB: h.Views}.All(ctx)
	h.ok(err)
	narrower := declared[0].Terms
	narrower.Bounds.Days = 3
	for _, change := range []domain.Command{
		window.Amend{Window: declared[0].ID, Terms: narrower}, // the refunds of the last two days stay
		window.Declare{Window: "alpha", Terms: window.Terms{
			Scope:  window.Scope{Providers: []string{"alpha"}, Accounts: []string{of.String(), "somebody else"}},
			Bounds: window.Bounds{Kind: window.Instants, Start: monthEnd.AddDate(0, 0, -9), End: monthEnd.AddDate(0, 0, -5)},
		}},
		window.Revoke{Window: declared[0].ID, Clawback: true},
	} {
		_, err := h.Engine.Do(ctx, origin, change)
		h.ok(err)
		h.settle(ctx)
	}
	h.close()
	facts, books := exportAndReplay(t, month.dir, of)
	h = openManual(t, installation.Location{Data: month.dir}, monthEnd)
	defer h.close()
	checkBooks(h, of, books)
	for _, kind := range []string{"purchase", "grant", "hold", "capture", "release", "refund", "reversal"} {
		if !slices.ContainsFunc(books.Lines, func(line replayedLine) bool { return line.Kind == kind }) {
			t.Errorf("no line of the replay is a %s: the test proves little", kind)
		}
	}
	if strings.Contains(facts, "somebody else") || strings.Contains(facts, "+55") {
		t.Error("the facts hold data of others")
	}
}
