package message

import (
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

var (
	reasons = append([]string{
		"booked_late", "cancelled", "moved", "opted_out", "no_address", "erased", "no_credit", "too_late",
		"account_closed", "rule_removed", "letter_refused", "quiet_hours", "same_minute", "reinstated", "no_appointment",
	}, slices.Concat(LimitReasons, domain.NoTexts())...)
	noticeKinds = []string{
		"confirmation", "move", "cancellation", "approval", "decline", "agenda", "alert", KindOptOut, KindAnswer, KindReply,
	}
)

// LimitReasons are why a text is suppressed that would break a limit of its account or of its number.
var LimitReasons = []string{"country_not_allowed", "number_limit", "daily_limit"}

// MaxSegments is how many segments a text may take.
const MaxSegments = 10

const (
	maxTextBytes = 256 << 10         // of an email
	maxUnitPrice = 1_000_000_000_000 // a million credits per segment; ten of them are far from overflow
)

func (c QueueReminder) decide(s State) ([]Event, error) {
	if s.Exists() {
		return nil, nil
	}
	letter, err := c.Letter.counted()
	if err != nil {
		return nil, err
	}
	if c.Rule == "" {
		return nil, refuse(ErrLetter, "the reminder names no rule; say which rule asks for it")
	}
	return []Event{ReminderQueued{Message: c.Message, Letter: letter, Rule: c.Rule}}, nil
}

func (c QueueNotice) decide(s State) ([]Event, error) {
	if s.Exists() {
		return nil, nil
	}
	letter, err := c.Letter.counted()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(noticeKinds, c.Kind) {
		return nil, refuse(ErrLetter,
			"%q is not a kind of notice; use %s", c.Kind, strings.Join(noticeKinds, ", "))
	}
	if c.Kind != "alert" && c.Alert != (Alert{}) {
		return nil, refuse(ErrLetter, "only an alert is about trouble, not a notice of kind %s", c.Kind)
	}
	c.Alert.Since, c.Alert.Through = domain.Microseconds(c.Alert.Since), domain.Microseconds(c.Alert.Through)
	return []Event{NoticeQueued{Message: c.Message, Letter: letter, Kind: c.Kind, Alert: c.Alert}}, nil
}

// counted is the letter as it is stored: segments counted from the text, times as the log keeps them.
func (l Letter) counted() (Letter, error) {
	l.ScheduledFor, l.UsefulUntil = domain.Microseconds(l.ScheduledFor), domain.Microseconds(l.UsefulUntil)
	switch {
	case l.Account.IsZero():
		return l, refuse(ErrLetter, "the letter belongs to no account")
	case l.Channel != SMS && l.Channel != Email:
		return l, refuse(ErrLetter, "a letter goes by sms or email, not %q", l.Channel)
	case l.To.Reveal() == "":
		return l, refuse(ErrLetter, "the letter has no address; suppress it as no_address")
	case l.Text.Reveal() == "" || len(l.Text.Reveal()) > maxTextBytes:
		return l, refuse(ErrLetter, "the letter's text is empty or longer than %d bytes", maxTextBytes)
	case !l.UsefulUntil.After(l.ScheduledFor):
		return l, refuse(ErrLetter, "the letter is no longer useful when it is due; suppress it as too_late")
	case l.UnitPrice < 0 || l.UnitPrice > maxUnitPrice:
		return l, refuse(ErrLetter, "a segment costs from 0 to %d micro-credits, not %d", maxUnitPrice, l.UnitPrice)
	}
	if l.Channel == Email {
		l.Segments, l.UnitPrice, l.PriceList, l.Country = 0, 0, 0, ""
		return l, nil
	}
	if l.Country == "" {
		return l, refuse(ErrLetter, "the country is missing; give the country of the number")
	}
	if l.Segments, _ = Segments(l.Text.Reveal()); l.Segments > MaxSegments {
		return l, refuse(ErrLetter, "the text takes %d segments; shorten it to %d", l.Segments, MaxSegments)
	}
	return l, nil
}

func (c Suppress) decide(s State) ([]Event, error) {
	if !slices.Contains(reasons, c.Reason) {
		return nil, ErrReason
	}
	if s.Status() == Suppressed {
		return nil, nil
	}
	about, err := s.waiting(c.About)
	if err != nil {
		return nil, err
	}
	suppressed := MessageSuppressed{
		Message: c.Message, Account: about.Account, Client: about.Client, Appointment: about.Appointment,
		Sequence: about.Sequence, Rule: about.Rule, Kind: about.Kind, Channel: about.Channel, Reason: c.Reason,
		Staff: about.Staff,
	}
	if about.Channel == SMS { // an email has no country
		suppressed.Country = about.Country
	}
	return []Event{suppressed}, nil
}

func (c Defer) decide(s State) ([]Event, error) {
	about, err := s.waiting(c.About)
	until := domain.Microseconds(c.Until)
	switch {
	case err != nil || s.Until.Equal(until):
		return nil, err
	case about.Channel != SMS:
		return nil, ErrChannel
	case s.Exists() && !until.Before(s.UsefulUntil):
		return nil, ErrTooLate
	}
	return []Event{MessageDeferred{
		Message: c.Message, Account: about.Account, Client: about.Client, Appointment: about.Appointment,
		Sequence: about.Sequence, Rule: about.Rule, Until: until,
	}}, nil
}

func (c Replace) decide(s State) ([]Event, error) {
	if err := s.mustBe(SMS); err != nil || !s.Fallback.IsZero() {
		return nil, err
	}
	return []Event{MessageReplaced{Message: c.Message, Account: s.Account, By: c.By}}, nil
}

// waiting returns what a message is about that is queued or only due, and refuses any other. About describes one that
// was never queued.
func (s State) waiting(about About) (About, error) {
	switch s.Status() {
	case Queued:
		return About{
			Account: s.Account, Client: s.Client, Staff: s.Staff, Appointment: s.Appointment, Sequence: s.Sequence,
			Rule: s.Rule, Channel: s.Channel, Country: s.Country,
		}, nil
	case "":
		if about.Account.IsZero() || about.Channel != SMS && about.Channel != Email {
			return about, ErrUnknown
		}
		return about, nil
	case Attempted:
		return about, ErrOpen
	default:
		return about, ErrOver
	}
}

// refuse returns a refusal of a kind with a more specific sentence.
func refuse(kind *domain.Refusal, format string, args ...any) error {
	return domain.Refusef(kind.Reason, kind.Code, format, args...)
}
