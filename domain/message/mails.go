package message

import "github.com/clickbook/clickbook/domain"

// maxCode bounds the code of a mail server. It keeps no sentence of the server, which may name the address.
const maxCode = 40

func (c Mailed) decide(s State) ([]Event, error) {
	if err := s.mustBe(Email); err != nil || s.Mailed {
		return nil, err
	}
	if s.Status() != Queued {
		return nil, ErrOver
	}
	return []Event{MailSent{Message: c.Message, Account: s.Account, SentAt: domain.Microseconds(c.At)}}, nil
}

func (c DelayMail) decide(s State) ([]Event, error) {
	if err := s.mustBe(Email); err != nil || c.Attempt <= s.Delays {
		return nil, err
	}
	until := domain.Microseconds(c.Until)
	switch {
	case s.Status() != Queued:
		return nil, ErrOver
	case c.Attempt != s.Delays+1:
		return nil, ErrNumber
	case !until.Before(s.UsefulUntil):
		return nil, ErrTooLate
	}
	return []Event{
		MailDelayed{Message: c.Message, Account: s.Account, Attempt: c.Attempt, Code: bounded(c.Code), Until: until},
	}, nil
}

func (c FailMail) decide(s State) ([]Event, error) {
	if err := s.mustBe(Email); err != nil || s.Failed {
		return nil, err
	}
	if s.Status() != Queued {
		return nil, ErrOver
	}
	return []Event{MailFailed{Message: c.Message, Account: s.Account, Code: bounded(c.Code)}}, nil
}

// A report proves that the mail system had accepted the email, even if we never learned that.
func (c Bounce) decide(s State) ([]Event, error) {
	if err := s.mustBe(Email); err != nil || s.Bounced {
		return nil, err
	}
	at := domain.Microseconds(c.At)
	var events []Event
	switch s.Status() {
	case Sent:
	case Queued:
		events = append(events, MailSent{Message: c.Message, Account: s.Account, SentAt: at})
	default: // it has failed or was suppressed: the report says nothing new
		return nil, nil
	}
	return append(events, MailBounced{
		Message: c.Message, Account: s.Account, Permanent: c.Permanent, Code: bounded(c.Code), At: at,
	}), nil
}

// bounded returns a code without what could not be a code.
func bounded(code string) string {
	end := 0
	for end < len(code) && end < maxCode && code[end] >= ' ' && code[end] < 0x7f {
		end++
	}
	return code[:end]
}
