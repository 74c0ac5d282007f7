package ledger_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/audit/ledger"
	windows "github.com/clickbook/clickbook/domain/window"
)

// A story is a short notation for facts, one a line: "day hour word…". Ids are e1, e2, … in order; amounts are in
// credits:
//
//	03-02 00 open A1 UTC            03-18 10 sent M1 1 prov-a @03-18T10
//	03-02 00 buy A1 P1 5            03-18 11 report M1 1 undelivered
//	03-02 00 grant A1 G1 1.5 04-05  03-19 00 refund M1 RF1 0.5
//	04-05 00 expire G1              03-20 00 declare W1 03-18 04-01 countries=AU
//	03-18 09 queue M1 A1 AU 2 1     03-21 00 revoke W1 clawback
//	03-18 12 fail M1 1              04-01 00 close 2026-03 UTC
//
// A word of the form @03-18T10 is the planned time or the send time, by default the recorded time.
func storyFacts(t *testing.T, story string) (facts []ledger.Fact) {
	t.Helper()
	for text := range strings.Lines(story) {
		if strings.TrimSpace(text) != "" {
			facts = append(facts, storyFact(t, len(facts)+1, strings.Fields(text)))
		}
	}
	return facts
}

func storyFact(t *testing.T, number int, words []string) ledger.Fact {
	t.Helper()
	f := ledger.Fact{EventID: fmt.Sprintf("e%d", number), RecordedAt: storyTime(t, words[0]+"T"+words[1])}
	at := f.RecordedAt
	if last := words[len(words)-1]; strings.HasPrefix(last, "@") {
		at, words = storyTime(t, last[1:]), words[:len(words)-1]
	}
	verb, words := words[2], words[3:]
	switch verb {
	case "open":
		f.Type, f.Account, f.HomeZone = "AccountOpened", words[0], words[1]
	case "buy":
		f.Type, f.Account, f.Purchase, f.Amount = "CreditsPurchased", words[0], words[1], credits(t, words[2])
	case "grant":
		f.Type, f.Account, f.Grant, f.Amount = "CreditsGranted", words[0], words[1], credits(t, words[2])
		f.ExpiresAt = storyTime(t, words[3])
	case "expire":
		f.Type, f.Grant = "GrantExpired", words[0]
	case "queue":
		f.Type, f.Message, f.Account, f.ToCountry, f.ScheduledFor = "ReminderQueued", words[0], words[1], words[2], at
		f.Segments, f.UnitPrice = new(ledger.Whole(words[3][0]-'0')), credits(t, words[4])
	case "sent":
		f.Type, f.Message, f.Attempt, f.Provider, f.SentAt = "SmsSent", words[0], attempt(words[1]), words[2], at
		if len(words) > 3 {
			f.ProviderSegments = new(attempt(words[3]))
		}
	case "fail":
		f.Type, f.Message, f.Attempt, f.Final = "SmsFailed", words[0], attempt(words[1]), new(len(words) < 3)
	case "report":
		f.Type, f.Message, f.Attempt, f.State = "DeliveryReported", words[0], attempt(words[1]), words[2]
	case "refund":
		f.Type, f.Message, f.RefundKey, f.Amount = "ManualRefundIssued", words[0], words[1], credits(t, words[2])
	case "declare", "amend", "revoke":
		storyWindow(t, &f, verb, words)
	case "close":
		f.Type, f.Period, f.Zone = "PeriodClosed", words[0], words[1]
	default:
		t.Fatalf("unknown verb %q", verb)
	}
	return f
}

func storyWindow(t *testing.T, f *ledger.Fact, verb string, words []string) {
	t.Helper()
	f.Type = map[string]string{
		"declare": "RefundWindowDeclared", "amend": "RefundWindowAmended", "revoke": "RefundWindowRevoked",
	}[verb]
	f.Window, words = words[0], words[1:]
	if i := slices.Index(words, "clawback"); i >= 0 {
		f.Clawback, words = true, slices.Delete(words, i, i+1)
	}
	if verb == "revoke" {
		return
	}
	f.Scope = &windows.Scope{}
	for _, word := range words[2:] {
		list, values, _ := strings.Cut(word, "=")
		into := map[string]*[]string{
			"countries": &f.Scope.Countries, "providers": &f.Scope.Providers, "accounts": &f.Scope.Accounts,
		}[list]
		*into = strings.Split(values, ",")
	}
	f.Bounds = &ledger.FactBounds{Kind: "instants", Start: storyTime(t, words[0]), End: storyTime(t, words[1])}
}

