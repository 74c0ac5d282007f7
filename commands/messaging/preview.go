package messaging

import (
	"cmp"
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
)

// Previews writes messages as clients would get them, and sends nothing.
type Previews struct {
	Engine *commands.Engine
	Links  Links
}

// Preview is a message as its client would get it.
type Preview struct {
	Language    string // of dates and default texts: en, de, es, fr or pt
	Title, Text string // only an email has a title
	Encoding    string // of a text, like the fields below: message.GSM7 or message.UCS2
	Segments    int
	Price       int64 // micro-credits
}

// Draft is a template that is not saved. What is "" is taken from the account's own template, or the default.
type Draft struct {
	Kind, Channel string
	message.Own
}

// Write fills a draft with an appointment of an account. It returns appointment.ErrUnknown for one of another account,
// and the refusals of a template that cannot be saved.
func (p Previews) Write(
	ctx context.Context, of domain.AccountID, id domain.AppointmentID, draft Draft,
) (Preview, error) {
	who, err := loadParties(ctx, p.Engine, of, id)
	if err == nil && who.appointment.Account != of {
		err = appointment.ErrUnknown
	}
	if err == nil && draft.Title != "" {
		err = checkTitle(draft)
	}
	if err != nil {
		return Preview{}, err
	}
	title, text := who.account.Template(draft.Kind, draft.Channel)
	own := message.Own{Title: cmp.Or(draft.Title, title), Text: cmp.Or(draft.Text, text)}
	shown := Preview{Language: message.LanguageOf(who.account.Locale)}
	shown.Title, shown.Text, err = composing{p.Engine, p.Links}.fill(ctx, who, id, draft.Kind, draft.Channel, own)
	if draft.Channel == message.SMS {
		shown.Segments, shown.Encoding = message.Segments(shown.Text)
		shown.Price = int64(shown.Segments) * message.PricesInForce().UnitPrice(who.client.Country)
	}
	return shown, err
}

func checkTitle(draft Draft) error {
	if draft.Channel != message.Email {
		return account.ErrTitle
	}
	_, err := domain.ParseTitle(draft.Title)
	return err
}

// CheckTemplate refuses the template of a text that takes too many segments even without its values: it would never be
// sent.
func CheckTemplate(channel, text string) error {
	if channel != message.SMS || text == "" {
		return nil
	}
	template, err := domain.ParseTemplate(text)
	if err != nil {
		return err
	}
	n, encoding := message.Segments(message.Plain(template.Render(domain.Words{})))
	if n <= message.MaxSegments {
		return nil
	}
	return domain.Refusef(domain.Invalid, "template_too_long",
		"the text takes %d segments of %s even without its values; shorten it to %d, or use only characters of GSM 03.38",
		n, encoding, message.MaxSegments)
}
