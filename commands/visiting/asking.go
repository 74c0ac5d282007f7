package visiting

import (
	"context"
	"errors"
	"strings"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
)

// Asking returns the handler that sends the email by which a visitor confirms their address. The email is no message of
// the account, because its reader is no client yet.
func (v *Visiting) Asking(mailer messaging.Mailer) commands.Handler {
	react := func(ctx context.Context, _ commands.Origin, r domain.Recorded) error {
		switch event := r.Event.(type) {
		case appointment.DetailsGiven:
			return v.mail(ctx, mailer, r, event)
		default:
			return domain.Unexpected(r)
		}
	}
	return commands.Handler{Name: "asking visitors", Types: domain.NamesOf(appointment.DetailsGiven{}), React: react}
}

// mail sends the email unless the hold has ended or another form came after this one.
func (v *Visiting) mail(
	ctx context.Context, mailer messaging.Mailer, r domain.Recorded, given appointment.DetailsGiven,
) error {
	state, err := v.state(ctx, given.Appointment)
	if err != nil {
		return err
	}
	attempt, isHold := state.Held()
	now := v.engine().Now()
	if !isHold || attempt.Outcome.Ended() || now.After(attempt.Until) || state.Hold.Given.Email != given.Email {
		return nil
	}
	at, err := v.Open(ctx, given.Account.String())
	if errors.Is(err, ErrNoPage) {
		return nil
	}
	if err != nil {
		return err
	}
	held, err := v.shown(ctx, at, given.Appointment, state)
	if err != nil {
		return err
	}
	zone, err := domain.ParseZone(held.Zone)
	if err != nil {
		return err
	}
	business := at.Account.Name.Reveal()
	when := message.WriteDate(held.Start, zone, given.Language, message.Email) + ", " +
		message.WriteTime(held.Start, zone)
	in := askingWords[message.LanguageOf(given.Language)]
	fill := strings.NewReplacer("{business}", business, "{service}", held.Name, "{when}", when,
		"{until}", message.WriteTime(held.Until, zone), "{link}", v.Links.Keep(given.Appointment))
	title, body := fill.Replace(in.title), fill.Replace(in.body)
	err = mailer.Mail(ctx, messaging.Mail{
		Reference: "keep-" + r.ID.String(), To: given.Email.Reveal(), Subject: title, Body: body, At: now,
		FromName: business, ReplyTo: at.Account.Email.Reveal(), HTML: messaging.HTML(given.Language, title, body),
	})
	var refused *messaging.MailRefused
	if errors.As(err, &refused) && refused.Permanent {
		return nil // an address that takes no mail is the visitor's mistake: the hold ends by itself
	}
	return err
}

// askingWords are the subject lines and texts of the email, by language.
var askingWords = map[string]struct{ title, body string }{
	"en": {
		"Confirm your booking: {service}, {when}",
		"Please confirm your booking at {business}:\n\n{service}\n{when}\n\n{link}\n\n" +
			"The time is kept for you until {until}. If you did not book, you need not do anything.\n",
	},
	"de": {
		"Bitte bestätigen Sie Ihre Buchung: {service}, {when}",
		"Bitte bestätigen Sie Ihre Buchung bei {business}:\n\n{service}\n{when}\n\n{link}\n\n" +
			"Der Termin ist bis {until} für Sie reserviert. Wenn Sie nicht gebucht haben, müssen Sie nichts tun.\n",
	},
	"es": {
		"Confirme su reserva: {service}, {when}",
		"Confirme su reserva en {business}:\n\n{service}\n{when}\n\n{link}\n\n" +
			"Le guardamos la hora hasta las {until}. Si no ha reservado, no tiene que hacer nada.\n",
	},
	"fr": {
		"Confirmez votre réservation : {service}, {when}",
		"Veuillez confirmer votre réservation chez {business} :\n\n{service}\n{when}\n\n{link}\n\n" +
			"Cet horaire vous est réservé jusqu’à {until}. Si vous n’avez rien réservé, ne faites rien.\n",
	},
	"pt": {
		"Confirme a sua marcação: {service}, {when}",
		"Confirme a sua marcação em {business}:\n\n{service}\n{when}\n\n{link}\n\n" +
			"O horário fica reservado para si até às {until}. Se não fez esta marcação, não precisa de fazer nada.\n",
	},
}
