package carriertest

import (
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// finals are the states of receipts, and what becomes of a status that no document lists.
var finals = map[string]string{
	"delivered": "delivered", "undelivered": "undelivered", "expired": "expired", "unknown": "unknown", "unheard": "unknown",
	"sent": "sent",
}

func receipts(t *testing.T, lab Lab) {
	n := 0
	for state, want := range finals {
		n++
		arrived := lab.mustSend(t, lab.Text(n))
		at := lab.Now().Add(-2 * time.Second)
		got, ok := lab.Report(arrived, Report{State: state, At: at})
		if !ok {
			continue
		}
		if state == "sent" && len(got) == 0 {
			continue // an adapter may drop what is not final
		}
		if len(got) != 1 {
			t.Errorf("%s: %d receipts", state, len(got))
			continue
		}
		receipt := got[0]
		if receipt.Reference != lab.Text(n).Reference || receipt.State != want {
			t.Errorf("%s: %+v", state, receipt)
		}
		lab.timely(t, receipt, at)
		if receipt.Fault != "" && !validFault(receipt.Fault) {
			t.Errorf("%s: fault %q", state, receipt.Fault)
		}
		if state == "delivered" && receipt.Fault != "" {
			t.Errorf("delivered with fault %q", receipt.Fault)
		}
	}
}

// timely checks the time of a receipt: as the provider says, to its precision, or when the call came.
func (l Lab) timely(t *testing.T, got messaging.Receipt, happened time.Time) {
	t.Helper()
	if got.At.Before(happened.Add(-time.Minute)) || got.At.After(l.Now().Add(time.Second)) {
		t.Errorf("%s at %s, want between %s and %s", got.State, got.At, happened, l.Now())
	}
}

func early(t *testing.T, lab Lab) {
	if lab.Meanwhile == nil {
		t.Skip("the fake cannot report before it replies")
	}
	var got []messaging.Receipt
	ok := false
	lab.Meanwhile(func(arrived Submitted) { got, ok = lab.Report(arrived, Report{State: "delivered", At: lab.Now()}) })
	if _, err := lab.send(t.Context(), t, lab.Text(1)); err != nil {
		t.Fatal(err)
	}
	if !ok {
		t.Skip("the provider does not report before it replies")
	}
	if len(got) != 1 || got[0].Reference != lab.Text(1).Reference || got[0].State != "delivered" {
		t.Errorf("%+v", got)
	}
}

func disorder(t *testing.T, lab Lab) {
	arrived := lab.mustSend(t, lab.Text(1))
	at := lab.Now()
	first, ok := lab.Report(arrived, Report{State: "delivered", At: at})
	if !ok || len(first) != 1 {
		t.Skip("the provider does not report")
	}
	again, _ := lab.Report(arrived, Report{State: "delivered", At: at})
	for _, receipt := range again {
		if receipt.State != "delivered" || receipt.Reference != first[0].Reference {
			t.Errorf("the second time: %+v", receipt)
		}
	}
	if other, ok := lab.Report(arrived, Report{State: "undelivered", At: at}); ok {
		if len(other) != 1 || other[0].State != "undelivered" || other[0].Reference != first[0].Reference {
			t.Errorf("a contradiction: %+v", other)
		}
	}
	late := lab.mustSend(t, lab.Text(2))
	happened := lab.Now().Add(-5 * 24 * time.Hour)
	if got, ok := lab.Report(late, Report{State: "delivered", At: happened}); ok {
		if len(got) != 1 || got[0].Reference != lab.Text(2).Reference {
			t.Fatalf("five days late: %+v", got)
		}
		lab.timely(t, got[0], happened)
	}
}

func status(t *testing.T, lab Lab) {
	text := lab.Text(1)
	arrived := lab.mustSend(t, text)
	inquiry := messaging.Inquiry{
		Reference: text.Reference, ProviderID: arrived.ProviderID, To: text.To, Attempted: lab.Now(),
	}
	lab.cannotBeRejected(t, inquiry, "with the provider's id")
	inquiry.ProviderID = ""
	lab.cannotBeRejected(t, inquiry, "by reference")
	inquiry.Reference = lab.Text(2).Reference
	if got, err := lab.Provider.Status(t.Context(), inquiry); err == nil {
		t.Errorf("a text that was never sent: %+v", got)
	} else {
		lab.silent(t, err)
	}
	if lab.Forgets {
		return
	}
	lab.Report(arrived, Report{State: "delivered", At: lab.Now()})
	inquiry.Reference, inquiry.ProviderID = text.Reference, arrived.ProviderID
	got := lab.cannotBeRejected(t, inquiry, "after it was delivered")
	if got.Receipt.State != "" && (got.Receipt.State != "delivered" || got.Receipt.Reference != text.Reference) {
		t.Errorf("after it was delivered: %+v", got.Receipt)
	}
}

// cannotBeRejected asks for the status of a text that the fake accepted.
func (l Lab) cannotBeRejected(t *testing.T, inquiry messaging.Inquiry, what string) messaging.Standing {
	t.Helper()
	got, err := l.Provider.Status(t.Context(), inquiry)
	l.silent(t, err)
	if notAccepted(err) != nil {
		t.Errorf("%s: an accepted text is %v", what, err)
	}
	if err == nil && got.At.IsZero() {
		t.Errorf("%s: accepted at no time", what)
	}
	if err != nil && inquiry.ProviderID == "" && !errors.Is(err, messaging.ErrCannotTell) {
		t.Errorf("%s: %v is not ErrCannotTell", what, err)
	}
	return got
}

func badStatus(t *testing.T, lab Lab) {
	text := lab.Text(1)
	arrived := lab.mustSend(t, text)
	inquiry := messaging.Inquiry{
		Reference: text.Reference, ProviderID: arrived.ProviderID, To: text.To, Attempted: lab.Now(),
	}
	for _, b := range []Behaviour{StatusError, StatusMalformed, StatusUnknown} {
		if !lab.Behave(b) {
			continue
		}
		got := lab.cannotBeRejected(t, inquiry, string(b))
		if got.Receipt.State != "" && got.Receipt.State != "unknown" {
			t.Errorf("%s: %+v", b, got)
		}
	}
	lab.Behave(Healthy)
}
