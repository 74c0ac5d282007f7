package message_test

import (
	"time"

	"github.com/clickbook/clickbook/domain/message"
)

func contacting() []example {
	mark := message.MarkContacted{Message: id, By: message.ByLink, At: due.Add(time.Nanosecond)}
	later := message.MarkContacted{Message: id, By: message.ByStaff, At: start}
	contacted := message.ContactedManually{Message: id, Account: account, By: message.ByLink, At: due}
	return []example{
		{Name: "contacted in place of a queued text", Given: given(queued), When: mark, Then: given(contacted)},
		{Name: "contacted in place of a suppressed text", Given: given(suppressed("too_late")), When: mark, Then: given(contacted)},
		{Name: "contacted twice", Given: given(queued, contacted), When: later},
		{Name: "contacted about an unknown message", When: mark, Refused: message.ErrUnknown},
	}
}
