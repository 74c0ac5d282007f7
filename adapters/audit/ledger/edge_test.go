package ledger_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/audit/ledger"
	"github.com/clickbook/clickbook/domain/credit"
)

const opened = `{"event_id":"e1","recorded_at":"2026-03-01T00:00:00Z","type":"AccountOpened","account":"A1","home_zone":"UTC"}
`

func TestReplayRefusesMalformedLines(t *testing.T) {
	purchase := func(field string) string {
		return `{"event_id":"e2","recorded_at":"2026-03-01T00:00:00Z","type":"CreditsPurchased","account":"A1","purchase":"P1",` +
			field + `}`
	}
	for line, want := range map[string]string{
		purchase(`"amount":1.5`):                 "amount_not_integer",
		purchase(`"amount":"1.5"`):               "amount_not_integer",
		purchase(`"amount":1.0`):                 "amount_not_integer",
		purchase(`"amount":1e6`):                 "amount_not_integer",
		purchase(`"amount":9223372036854775808`): "amount_overflow",
		purchase(`"amount":null`):                "lacks a required field",
		purchase(`"amount":true`):                "amount_not_integer",
		purchase(`"amount":1`) + `x`:             "not a fact",
		`[]`:                                     "not a fact",
		`null`:                                   "event_id",
		`{"event_id":"e2"`:                       "not a fact",
		`{"event_id":"e2","recorded_at":"2026-03-01T00:00:00Z","type":"CreditsBurnt"}`:                               "not a type of fact",
		`{"event_id":"e2","recorded_at":"2026-03-01T00:00:00","type":"PeriodClosed","period":"2026-02"}`:             "offset_required",
		`{"event_id":"e2","recorded_at":"2026-03-01","type":"PeriodClosed","period":"2026-02"}`:                      "time_malformed",
		`{"event_id":"e2","recorded_at":"2026-03-01T00:00:00Z","type":"DeliveryReported","message":"M","state":"?"}`: "lacks a required field",
		`{"event_id":"e2","recorded_at":"2026-03-01T00:00:00Z","type":"RefundWindowDeclared","window":"W1",` +
			`"bounds":{"kind":"instants","start":"2026-03-18T00:00:00","end":"2026-04-01T00:00:00Z"}}`: "offset_required",
	} {
		var out bytes.Buffer
		err := ledger.Replay(t.Context(), strings.NewReader(opened+"\n"+line+"\n"), &out, ledger.ReplayOptions{})
		if err == nil || !strings.Contains(err.Error(), "line 3: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngave error %v, want line 3 and %q", line, err, want)
		}
		if out.Len() > 0 {
			t.Errorf("%s\nwrote books: %s", line, out.String())
		}
	}
}

