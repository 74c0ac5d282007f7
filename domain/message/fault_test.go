package message_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
)

// classes says what follows from each fault.
var classes = map[message.Fault]string{
	message.FaultNumber: "permanent", message.FaultOptedOut: "permanent", message.FaultHandset: "transient",
	message.FaultContent: "provider", message.FaultCarrier: "provider", message.FaultThrottle: "transient",
	message.FaultProvider: "transient", message.FaultConfigure: "provider", message.FaultUnknown: "unknown",
}

func TestEveryFaultHasAClass(t *testing.T) {
	for _, fault := range message.Faults() {
		if got := fault.Class(); got != classes[fault] {
			t.Errorf("%s is %s, want %s", fault, got, classes[fault])
		}
	}
	if len(classes) != len(message.Faults()) {
		t.Errorf("%d faults, want %d", len(message.Faults()), len(classes))
	}
}

func faults() []example {
	rejected := rejected(first, "provider", "30007")
	rejected.Fault = message.FaultContent
	failed := failed(first, "provider", "30007")
	failed.Fault = message.FaultContent
	undelivered := reported(first, "undelivered", due, true)
	undelivered.Fault, undelivered.Network = message.FaultCarrier, "724-05"
	lost := failed
	lost.Class, lost.Code, lost.Fault = "undelivered", "000", message.FaultCarrier
	known := sent(first, "p-1", due)
	known.Network = "724-05"
	return []example{
		{
			Name: "a rejection keeps its fault", Given: given(queued, first),
			When: message.RejectAttempt{
				Message: id, Attempt: 1, Class: "provider", Code: "30007", Fault: message.FaultContent, Final: true,
			},
			Then: given(rejected, failed),
		},
		{
			Name: "a fault nobody knows", Given: given(queued, first),
			When:    message.RejectAttempt{Message: id, Attempt: 1, Class: "provider", Fault: "XYZ"},
			Refused: message.ErrFault,
		},
		{
			Name: "an acceptance keeps the network", Given: given(queued, first),
			When: message.Accept{Message: id, Attempt: 1, ProviderID: "p-1", Network: "724-05", At: due}, Then: given(known),
		},
		{
			Name: "a receipt keeps its fault and the network", Given: given(queued, first, sent(first, "p-1", due)),
			When: message.Report{
				Message: id, Attempt: 1, State: "undelivered", Code: "000", Fault: message.FaultCarrier, Network: "724-05",
				At: due,
			},
			Then: given(undelivered, lost),
		},
		{
			Name: "an acceptance of another provider", Given: given(queued, first),
			When:    message.Accept{Message: id, Attempt: 1, Provider: "beta", At: due},
			Refused: message.ErrAttemptUnknown,
		},
		{
			Name: "a receipt of another provider", Given: given(queued, first, sent(first, "p-1", due)),
			When:    message.Report{Message: id, Attempt: 1, Provider: "beta", State: "delivered", At: due},
			Refused: message.ErrAttemptUnknown,
		},
		{
			Name: "a receipt with a fault nobody knows", Given: given(queued, first, sent(first, "p-1", due)),
			When:    message.Report{Message: id, Attempt: 1, State: "expired", Fault: "XYZ", At: due},
			Refused: message.ErrFault,
		},
	}
}

func TestStoredFaults(t *testing.T) {
	rejected := rejected(first, "provider", "30007")
	rejected.Fault = message.FaultContent
	failed := failed(first, "provider", "30007")
	failed.Fault = message.FaultContent
	reported := reported(first, "undelivered", due.Add(time.Second), true)
	reported.Fault, reported.Network = message.FaultCarrier, "724-05"
	known := sent(first, "p-1", due)
	known.Network = "724-05"
	for _, event := range []message.Event{rejected, failed, reported, known} {
		domaintest.GoldenForm(t, message.Types, event, "fault")
	}
}
