package messaging

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Bounce is a report that an email, which the mail system had accepted, did not arrive.
type Bounce struct {
	Message   domain.MessageID
	Permanent bool   // the address takes no email; false: this email did not arrive
	Code      string // such as "5.1.1" (RFC 3463), "" if the report has none
	At        time.Time
}