func TestReplayListsRefusedFacts(t *testing.T) {
	window := func(id int, kind, window, rest string) string {
		return fmt.Sprintf(`{"event_id":"r%d","recorded_at":"2026-03-01T00:00:00Z","type":"RefundWindow%s","window":%q%s}`+"\n",
			id, kind, window, rest)
	}
	dates := func(rest string) string {
		return `,"bounds":{"kind":"local_dates","start_date":"2026-03-18",` + rest + `}`
	}
	instants := `,"bounds":{"kind":"instants","start":"2026-04-01T00:00:00Z","end":"2026-%sT00:00:00.0000009Z"}`
	facts := opened + window(1, "Declared", "W1", dates(`"days":14`)) + window(2, "Declared", "W1", dates(`"days":14,"zone":""`)) +
		window(3, "Declared", "W1", dates(`"days":14,"zone":"Local"`)) + window(4, "Declared", "W1", dates(`"days":14,"zone":"AEST"`)) +
		window(5, "Declared", "W1", dates(`"days":0,"zone":"UTC"`)) +
		window(6, "Declared", "W1", fmt.Sprintf(instants, "04-01")) + window(7, "Declared", "W1", fmt.Sprintf(instants, "03-18")) +
		window(8, "Declared", "W1", `,"scope":{"countries":["UK"]}`) +
		window(9, "Declared", "W1", dates(`"days":14,"zone":"UTC"`)+`,"scope":{}`) +
		window(10, "Declared", "W1", dates(`"days":14,"zone":"UTC"`)) +
		window(11, "Declared", "W1", dates(`"days":15,"zone":"UTC"`)) +
		window(12, "Declared", "W1", dates(`"days":14,"zone":"UTC"`)+`,"scope":{"countries":["AU"]}`) +
		window(13, "Revoked", "W1", "") + window(14, "Revoked", "W1", "") +
		window(15, "Amended", "W1", dates(`"days":15,"zone":"UTC"`)) + window(16, "Amended", "W2", "") + window(17, "Revoked", "W2", "") +
		`{"event_id":"r18","recorded_at":"2026-03-01T00:00:00Z","type":"CreditsPurchased","account":"A1","purchase":"P","amount":0}
		{"event_id":"r19","recorded_at":"2026-03-01T00:00:00Z","type":"CreditsPurchased","account":"A1","purchase":"P","amount":-1}
		{"event_id":"r20","recorded_at":"2026-03-01T00:00:00Z","type":"ReminderQueued","account":"A1","message":"M1","to_country":"AU","segments":10,"unit_price":922337203685477581,"scheduled_for":"2026-03-02T00:00:00Z"}
		{"event_id":"r21","recorded_at":"2026-03-01T00:00:00Z","type":"ManualRefundIssued","message":"M1","amount":1,"refund_key":"RF"}
		{"event_id":"r22","recorded_at":"2026-03-01T00:00:00Z","type":"CreditsPurchased","account":"A2","purchase":"P","amount":1}
		{"event_id":"r23","recorded_at":"2026-03-01T00:00:00Z","type":"SmsSent","message":"M1","sent_at":"2026-03-02T00:00:00Z"}
		{"event_id":"r24","recorded_at":"2026-03-01T00:00:00Z","type":"AccountOpened","account":"A3","home_zone":"Local"}
		{"event_id":"r25","recorded_at":"2026-03-01T00:00:00Z","type":"PeriodClosed","period":"2026-00"}
`
	want := []struct{ id, code string }{
		{"r1", "zone_required"},
		{"r2", "zone_required"},
		{"r3", "unknown_zone"},
		{"r4", "unknown_zone"},
		{"r5", "empty_window"},
		{"r6", "empty_window"},
		{"r7", "empty_window"},
		{"r8", "unknown_country"},
		{"r11", "window_id_reused"},
		{"r12", "window_id_reused"},
		{"r15", "window_revoked"},
		{"r16", "unknown_window"},
		{"r17", "unknown_window"},
		{"r18", "amount_not_positive"},
		{"r19", "amount_not_positive"},
		{"r20", "amount_overflow"},
		{"r21", "nothing_charged"},
		{"r22", "unknown_account"},
		{"r23", "unknown_message"},
		{"r24", "unknown_zone"},
		{"r25", "period_malformed"},
	}
	books := replay(t, facts, ledger.ReplayOptions{})
	var got []struct{ id, code string }
	for _, entry := range books["rejected"].([]any) {
		r := entry.(map[string]any)
		got = append(got, struct{ id, code string }{r["event_id"].(string), r["code"].(string)})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("rejected\n got: %v\nwant: %v", got, want)
	}
	if lines := books["lines"].([]any); len(lines) > 0 {
		t.Errorf("refused facts posted %v", lines)
	}
}

func TestInstantTruncatesToMicroseconds(t *testing.T) {
	for text, want := range map[string]string{
		"2026-03-31T23:59:59.9999999Z": "2026-03-31T23:59:59.999999Z",
		"2026-03-18T00:00:00.0000009Z": "2026-03-18T00:00:00Z",
		"2026-03-18T11:00:00+11:00":    "2026-03-18T00:00:00Z",
		"1969-12-31T23:59:59.9999999Z": "1969-12-31T23:59:59.999999Z",
		"2026-03-18T00:00:00.25Z":      "2026-03-18T00:00:00.250000Z",
	} {
		var at ledger.Instant
		if err := json.Unmarshal([]byte(`"`+text+`"`), &at); err != nil || at.String() != want {
			t.Errorf("%s is read as %s (%v), want %s", text, at, err, want)
		}
	}
	for _, text := range []string{`"2026-03-18T00:00:00,5Z"`, `"2026-03-18 00:00:00Z"`, `"2026-02-30T00:00:00Z"`, `5`} {
		var at ledger.Instant
		if err := json.Unmarshal([]byte(text), &at); err == nil {
			t.Errorf("%s is read as %s", text, at)
		}
	}
}

