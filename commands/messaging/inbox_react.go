package messaging

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/replying"
	"github.com/clickbook/clickbook/domain/service"
)

// react does what follows from a reply. What is refused goes to the owner. It continues after an error of one account,
// so that each of the others stops its texts.
func (in Inbox) react(ctx context.Context, r reply, reaction replying.Reaction) error {
	var failures []error
	for i, of := range reaction.OptOut {
		failures = append(failures, in.optOut(ctx, r, of, i == 0))
	}
	for _, of := range reaction.OptIn {
		_, err := in.OptOuts.InNumber(ctx, r.origin(of, "opt in"), of, r.From)
		failures = append(failures, err)
	}
	if reaction.Explain {
		failures = append(failures, in.explain(ctx, r))
	}
	forward := reaction.Forward
	if !reaction.Confirm.IsZero() {
		_, err := in.Engine.Do(ctx, r.origin(r.text.Account, "confirm"),
			appointment.Confirm{Appointment: reaction.Confirm, At: in.Engine.Now()})
		_, refused := domain.AsRefusal(err)
		if forward = forward || refused; !refused {
			failures = append(failures, err)
		}
	}
	if !reaction.Cancel.IsZero() {
		refused, err := in.cancel(ctx, r, reaction.Cancel)
		forward = forward || refused
		failures = append(failures, err)
	}
	if forward {
		failures = append(failures, in.forward(ctx, r))
	}
	return errors.Join(failures...)
}

// optOut stops the texts of an account. The first account confirms it with one text, which is queued before: after a
// crash in between, the reply is received again, and the text has the same id. A number that is opted out gets none.
func (in Inbox) optOut(ctx context.Context, r reply, of domain.AccountID, confirms bool) error {
	holds, err := in.OptOuts.HoldsNumber(ctx, of, r.From)
	if err != nil {
		return err
	}
	if confirms && !holds {
		if err := in.answer(ctx, r, message.KindOptOut, in.business(r).Stopped()); err != nil {
			return err
		}
	}
	_, err = in.OptOuts.OutNumber(ctx, r.origin(of, "opt out"), of, r.From)
	return err
}

// explain tells the client who writes to them, once a day: two machines must not answer each other.
func (in Inbox) explain(ctx context.Context, r reply) error {
	r.Inbound.ID = "help of " + r.At.UTC().Format(time.DateOnly)
	r.Provider = in.OptOuts.Number(r.text.Account, r.From).String()
	return in.answer(ctx, r, message.KindAnswer, in.business(r).Explained())
}

// cancel cancels an appointment. It reports whether that was refused. A client who is too late is told so, because they
// believe that they have cancelled.
func (in Inbox) cancel(ctx context.Context, r reply, id domain.AppointmentID) (refused bool, err error) {
	_, err = in.Visits.CancelByClient(ctx, r.origin(r.text.Account, "cancel"), r.text.Account, id)
	if _, refused = domain.AsRefusal(err); !refused {
		return false, err
	}
	if !errors.Is(err, appointment.ErrCutOff) {
		return true, nil
	}
	return true, in.answer(ctx, r, message.KindAnswer, in.business(r).TooLate())
}

func (in Inbox) business(r reply) replying.Business {
	return replying.Business{
		Name: r.owner.Name.Reveal(), Phone: r.owner.Phone.Reveal(), Locale: r.owner.Locale,
	}
}

// answer queues a text to the number of the reply. What cannot be sent is not: the reply is recorded.
func (in Inbox) answer(ctx context.Context, r reply, kind, text string) error {
	if r.owner.Closed {
		return nil
	}
	to, _, err := commands.Load(ctx, in.Engine, message.Decider, message.Stream(r.text.Message))
	if err != nil || to.To.Reveal() != r.From { // it was erased
		return err
	}
	prices, now := message.PricesInForce(), in.Engine.Now()
	_, err = in.Engine.Do(ctx, r.origin(r.text.Account, kind), message.QueueNotice{
		Message: domain.MessageID{UUID: r.id("text "+kind, r.text.Account)}, Kind: kind, Letter: message.Letter{
			Account: r.text.Account, Client: to.Client, Channel: message.SMS, To: to.To, Country: to.Country,
			Text: domain.Secret(message.Plain(text)), UnitPrice: prices.UnitPrice(to.Country), PriceList: prices.Version,
			ScheduledFor: now, UsefulUntil: now.Add(answerFor),
		},
	})
	return ignoreRefusal(err)
}

