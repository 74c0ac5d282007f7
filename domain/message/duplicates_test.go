package message_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
)

func duplicates() []example {
	doubted := rejected(first, "unknown", message.DoubtRanOut)
	again := func(possible bool) message.Command {
		return message.StartAttempt{
			Message: id, Attempt: 2, Provider: "beta", Country: "BR", Reference: second.Reference, At: second.At,
			PossibleDuplicate: possible,
		}
	}
	marked := second
	marked.PossibleDuplicate = true
	from := first
	from.Sender = "Clinic"
	return []example{
		{
			Name: "after doubt another attempt must be marked", Given: given(queued, first, doubted), When: again(false),
			Refused: message.ErrDuplicate,
		},
		{Name: "after doubt a marked attempt", Given: given(queued, first, doubted), When: again(true), Then: given(marked)},
		{
			Name: "a marked attempt after an acceptance without a receipt", Given: given(queued, first, sent(first, "p", due)),
			When: again(true), Then: given(marked),
		},
		{
			Name:  "no attempt after a delivery",
			Given: given(queued, first, sent(first, "p", due), reported(first, "delivered", due, true)),
			When:  again(true), Refused: message.ErrOver,
		},
		{
			Name: "a mark that is not needed is not kept", Given: given(queued, first, rejected(first, "provider", "E1")),
			When: again(true), Then: given(second),
		},
		{
			Name: "not during another attempt", Given: given(queued, first, sent(first, "p", due), marked),
			When: message.StartAttempt{
				Message: id, Attempt: 3, Provider: "alpha", Country: "BR", Reference: id.String() + ".3", At: second.At,
				PossibleDuplicate: true,
			},
			Refused: message.ErrOpen,
		},
		{
			Name: "an attempt from a sender", Given: given(queued), When: message.StartAttempt{
				Message: id, Attempt: 1, Provider: "alpha", Country: "BR", Reference: first.Reference, Sender: "Clinic", At: due,
			},
			Then: given(from),
		},
	}
}

func TestStoredAttempts(t *testing.T) {
	marked := attempted(2, "beta", due.Add(time.Minute))
	marked.Sender, marked.PossibleDuplicate = "Clinic", true
	domaintest.GoldenForm(t, message.Types, marked, "duplicate")
}