func TestReplayReportsEarlierStates(t *testing.T) {
	facts := encodeFacts(t, storyFacts(t, `
		03-01 00 open A1 UTC
		03-01 00 buy A1 P1 5
		03-10 10 queue M1 A1 AU 2 1
		03-10 10 sent M1 1 prov-a 3
		04-02 00 close 2026-03 UTC
		04-03 00 declare W1 03-10 03-11
		04-04 00 refund M1 RF1 1
		04-05 00 queue M2 A1 AU 1 1
		04-05 01 sent M2 1 prov-a @03-31T23
		04-06 00 open A2 UTC
		04-07 00 revoke W1 clawback`))
	books := replay(t, facts, ledger.ReplayOptions{
		After: []string{"e1", "e4", "e6", "e6"},
		AsOf: []byte(`[
			{"account":"A1","valid_before":"2026-04-01T00:00:00Z","known_before":"2026-04-01T00:00:00Z"},
			{"account":"A1","valid_before":"2026-04-01T00:00:00Z","known_before":"2026-04-03T00:00:00Z"},
			{"account":"A1","valid_before":"2026-04-01T00:00:00Z","known_before":"2026-04-03T00:00:00.000001Z"},
			{"account":"A1","valid_before":"2026-03-10T10:00:00.0000001Z","known_before":"2027-01-01T00:00:00+01:00"}]`),
	})
	expect(t, books, "after", `{
		"e1": {"A1": {"paid": 0, "granted": 0, "held": 0, "owned": 0}},
		"e4": {"A1": {"paid": 3000000, "granted": 0, "held": 0, "owned": 3000000}},
		"e6": {"A1": {"paid": 5000000, "granted": 0, "held": 0, "owned": 5000000}}}`)
	expect(t, books, "as_of", `[
		{"account":"A1","valid_before":"2026-04-01T00:00:00Z","known_before":"2026-04-01T00:00:00Z","owned":3000000},
		{"account":"A1","valid_before":"2026-04-01T00:00:00Z","known_before":"2026-04-03T00:00:00Z","owned":3000000},
		{"account":"A1","valid_before":"2026-04-01T00:00:00Z","known_before":"2026-04-03T00:00:00.000001Z","owned":5000000},
		{"account":"A1","valid_before":"2026-03-10T10:00:00.0000001Z","known_before":"2027-01-01T00:00:00+01:00","owned":5000000}]`)
	expect(t, books, "reconciliation_items", `[{"kind":"segment_mismatch","message":"M1","quoted":2,"provider":3}]`)
	march := credit.Statement{Account: "A1", Period: "2026-03", Zone: "UTC", Purchased: 5e6, Captured: 2e6, Closing: 3e6}
	april := credit.Statement{
		Account: "A1", Period: "2026-04", Zone: "UTC", Opening: 3e6, Captured: 1e6, RefundedPriorPeriod: 2e6,
		Reversed: 1e6, Closing: 3e6,
	}
	second := []credit.Statement{{Account: "A2", Period: "2026-03", Zone: "UTC"}, {Account: "A2", Period: "2026-04", Zone: "UTC"}}
	statements, err := json.Marshal(append([]credit.Statement{march, april}, second...))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, books, "statements", string(statements))
}

func expect(t *testing.T, books map[string]any, key, text string) {
	t.Helper()
	var want any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(books[key], want) {
		t.Errorf("%s\n got: %s\nwant: %s", key, encode(t, books[key]), text)
	}
}

func TestReplayRefusesInvalidOptions(t *testing.T) {
	for want, opts := range map[string]ledger.ReplayOptions{
		"policy: ":         {Policy: []byte(`{"dlr":{"undeliverd":"refund"}}`)},
		"policy: each":     {Policy: []byte(`{"dlr":{"undelivered":"maybe"}}`)},
		"there is no fact": {After: []string{"e9"}},
		"as-of: write":     {AsOf: []byte(`{}`)},
		"known_before":     {AsOf: []byte(`[{"account":"A1","valid_before":"2026-04-01T00:00:00Z"}]`)},
	} {
		var out bytes.Buffer
		err := ledger.Replay(t.Context(), strings.NewReader(opened), &out, opts)
		if err == nil || !strings.Contains(err.Error(), want) || out.Len() > 0 {
			t.Errorf("%+v gave error %v and wrote %q, want error %q", opts, err, out.String(), want)
		}
	}
}

func TestFactIsWrittenAsItWasRead(t *testing.T) {
	for _, v := range readVectors(t, sharedVectors) {
		for _, raw := range v.Input {
			var fact ledger.Fact
			if err := json.Unmarshal(raw, &fact); err != nil {
				t.Fatal(err)
			}
			back, err := json.Marshal(fact)
			if err != nil {
				t.Fatal(err)
			}
			var got, want any
			if json.Unmarshal(back, &got) != nil || json.Unmarshal(raw, &want) != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s is written as %s", raw, back)
			}
		}
	}
}