// forward queues an email to the owner. Its page is written when it is sent, by Page: the words of a client must not
// outlive their erasure.
func (in Inbox) forward(ctx context.Context, r reply) error {
	if r.owner.Closed || r.owner.Email.Reveal() == "" {
		return nil
	}
	now := in.Engine.Now()
	_, err := in.Engine.Do(ctx, r.origin(r.text.Account, message.KindReply), message.QueueNotice{
		Message: domain.MessageID{UUID: r.id("email", r.text.Account)}, Kind: message.KindReply, Letter: message.Letter{
			Account: r.text.Account, Channel: message.Email, To: r.owner.Email,
			Title: domain.Secret(replying.ForwardTitle(r.owner.Locale)),
			Text:  domain.Secret(r.text.Message.String() + " " + r.Provider + " " + r.Inbound.ID),

			ScheduledFor: now, UsefulUntil: now.Add(forwardFor),
		},
	})
	return ignoreRefusal(err)
}

// ignoreRefusal drops a refusal, such as that of a text to a country without a price.
func ignoreRefusal(err error) error {
	if _, refused := domain.AsRefusal(err); refused {
		return nil
	}
	return err
}

// Page writes the email that forwards a reply. Its text in the log is the id of the text and that of the reply.
func (in Inbox) Page(ctx context.Context, state message.State) (Page, error) {
	id, rest, _ := strings.Cut(state.Text.Reveal(), " ")
	provider, inbound, _ := strings.Cut(rest, " ")
	parsed, err := domain.ParseID[domain.MessageID](id)
	if err != nil {
		return Page{}, err
	}
	text, _, err := commands.Load(ctx, in.Engine, message.Decider, message.Stream(parsed))
	if err != nil {
		return Page{}, err
	}
	owner, _, err := commands.Load(ctx, in.Engine, account.Decider, account.Stream(state.Account))
	if err != nil {
		return Page{}, err
	}
	who, _, err := commands.Load(ctx, in.Engine, client.Decider, client.Stream(text.Client))
	if err != nil {
		return Page{}, err
	}
	known, _ := text.ReplyOf(provider, inbound)
	forwarded := replying.Forwarded{
		Client: who.Name.Reveal(), Phone: text.To.Reveal(), Text: known.Text.Reveal(),
		Meaning: replying.Meaning(known.Meaning),
	}
	if forwarded.About, err = in.about(ctx, text, owner.Locale); err != nil {
		return Page{}, err
	}
	return Page{Text: replying.Forward(owner.Locale, forwarded)}, nil
}

// about names the visit of a text: "Haircut, 7 Dec 2026 10:00".
func (in Inbox) about(ctx context.Context, text message.State, locale string) (string, error) {
	if text.Appointment.IsZero() {
		return "", nil
	}
	state, _, err := commands.Load(ctx, in.Engine, appointment.Decider, appointment.StreamOf(text.Appointment))
	if err != nil || !state.Exists() {
		return "", err
	}
	policy, _, err := commands.Load(ctx, in.Engine, service.Decider, service.Stream(state.Service))
	if err != nil {
		return "", err
	}
	visit := state.Latest().Visit
	zone, err := domain.ParseZone(visit.Zone)
	if err != nil {
		return "", err
	}
	start := availability.Promised(visit.Local, visit.Zone, visit.Start)
	return policy.Name + ", " + message.WriteDate(start, zone, locale, message.Email) + " " +
		message.WriteTime(start, zone), nil
}
