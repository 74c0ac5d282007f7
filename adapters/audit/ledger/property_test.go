package ledger_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/adapters/audit/ledger"
	"github.com/clickbook/clickbook/domain/credit"
)

// randomLogs is how many random logs each property is checked with, unless -rapid.checks says otherwise.
const randomLogs = "2000"

func checkLogs(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if testing.Short() {
		rapid.Check(t, property)
		return
	}
	if given := checks.Value.String(); given == checks.DefValue {
		if err := checks.Value.Set(randomLogs); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = checks.Value.Set(given) }()
	}
	rapid.Check(t, property)
}

// replayed is the part of the books that the properties check.
type replayed struct {
	text     string
	Accounts map[string]account `json:"accounts"`
	System   map[string]int64   `json:"system"`
	Messages map[string]struct {
		State                         string
		Price, Charged, Refunded, Net int64
		SupportedBy                   []string `json:"supported_by"`
	} `json:"messages"`
	Lines []struct {
		Cause, Kind, Tx, From, To, Lot, Account, Message string
		Amount                                           int64
	} `json:"lines"`
	After      map[string]map[string]account `json:"after"`
	Statements []credit.Statement            `json:"statements"`
}

type account struct{ Paid, Granted, Held, Owned int64 }

var refunding = []byte(refundReceipts)

