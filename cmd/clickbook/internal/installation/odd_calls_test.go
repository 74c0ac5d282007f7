package installation

import (
	"errors"
	"testing"

	"github.com/clickbook/clickbook/adapters/sms"
)

func TestOddCallsAreNoticed(t *testing.T) {
	for _, c := range []struct {
		name   string
		counts sms.Counts
		want   error
	}{
		{"none", sms.Counts{}, nil},
		{"a few unknown texts", sms.Counts{Receipts: 9, Unknown: 9}, nil},
		{"one unknown text in a thousand", sms.Counts{Receipts: 20_000, Unknown: 20}, nil},
		{"one unknown text in fifty", sms.Counts{Receipts: 1000, Unknown: 20}, errUnknownTexts},
		{"many forged calls", sms.Counts{Receipts: 1000, Forged: 50}, errForgedCalls},
	} {
		if got := oddCalls(c.counts); !errors.Is(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
