package telling

import (
	"fmt"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// faults say why a text was not accepted or not delivered.
var faults = map[message.Fault]string{
	message.FaultNumber:    "the number takes no texts",
	message.FaultOptedOut:  "texts to the number are barred",
	message.FaultHandset:   "the phone is off or out of reach",
	message.FaultContent:   "the text or its sender was filtered",
	message.FaultCarrier:   "the network failed",
	message.FaultThrottle:  "the provider asks for a slower pace",
	message.FaultProvider:  "the provider has trouble",
	message.FaultConfigure: "our account with the provider needs attention",
	message.FaultUnknown:   "the provider gave no known reason",
}

// failure says why, with the provider's own code.
func failure(fault message.Fault, class, code string) string {
	text := faults[fault]
	if text == "" {
		text = words(class)
	}
	if code != "" {
		text += " (" + code + ")"
	}
	return text
}

// suppressed says why a message was not sent.
var suppressed = map[string]string{
	"booked_late": "it was booked after the time of the reminder", "cancelled": "the appointment was cancelled",
	"moved": "the appointment was moved", "opted_out": "the client wants no texts", "no_address": "there is no address",
	"erased": "the client was erased", "no_credit": "there were no credits", "too_late": "it would have come too late",
	"account_closed": "the account is closed", "rule_removed": "the rule was removed",
	"letter_refused": "its text cannot be sent", "quiet_hours": "the quiet time ends too late",
	"same_minute": "another message says the same", "reinstated": "the cancellation was taken back",
	"no_appointment": "the number has no appointment", "country_not_allowed": "the account sends nothing to that country",
	"number_limit": "the number got many texts already", "daily_limit": "the limit of the day was reached",
}

// attempts names an attempt for people: "attempt 2 through alpha".
func attempt(n int, provider string) string { return fmt.Sprintf("attempt %d through %s", n, provider) }

// Message says what an event of a message means.
func Message(event domain.Event) string {
	switch e := event.(type) {
	case message.ReminderQueued:
		return queued("A reminder", e.Letter)
	case message.NoticeQueued:
		return queued("A message ("+words(e.Kind)+")", e.Letter)
	case message.MessageSuppressed:
		if why, ok := suppressed[e.Reason]; ok {
			return "Not sent: " + why
		}
		return "Not sent: the number is of the kind " + words(e.Reason)
	case message.MessageDeferred:
		return "Waits for the end of the quiet time, " + e.Until.UTC().Format("2 Jan 15:04 UTC")
	case message.MessageReplaced:
		return "An email goes in place of the text"
	case message.ContactedManually:
		return "Somebody contacted the client"
	case message.ReplyReceived:
		return "A reply came"
	case message.MailSent:
		return "The mail server accepted the email"
	case message.MailDelayed:
		return fmt.Sprintf("The mail server put the email off (%s). Next attempt %s", e.Code,
			e.Until.UTC().Format("2 Jan 15:04 UTC"))
	case message.MailFailed:
		return "The email failed: " + words(e.Code)
	case message.MailBounced:
		return "The email came back (" + e.Code + ")"
	}
	return sms(event)
}

func queued(what string, l message.Letter) string {
	if l.Channel != message.SMS {
		return what + " was queued as an email"
	}
	return fmt.Sprintf("%s was queued as a text to %s, %s at %s each", what, l.Country, Segments(int64(l.Segments)),
		Credits(l.UnitPrice))
}

func sms(event domain.Event) string {
	switch e := event.(type) {
	case message.SmsAttempted:
		told := "Handed to the provider: " + attempt(e.Attempt, e.Provider)
		if e.PossibleDuplicate {
			told += ". The client may get it twice"
		}
		return told
	case message.SmsSent:
		return "Accepted: " + attempt(e.Attempt, e.Provider)
	case message.SmsAttemptFailed:
		return "Not accepted: " + attempt(e.Attempt, e.Provider) + ", " + failure(e.Fault, e.Class, e.Code)
	case message.SmsFailed:
		return "Finally failed: " + failure(e.Fault, e.Class, e.Code)
	case message.DeliveryReported:
		return receipt(e)
	}
	return event.EventType()
}

func receipt(e message.DeliveryReported) string {
	told := map[string]string{
		"delivered": "Delivered", "undelivered": "Not delivered", "expired": "Not delivered in time",
	}[e.State]
	if told == "" {
		told = "The provider does not know what became of it"
	}
	told += ": receipt for " + attempt(e.Attempt, e.Provider)
	if e.State != "delivered" && e.Fault != "" {
		told += ", " + failure(e.Fault, "", e.Code)
	}
	if !e.Counted {
		told += ". It came after another final receipt and has no effect"
	}
	return told
}
