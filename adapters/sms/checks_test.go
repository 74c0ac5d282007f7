package sms

import (
	"testing"

	"github.com/clickbook/clickbook/commands/messaging"
)

func TestACheckKeepsWhatBecameOfItsText(t *testing.T) {
	for _, c := range []struct {
		receipts []string
		want     string
	}{
		{[]string{"sent"}, "sent"},
		{[]string{"sent", "undelivered"}, "undelivered"},
		{[]string{"undelivered", "sent"}, "undelivered"},
		{[]string{"expired", "delivered", "sent"}, "delivered"},
	} {
		r := &Receiver{}
		r.remember(Check{Reference: "r.1"})
		for _, state := range c.receipts {
			r.noteReceipt(messaging.Receipt{Reference: "r.1", State: state})
		}
		if got, _ := r.Checked("r.1"); got.State != c.want {
			t.Errorf("after %v the state is %q", c.receipts, got.State)
		}
	}
}