func attempt(word string) ledger.Whole { return ledger.Whole(word[0] - '0') }

func storyTime(t *testing.T, text string) ledger.Instant {
	t.Helper()
	for _, layout := range []string{"2006-01-02T15", "2006-01-02T15:04", "2006-01-02"} {
		if at, err := time.Parse(layout, "2026-"+text); err == nil {
			return ledger.Instant{Time: at}
		}
	}
	t.Fatalf("invalid time %q", text)
	return ledger.Instant{}
}

func credits(t *testing.T, text string) *ledger.Whole {
	t.Helper()
	amount, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("invalid amount %q", text)
	}
	micro := new(big.Rat).Mul(amount, big.NewRat(1_000_000, 1))
	return new(ledger.Whole(micro.Num().Int64()))
}

func encodeFacts(t *testing.T, facts []ledger.Fact) string {
	t.Helper()
	var text strings.Builder
	for _, fact := range facts {
		line, err := json.Marshal(fact)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(append(line, '\n'))
	}
	return text.String()
}

// summary writes books in a short notation: the lines from the given fact on, then messages, accounts, refused facts
// and reconciliation items.
func summary(from string, books map[string]any) string {
	var text strings.Builder
	started := false
	for _, entry := range books["lines"].([]any) {
		line := entry.(map[string]any)
		started = started || number(line["cause"]) >= number(from)
		if !started {
			continue
		}
		fmt.Fprintf(&text, "%s %s %s > %s %s", line["cause"], line["tx"], short(line["from"]), short(line["to"]),
			inCredits(line["amount"]))
		for _, key := range []string{"lot", "lot_expires_at", "reason"} {
			if value, ok := line[key].(string); ok {
				fmt.Fprintf(&text, " %s", strings.TrimSuffix(strings.TrimPrefix(value, "2026-"), "T00:00:00Z"))
			}
		}
		text.WriteByte('\n')
	}
	messages := books["messages"].(map[string]any)
	for _, id := range sortedKeys(messages) {
		m := messages[id].(map[string]any)
		fmt.Fprintf(&text, "%s %s %s-%s", id, m["state"], inCredits(m["charged"]), inCredits(m["refunded"]))
		for _, support := range m["supported_by"].([]any) {
			fmt.Fprintf(&text, " %s", support)
		}
		text.WriteByte('\n')
	}
	accounts := books["accounts"].(map[string]any)
	for _, id := range sortedKeys(accounts) {
		a := accounts[id].(map[string]any)
		fmt.Fprintf(&text, "%s paid %s granted %s held %s\n", id, inCredits(a["paid"]), inCredits(a["granted"]),
			inCredits(a["held"]))
	}
	for _, entry := range books["rejected"].([]any) {
		r := entry.(map[string]any)
		fmt.Fprintf(&text, "rejected %s %s\n", r["event_id"], r["code"])
	}
	for _, entry := range books["reconciliation_items"].([]any) {
		i := entry.(map[string]any)
		fmt.Fprintf(&text, "check %s of %s\n", i["kind"], i["message"])
	}
	return text.String()
}

func number(id any) (n int) {
	if _, err := fmt.Sscanf(id.(string), "e%d", &n); err != nil {
		panic(err)
	}
	return n
}

func short(account any) string {
	return strings.NewReplacer("acct:", "", "sys:", "").Replace(account.(string))
}

func inCredits(amount any) string {
	micro, ok := new(big.Rat).SetString(amount.(json.Number).String())
	if !ok {
		panic(amount)
	}
	return strings.TrimRight(strings.TrimRight(micro.Mul(micro, big.NewRat(1, 1_000_000)).FloatString(6), "0"), ".")
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