func booksOf(t *rapid.T, facts []ledger.Fact, options ledger.ReplayOptions) replayed {
	t.Helper()
	var in, out bytes.Buffer
	for _, fact := range facts {
		line, err := json.Marshal(fact)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	if err := ledger.Replay(t.Context(), &in, &out, options); err != nil {
		t.Fatal(err)
	}
	books := replayed{text: out.String()}
	if err := json.Unmarshal(out.Bytes(), &books); err != nil {
		t.Fatal(err)
	}
	return books
}

func TestReplayP1P2P6IgnoresRepetition(t *testing.T) {
	checkLogs(t, func(t *rapid.T) {
		facts := drawFacts(t, false)
		options := ledger.ReplayOptions{Policy: refunding}
		once := booksOf(t, facts, options).text
		if again := booksOf(t, facts, options).text; again != once {
			t.Fatal("a second replay gave other books")
		}
		prefix := facts[:rapid.IntRange(0, len(facts)).Draw(t, "prefix")]
		if resumed := booksOf(t, slices.Concat(prefix, facts), options).text; resumed != once {
			t.Fatal("a prefix followed by the whole log gave other books")
		}
		var doubled []ledger.Fact
		for _, fact := range facts {
			doubled = append(doubled, fact, fact)
		}
		if twice := booksOf(t, doubled, options).text; twice != once {
			t.Fatal("every fact twice gave other books")
		}
		var renamed []ledger.Fact // repeated under another id: there is nothing left to do
		for _, fact := range facts {
			repeated := fact
			repeated.EventID += "-again"
			renamed = append(renamed, fact, repeated)
		}
		if got, want := booksOf(t, renamed, options), booksOf(t, facts, options); !reflect.DeepEqual(got.Lines, want.Lines) {
			t.Fatal("every fact twice under another id gave other lines")
		}
	})
}

func TestReplayP3P4KeepsTheSums(t *testing.T) {
	checkLogs(t, func(t *rapid.T) {
		facts := drawFacts(t, false)
		options := ledger.ReplayOptions{Policy: refunding}
		for _, fact := range facts {
			options.After = append(options.After, fact.EventID)
		}
		books := booksOf(t, facts, options)
		sums, messages, causes := map[string]int64{}, map[string]int64{}, map[string]string{}
		lines := books.Lines
		for _, fact := range facts {
			for len(lines) > 0 && lines[0].Cause == fact.EventID {
				line := lines[0]
				lines = lines[1:]
				if line.Amount <= 0 {
					t.Fatalf("a line has the amount %d", line.Amount)
				}
				if cause, known := causes[line.Tx]; known && cause != line.Cause {
					t.Fatalf("%s has the causes %s and %s", line.Tx, cause, line.Cause)
				}
				causes[line.Tx] = line.Cause
				for pocket, amount := range map[string]int64{line.From: -line.Amount, line.To: line.Amount} {
					sums[pocket] += amount
					if strings.HasSuffix(pocket, "granted") && strings.HasPrefix(pocket, "acct:") {
						sums[pocket+" "+line.Lot] += amount
					}
				}
				messages[line.Kind+" "+line.Message] += line.Amount
			}
			checkSums(t, fact.EventID, sums, books.After[fact.EventID])
			for id := range books.Messages {
				kept := messages["refund "+id] - messages["reversal "+id]
				if kept < 0 || kept > messages["capture "+id] {
					t.Fatalf("after %s, %s has %d of %d refunded", fact.EventID, id, kept, messages["capture "+id])
				}
			}
		}
		if len(lines) > 0 {
			t.Fatalf("a line without a fact, or out of order: %+v", lines[0])
		}
		checkMessages(t, books, messages, sums)
	})
}

func checkSums(t *rapid.T, after string, sums map[string]int64, accounts map[string]account) {
	t.Helper()
	total := int64(0)
	for pocket, sum := range sums {
		if !strings.Contains(pocket, " ") {
			total += sum
		}
		if sum < 0 && strings.Contains(pocket, ":granted ") && !strings.Contains(pocket, "held") {
			t.Fatalf("after %s the lot %s has %d", after, pocket, sum)
		}
	}
	if total != 0 {
		t.Fatalf("after %s all lines sum to %d", after, total)
	}
	for id, a := range accounts {
		paid, granted := sums["acct:"+id+":paid"], sums["acct:"+id+":granted"]
		held := sums["acct:"+id+":held:paid"] + sums["acct:"+id+":held:granted"]
		if want := (account{paid, granted, held, paid + granted + held}); a != want {
			t.Fatalf("after %s %s shows %+v, its lines %+v", after, id, a, want)
		}
	}
}

func checkMessages(t *rapid.T, books replayed, messages, sums map[string]int64) {
	t.Helper()
	open := int64(0)
	for id, m := range books.Messages {
		if m.Charged != messages["capture "+id] || m.Refunded != messages["refund "+id]-messages["reversal "+id] ||
			m.Net != m.Charged-m.Refunded || m.Charged != 0 && m.Charged != m.Price {
			t.Fatalf("%s shows %+v", id, m)
		}
		held := messages["hold "+id] - messages["release "+id]
		if m.State == "captured" != (m.Charged > 0) || m.State == "held" != (held > 0 && m.Charged == 0) {
			t.Fatalf("%s has %d held and shows %+v", id, held, m)
		}
		if m.State == "held" {
			open += m.Price
		}
	}
	held := int64(0)
	for id, a := range books.Accounts {
		held += a.Held
		if debt := a.Paid < 0; debt && !explained(books, id) {
			t.Fatalf("%s owes %d without a reversal or a capture", id, a.Paid)
		}
	}
	if held != open {
		t.Fatalf("%d is held, but the open holds are %d", held, open)
	}
	for pocket, sum := range books.System {
		if sums[pocket] != sum {
			t.Fatalf("%s shows %d, its lines %d", pocket, sum, sums[pocket])
		}
	}
}

// explained reports whether a reversal or a charge without a hold can have left a debt.
func explained(books replayed, account string) bool {
	for _, line := range books.Lines {
		if line.From == "acct:"+account+":paid" && (line.Kind == "reversal" || line.Kind == "capture") {
			return true
		}
	}
	return false
}

func TestReplayAgreesWithTheOracle(t *testing.T) {
	checkLogs(t, func(t *rapid.T) {
		facts := drawFacts(t, false)
		refunds := rapid.Bool().Draw(t, "refunds receipts")
		options := ledger.ReplayOptions{}
		if refunds {
			options.Policy = refunding
		}
		books := booksOf(t, facts, options)
		blocked := map[string]bool{}
		for id, m := range books.Messages {
			held := slices.ContainsFunc(books.Lines, func(l struct {
				Cause, Kind, Tx, From, To, Lot, Account, Message string
				Amount                                           int64
			},
			) bool {
				return l.Message == id
			})
			failed := slices.ContainsFunc(facts, func(f ledger.Fact) bool { return f.Message == id && f.Type == "SmsFailed" && *f.Final })
			blocked[id] = m.State == "blocked" || m.State == "absorbed" && !held && !failed
		}
		predicted := predict(facts, blocked, refunds)
		for id, m := range predicted.texts {
			got := books.Messages[id]
			if m.state == "absorbed" || got.State == "absorbed" || blocked[id] {
				continue // the oracle cannot know whether it was blocked before it failed
			}
			want := map[string]string{"open": "held"}[m.state]
			if want == "" {
				want = m.state
			}
			if state := strings.Replace(got.State, "queued_no_hold", "held", 1); state != want {
				t.Fatalf("%s is %s, predicted %s", id, got.State, want)
			}
			if target := predicted.target(m); got.Refunded != target {
				t.Fatalf("%s has %d refunded, predicted %d", id, got.Refunded, target)
			}
		}
	})
}

func TestReplayP5DoesNotDependOnWhenAWindowWasDeclared(t *testing.T) {
	checkLogs(t, func(t *rapid.T) {
		facts := drawFacts(t, true)
		for number := range 6 { // end every hold, which is not a cost yet
			facts = append(facts, ledger.Fact{
				EventID: fmt.Sprint("end", number), RecordedAt: facts[0].RecordedAt, Type: "SmsFailed",
				Message: fmt.Sprintf("M%d", number+1), Final: new(true),
			})
		}
		declared := slices.IndexFunc(facts, func(f ledger.Fact) bool { return f.Type == "RefundWindowDeclared" })
		if declared < 0 || reused(facts, declared) {
			return
		}
		options := ledger.ReplayOptions{Policy: refunding}
		before := booksOf(t, facts, options)
		fact := facts[declared]
		moved := slices.Delete(slices.Clone(facts), declared, declared+1)
		moved = slices.Insert(moved, rapid.IntRange(2, len(moved)).Draw(t, "to"), fact)
		after := booksOf(t, moved, options)
		if hasManualRefunds(facts) {
			return
		}
		if !reflect.DeepEqual(before.Accounts, after.Accounts) {
			t.Fatalf("with the window declared elsewhere, the accounts are %+v, not %+v", after.Accounts, before.Accounts)
		}
		for id, m := range before.Messages {
			if after.Messages[id].Net != m.Net {
				t.Fatalf("with the window declared elsewhere, %s costs %d, not %d", id, after.Messages[id].Net, m.Net)
			}
		}
	})
}

func reused(facts []ledger.Fact, declared int) bool {
	return slices.ContainsFunc(facts[declared+1:], func(f ledger.Fact) bool { return f.Window == facts[declared].Window })
}

// hasManualRefunds reports whether there are manual refunds, which a waived message refuses.
func hasManualRefunds(facts []ledger.Fact) bool {
	return slices.ContainsFunc(facts, func(f ledger.Fact) bool { return f.Type == "ManualRefundIssued" })
}

func TestReplayKeepsClosedStatements(t *testing.T) {
	checkLogs(t, func(t *rapid.T) {
		facts := drawFacts(t, false)
		options := ledger.ReplayOptions{Policy: refunding}
		cut := rapid.IntRange(0, len(facts)).Draw(t, "cut")
		early := closedStatements(booksOf(t, facts[:cut], options).Statements)
		late := booksOf(t, facts, options).Statements
		for key, statement := range early {
			if !slices.Contains(late, statement) {
				t.Fatalf("the closed statement %s changed", key)
			}
		}
		last := facts[len(facts)-1]
		facts = append(facts, ledger.Fact{
			EventID: "end", RecordedAt: last.RecordedAt, Type: "PeriodClosed", Period: "2027-12", Zone: "UTC",
		})
		books := booksOf(t, facts, options)
		closing := map[string]credit.Statement{}
		for _, s := range books.Statements {
			if before, ok := closing[s.Account]; ok && s.Opening != before.Closing {
				t.Fatalf("%s opens with %d, but %s closed with %d", s.Period, s.Opening, before.Period, before.Closing)
			}
			closing[s.Account] = s
		}
		for _, id := range slices.Sorted(maps.Keys(books.Accounts)) {
			if books.Accounts[id].Owned != closing[id].Closing {
				t.Fatalf("%s owns %d, but its last statement closes with %d", id, books.Accounts[id].Owned, closing[id].Closing)
			}
		}
	})
}

// closedStatements returns all statements but the open one of each account.
func closedStatements(statements []credit.Statement) map[string]credit.Statement {
	closed, last := map[string]credit.Statement{}, map[string]string{}
	for _, s := range statements {
		key := fmt.Sprint(s.Account, " ", s.Period)
		closed[key], last[s.Account] = s, key
	}
	for _, key := range last {
		delete(closed, key)
	}
	return closed
}
