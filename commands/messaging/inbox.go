package messaging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/replying"
)

// Inbox receives what clients reply to texts. Package replying says what follows from a reply.
type Inbox struct {
	Engine  *commands.Engine
	OptOuts commands.OptOuts
	Sent    SentTexts
	Visits  Visits
	Log     *slog.Logger // nil means none
}

// SentText is a text that a provider was given.
type SentText struct {
	Message     domain.MessageID
	Account     domain.AccountID
	Appointment domain.AppointmentID // zero if it was about none
	Sequence    int
	Provider    string
	At          time.Time
}

// SentTexts finds the texts that a reply may belong to.
type SentTexts interface {
	// SentTo returns the texts that were sent to an E.164 number until a time, of any account, the latest first, at most
	// limit.
	SentTo(ctx context.Context, number string, until time.Time, limit int) ([]SentText, error)
}

// Visits cancels appointments in the name of their clients.
type Visits interface {
	CancelByClient(
		ctx context.Context, origin commands.Origin, account domain.AccountID, id domain.AppointmentID,
	) (commands.Outcome, error)
}

// ErrUnmatched says that no text was sent to the number from which a reply came. The caller counts it.
var ErrUnmatched = errors.New("no text was sent to the number of this reply")

const (
	// maxSent bounds the texts to one number that are looked at.
	maxSent = 1000
	// maxLater bounds the texts among which a reply is sought that came before.
	maxLater = 20
	// clockSkew is how far the clock of a provider may be behind ours.
	clockSkew = 2 * time.Minute
	// answerFor is how long an answer to a reply is useful.
	answerFor = time.Hour
	// forwardFor is how long the email to the owner is useful.
	forwardFor = 72 * time.Hour
)

// Receive records a reply and does what it asks for. The same reply received again has its effect once. It returns
// ErrUnmatched for a number that we have sent no text to.
//
// A reply belongs to the latest text that its provider had sent to the number when it came. If the provider had sent
// none, it belongs to the latest of any provider.
func (in Inbox) Receive(ctx context.Context, inbound Inbound) error {
	inbound = in.normal(inbound)
	sent, err := in.Sent.SentTo(ctx, inbound.From, inbound.At.Add(clockSkew), maxSent)
	if err != nil {
		return fmt.Errorf("find the texts that a reply belongs to: %w", err)
	}
	if sent = sentBy(sent, inbound.Provider); len(sent) == 0 {
		return ErrUnmatched
	}
	sent, known, err := in.known(ctx, inbound, sent)
	if err != nil {
		return err
	}
	latest := sent[0]
	owner, _, err := commands.Load(ctx, in.Engine, account.Decider, account.Stream(latest.Account))
	if err != nil {
		return err
	}
	r := reply{
		Inbound: inbound, text: latest, owner: owner,
		meaning: replying.Read(inbound.Text, owner.Locale),
	}
	texts, err := in.texted(ctx, sent)
	if err != nil {
		return err
	}
	reaction := replying.React(r.meaning, texts, inbound.At)
	if known == nil {
		reaction, err = in.record(ctx, r, reaction)
	} else { // its own effect may have changed the appointment since
		texts[0].Ahead = !known.Forwarded
		reaction = reaction.Again(replying.React(r.meaning, texts[:1], inbound.At))
	}
	if err != nil {
		return err
	}
	return in.react(ctx, r, reaction)
}

// known returns the reply as it was recorded when it came first, or nil, and the texts from the one that it belongs to.
// There may be later texts by now, and not every provider says when a reply was sent.
func (in Inbox) known(ctx context.Context, inbound Inbound, sent []SentText) ([]SentText, *message.Reply, error) {
	for i, text := range sent[:min(len(sent), maxLater)] {
		state, _, err := commands.Load(ctx, in.Engine, message.Decider, message.Stream(text.Message))
		if err != nil {
			return nil, nil, err
		}
		if reply, ok := state.ReplyOf(inbound.Provider, inbound.ID); ok {
			return sent[i:], &reply, nil
		}
	}
	return sent, nil, nil
}

