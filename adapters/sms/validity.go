package sms

import (
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// Validity returns how many units a provider may keep a text, so that it gives up by until. It is at most longest. It
// returns a rejection if what is left is shorter than shortest, because the provider would then deliver the text too
// late.
func Validity(now, until time.Time, unit, shortest, longest time.Duration) (int64, error) {
	left := min(until.Sub(now), longest)
	if left < shortest || left < unit {
		return 0, &messaging.NotAccepted{Class: message.Transient, Code: "too_late"}
	}
	return int64(left / unit), nil
}
