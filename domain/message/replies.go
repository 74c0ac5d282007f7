package message

import (
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// The kinds of notices that follow a reply.
const (
	KindOptOut = "opt_out" // confirms once that no more texts will come; it goes although the number is opted out
	KindAnswer = "answer"  // a text that answers a reply
	KindReply  = "reply"   // an email that forwards a reply to the owner
)

// ErrReplies refuses more replies than a text keeps.
var ErrReplies = domain.Refuse(domain.Disallowed, "replies_spent",
	"this text has as many replies as are kept; the reply is not recorded")

// maxReplies bounds the replies that a text keeps.
const maxReplies = 100

// maxReplyBytes bounds what is kept of a reply. A text of ten segments in any script is shorter.
const maxReplyBytes = 2000

// ReplyReceived records that somebody replied to a text, from the number that it went to.
type ReplyReceived struct {
	Message  domain.MessageID `json:"message"`
	Account  domain.AccountID `json:"account"`
	Client   domain.ClientID  `json:"client,omitzero"`
	Provider string           `json:"provider"`
	Inbound  string           `json:"inbound"` // the provider's own id of the reply
	Text     domain.Private   `json:"text"`
	Meaning  string           `json:"meaning"` // stop, start, help, yes, no, cancel, other
	At       time.Time        `json:"at"`
	// Forwarded: the owner gets it. A reply that is received again is not decided again by what has changed since.
	Forwarded bool `json:"forwarded,omitzero"`
}

// Reply is a reply to a text.
type Reply struct {
	Provider, Inbound string
	Text              domain.Private
	Meaning           string
	At                time.Time
	Forwarded         bool
}

// RecordReply records a reply. One with the same provider and id is recorded once.
type RecordReply struct {
	Message domain.MessageID
	Reply
}

// EventType returns the stored name.
func (ReplyReceived) EventType() string { return "ReplyReceived" }

// Subject returns the client, whose words the reply has.
func (e ReplyReceived) Subject() domain.Subject {
	return Letter{Account: e.Account, Client: e.Client}.Subject()
}

// Stream returns the stream of the message.
func (c RecordReply) Stream() domain.Stream { return Stream(c.Message) }

func (e ReplyReceived) evolve(s State) State {
	s.Replies = append(slices.Clip(s.Replies), Reply{e.Provider, e.Inbound, e.Text, e.Meaning, e.At, e.Forwarded})
	return s
}

// ReplyOf returns the reply that a provider's id names.
func (s State) ReplyOf(provider, inbound string) (Reply, bool) {
	at := slices.IndexFunc(s.Replies, func(r Reply) bool { return r.Provider == provider && r.Inbound == inbound })
	if at < 0 {
		return Reply{}, false
	}
	return s.Replies[at], true
}

func (c RecordReply) decide(s State) ([]Event, error) {
	if err := s.mustBe(SMS); err != nil {
		return nil, err
	}
	if _, known := s.ReplyOf(c.Provider, c.Inbound); known {
		return nil, nil
	}
	if len(s.Replies) >= maxReplies {
		return nil, ErrReplies
	}
	text := c.Text.Reveal()
	text = strings.ToValidUTF8(text[:min(len(text), maxReplyBytes)], "\ufffd")
	return []Event{ReplyReceived{
		Message: c.Message, Account: s.Account, Client: s.Client, Provider: c.Provider, Inbound: c.Inbound,
		Text: domain.Secret(text), Meaning: c.Meaning, At: domain.Microseconds(c.At),
		Forwarded: c.Forwarded,
	}}, nil
}
