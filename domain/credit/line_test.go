package credit_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
)

// The ids of transactions in shared/vectors/refund-windows.json ("id_rule").
func TestTransactionIDsFollowTheRule(t *testing.T) {
	for _, c := range []struct {
		parts []any
		want  string
	}{
		{[]any{"t1", "hold", "M1"}, "92cc2e3d-7fc5-5618-9095-79e5f170b5a4"},
		{[]any{"t1", "capture", "M1"}, "93beb4eb-a7dd-5090-b0ea-91dabc27c15e"},
		{[]any{"t1", "refund", "M1", 1}, "8ab9d00a-56d8-508f-9cef-7c6acb063852"},
		{[]any{"t1", "reversal", "M1", 2}, "03066a77-87ee-597c-a62e-49339fc28a11"},
		{[]any{"t1", "refund", "M|1", 1}, "d2b3ecca-0ff0-5dc6-b986-f49abac5ccbe"},
	} {
		if got := domain.DeriveUUID(c.parts...).String(); got != c.want {
			t.Errorf("%v: %s, want %s", c.parts, got, c.want)
		}
	}
}

func TestEqualPostingsAreOneLine(t *testing.T) {
	event := credit.RefundReversed{since("w2", 6, 8,
		move(credit.Paid, credit.RefundsGranted, 1), move(credit.Granted, credit.RefundsGranted, 2, "G1"),
		move(credit.Paid, credit.RefundsGranted, 4), move(credit.Paid, credit.RefundsPaid, 8),
	), credit.Adjustment{"M1", 2, "window:W1"}}
	line := credit.Line{
		Cause: "w2", Kind: "reversal", Tx: "reversal|M1|2", To: "sys:refunds:granted", EffectiveAt: day(6), RecordedAt: day(8),
		Account: "A1", Message: "M1", Reason: "window:W1",
	}
	paid, granted, plain := line, line, line
	paid.From, paid.Amount = "acct:A1:paid", 5
	granted.From, granted.Amount, granted.Lot = "acct:A1:granted", 2, "G1"
	plain.From, plain.To, plain.Amount = "acct:A1:paid", "sys:refunds:paid", 8
	if got, want := credit.Lines(event), []credit.Line{paid, granted, plain}; !reflect.DeepEqual(got, want) {
		t.Errorf("lines\n got: %+v\nwant: %+v", got, want)
	}
}

func TestPocketsReadBack(t *testing.T) {
	for pocket := credit.Paid; pocket <= credit.ExpiredPocket; pocket++ {
		text, err := json.Marshal(pocket)
		if err != nil {
			t.Fatal(err)
		}
		var back credit.Pocket
		if err := json.Unmarshal(text, &back); err != nil || back != pocket {
			t.Errorf("%s reads back as %s: %v", text, back, err)
		}
	}
	var none credit.Pocket
	if err := json.Unmarshal([]byte(`"purse"`), &none); err == nil {
		t.Error("an unknown pocket was read")
	}
}