// record records a reply with what is decided about it, before anything is done, and returns what to do.
func (in Inbox) record(ctx context.Context, r reply, decided replying.Reaction) (replying.Reaction, error) {
	_, err := in.Engine.Do(ctx, r.origin(r.text.Account, "record"), message.RecordReply{
		Message: r.text.Message, Reply: message.Reply{
			Provider: r.Provider, Inbound: r.Inbound.ID, Text: domain.Secret(r.Text), Meaning: string(r.meaning), At: r.At,
			Forwarded: decided.Forward,
		},
	})
	if errors.Is(err, message.ErrReplies) { // it is not kept, and STOP holds all the same
		if in.Log != nil {
			in.Log.Warn("a text has too many replies, and this one is not kept", "provider", r.Provider, "inbound",
				r.Inbound.ID, "message", r.text.Message)
		}
		decided.OptIn = nil // a repetition of it would not be known
		return decided, nil
	}
	return decided, err
}

// reply is a reply with the text that it belongs to.
type reply struct {
	Inbound
	text    SentText
	owner   account.State
	meaning replying.Meaning
}

// origin returns the origin of one effect of the reply, which happens once.
func (r reply) origin(of domain.AccountID, effect string) commands.Origin {
	return commands.ForAccount(of, domain.Actor{ID: "replies", Channel: "carrier"}).
		WithID(r.id(effect, of)).WithCause(uuid.Nil, r.text.Message.UUID)
}

// id derives an id from the reply. The provider's own id makes it the same when the reply is received again.
func (r reply) id(effect string, of domain.AccountID) uuid.UUID {
	return domain.DeriveUUID("reply", effect, r.Provider, r.Inbound.ID, of)
}

// normal returns a reply with an id and a time. One without an id is recognised by what it says and when.
func (in Inbox) normal(inbound Inbound) Inbound {
	if inbound.At.IsZero() || inbound.At.After(in.Engine.Now()) {
		inbound.At = in.Engine.Now()
	}
	inbound.At = domain.Microseconds(inbound.At)
	if inbound.ID == "" || len(inbound.ID) > 100 {
		print := in.OptOuts.Keys.Fingerprint(fmt.Sprintf("reply\x00%s\x00%s\x00%s\x00%s\x00%d", inbound.Provider, inbound.ID,
			inbound.From, inbound.Text, inbound.At.UnixMicro()))
		inbound.ID = uuid.UUID(print).String()
	}
	return inbound
}

// sentBy returns the texts of a provider, or all if it has none.
func sentBy(sent []SentText, provider string) []SentText {
	var of []SentText
	for _, text := range sent {
		if text.Provider == provider {
			of = append(of, text)
		}
	}
	if len(of) == 0 {
		return sent
	}
	return of
}

// texted returns what package replying needs to know of the texts.
func (in Inbox) texted(ctx context.Context, sent []SentText) ([]replying.Texted, error) {
	type visit struct {
		id       domain.AppointmentID
		sequence int
	}
	ahead := make(map[visit]bool)
	texts := make([]replying.Texted, len(sent))
	for i, text := range sent {
		of := visit{text.Appointment, text.Sequence}
		if _, known := ahead[of]; !known && !text.Appointment.IsZero() && sent[0].At.Sub(text.At) <= replying.Recent {
			var err error
			if ahead[of], err = in.isAhead(ctx, text); err != nil {
				return nil, err
			}
		}
		texts[i] = replying.Texted{
			Message: text.Message, Account: text.Account, Appointment: text.Appointment, At: text.At, Ahead: ahead[of],
		}
	}
	return texts, nil
}

// isAhead reports whether the appointment of a text is booked, still at the time that the text named, and not over.
func (in Inbox) isAhead(ctx context.Context, text SentText) (bool, error) {
	reason, err := outdated(ctx, in.Engine, "", text.Appointment, text.Sequence)
	if err != nil || reason != "" {
		return false, err
	}
	state, _, err := commands.Load(ctx, in.Engine, appointment.Decider, appointment.StreamOf(text.Appointment))
	return in.Engine.Now().Before(state.Latest().Visit.End), err
}
