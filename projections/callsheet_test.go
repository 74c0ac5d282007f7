package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

// text appends events to a message, its reminder first.
func text(n byte, at time.Time, events ...domain.Event) []Append {
	queued := message.ReminderQueued{
		Message: Message(n), Letter: ReminderTo(Anna, Visit(1), "+5527999990001", "See you"), Rule: "day-before",
	}
	return []Append{On(message.Stream(Message(n)), at, append([]domain.Event{queued}, events...)...)}
}

// accepted returns what is recorded when a provider accepts a text.
func accepted(n byte, provider string, at time.Time) []domain.Event {
	return []domain.Event{
		message.SmsAttempted{Message: Message(n), Attempt: 1, Reference: "r", Provider: provider, Country: "BR", At: at},
		message.SmsSent{Message: Message(n), Account: Acme, Attempt: 1, Provider: provider, Country: "BR", SentAt: at},
	}
}

func receipt(n byte, state string) []domain.Event {
	events := []domain.Event{message.DeliveryReported{
		Message: Message(n), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", State: state, Counted: true,
		At: Monday,
	}}
	if state != string(message.Delivered) {
		events = append(events, message.SmsFailed{
			Message: Message(n), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", Class: state, Code: "30008",
		})
	}
	return events
}

func outOfService(cause outage.Cause, cell outage.Cell) []Append {
	return []Append{On(outage.Stream(cell.Provider), Monday.Add(time.Hour), outage.OutageDetected{
		ID: outage.IDOf(cell, Monday), Cell: cell, ChangePoint: Monday, At: Monday.Add(time.Hour), Cause: cause,
	})}
}

func calls(now time.Time) func(context.Context, projections.Reader) (any, error) {
	return func(ctx context.Context, read projections.Reader) (any, error) {
		found, err := read.CallSheet.Of(ctx, Acme, now)
		var lines []string
		for _, one := range found {
			line := one.Start.Format("Mon 15:04 ") + one.ClientName + " " + one.ClientPhone + " " + one.ServiceName + " " +
				one.Kind + " " + string(one.State) + " " + one.Reason
			if !one.Outage.IsZero() {
				line += " outage"
			}
			if one.Instead != "" {
				line += " email " + one.Instead
			}
			if one.Cancelled {
				line += " cancelled"
			}
			if one.ContactedBy != "" {
				line += " contacted by " + one.ContactedBy
			}
			lines = append(lines, line)
		}
		return lines, err
	}
}

const annaOn = "Tue 12:00 Anna Conceição +5527999990001 Haircut reminder "

func TestCallSheetByWhatBecameOfAText(t *testing.T) {
	tomorrow := Monday.Add(24 * time.Hour)
	alpha, country := outage.Cell{Provider: "alpha"}, outage.Cell{Provider: "alpha", Country: "BR"}
	onAlpha := accepted(1, "alpha", Monday.Add(time.Minute))
	sent := text(1, Monday, onAlpha...)
	undelivered := text(1, Monday, append(onAlpha, receipt(1, "undelivered")...)...)
	about := func(events ...domain.Event) []Append {
		return []Append{On(message.Stream(Message(1)), Monday, events...)}
	}
	mail := func(n byte, at time.Time, events ...domain.Event) []Append {
		letter := ReminderTo(Anna, Visit(1), "anna@example.com", "See you")
		letter.Channel = message.Email
		queued := message.ReminderQueued{Message: Message(n), Letter: letter, Rule: "by-email"}
		return []Append{On(message.Stream(Message(n)), at, append([]domain.Event{queued}, events...)...)}
	}
	suppressed := func(reason string) []Append {
		return about(message.MessageSuppressed{
			Message: Message(1), Account: Acme, Client: Anna, Appointment: Visit(1), Rule: "day-before",
			Channel: message.SMS, Country: "BR", Reason: reason,
		})
	}
	instead := about(message.MessageReplaced{Message: Message(1), Account: Acme, By: Message(2)})
	mailed := message.MailSent{Message: Message(2), Account: Acme, SentAt: Monday}
	bounced := message.MailBounced{Message: Message(2), Account: Acme, Permanent: true, Code: "5.1.1", At: Monday}
	arrived := append(accepted(3, "alpha", Monday), receipt(3, "delivered")...)
	cancelled := aboutVisit(appointment.Cancelled{
		Appointment: Visit(1), Client: Anna, Sequence: 1, By: appointment.Staff,
	})
	lost := []string{annaOn + "undelivered undelivered: 30008"}
	unheard := []string{annaOn + "no_receipt  outage"}
	given := Story(Opened(), Booked(Visit(1), Anna, Monday, tomorrow))
	var examples []Example
	for _, c := range []struct {
		name  string
		given []Append
		want  any
	}{
		{"queued", text(1, Monday), nil},
		{"accepted", sent, nil},
		{"delivered", text(1, Monday, append(onAlpha, receipt(1, "delivered")...)...), nil},
		{"undelivered", undelivered, lost},
		{"expired", text(1, Monday, append(onAlpha, receipt(1, "expired")...)...), []string{annaOn + "expired expired: 30008"}},
		{"failed", text(1, Monday, message.SmsFailed{Message: Message(1), Class: "provider", Code: "no_provider"}), []string{annaOn + "failed provider: no_provider"}},
		{"too late", suppressed("too_late"), []string{annaOn + "suppressed too_late"}},
		{"queued, then too late", Story(text(1, Monday), suppressed("too_late")), []string{annaOn + "suppressed too_late"}},
		{"no credit", suppressed("no_credit"), []string{annaOn + "suppressed no_credit"}},
		{"opted out", suppressed("opted_out"), nil},
		{"a landline", suppressed("landline"), nil},
		{"a later text arrived", Story(undelivered, text(3, Monday.Add(time.Hour), arrived...)), nil},
		{"a much earlier text arrived", Story(text(3, Monday.Add(-2*time.Hour), arrived...), undelivered), lost},
		{"an email instead", Story(undelivered, mail(2, Monday, mailed), instead), []string{lost[0] + " email sent"}},
		{"an email instead that bounced", Story(undelivered, mail(2, Monday, mailed, bounced), instead), []string{lost[0] + " email bounced"}},
		{"an email that bounced", mail(2, Monday, mailed, bounced), []string{annaOn + "bounced 5.1.1"}},
		{"two that failed", Story(undelivered, text(3, Monday.Add(time.Hour), message.SmsFailed{Message: Message(3), Class: "permanent", Code: "7"})), []string{annaOn + "failed permanent: 7"}},
		{"contacted", Story(undelivered, about(message.ContactedManually{Message: Message(1), Account: Acme, By: message.ByLink, At: Monday})), []string{lost[0] + " contacted by link"}},
		{"confirmed", Story(undelivered, aboutVisit(appointment.Confirmed{Appointment: Visit(1)})), nil},
		{"cancelled", Story(undelivered, cancelled), nil},
		{"cancelled, which the client does not know", Story(cancelled, notice("cancellation")), []string{"Tue 12:00 Anna Conceição +5527999990001 Haircut cancellation failed provider: x cancelled"}},
		{"booked, which the client knows", Story(aboutVisit(appointment.Confirmed{Appointment: Visit(1)}), notice("confirmation")), nil},
		{"an email to the staff failed", toStaff(message.MailFailed{Message: Message(5), Account: Acme, Code: "550"}), nil},
		{"an email to the staff was too late", toStaff(message.MessageSuppressed{Message: Message(6), Account: Acme, Client: Anna, Staff: Chair, Appointment: Visit(1), Kind: "move", Channel: message.Email, Reason: "too_late"}), nil},
		{"an email to the staff reaches no client", Story(undelivered, toStaff(message.MailSent{Message: Message(5), Account: Acme, SentAt: Monday})), lost},
		{"moved", Story(undelivered, Moved(Visit(1), Anna, Monday, tomorrow, tomorrow.Add(time.Hour))), nil},
		{"adjusted", Story(undelivered, Adjusted(Visit(1), Anna, Monday, tomorrow, tomorrow.Add(time.Hour))), []string{"Tue 13:00" + lost[0][9:]}},
		{"arrived", Story(undelivered, aboutVisit(appointment.Arrived{Appointment: Visit(1)})), nil},
		{"fulfilled", Story(undelivered, aboutVisit(appointment.Fulfilled{Appointment: Visit(1)})), nil},
		{"missed", Story(undelivered, aboutVisit(appointment.MarkedNoShow{Appointment: Visit(1)})), nil},
		{"in an outage", Story(sent, outOfService(outage.Silent, country)), unheard},
		{"accepted after the outage was found", Story(outOfService(outage.Silent, alpha), sent), unheard},
		{"of a region", Story(outOfService(outage.Blocked, outage.Cell{Provider: "alpha", Region: "LA"}), sent), unheard},
		{"of another network", Story(sent, outOfService(outage.Silent, outage.Cell{Provider: "alpha", Country: "BR", Network: "724-05"})), nil},
		{"of another provider", Story(sent, outOfService(outage.Silent, outage.Cell{Provider: "beta"})), nil},
		{"before the outage", Story(text(1, Monday, accepted(1, "alpha", Monday.Add(-time.Minute))...), outOfService(outage.Silent, alpha)), nil},
		{"only receipts are lost", Story(sent, outOfService(outage.ReceiptsOnly, alpha)), nil},
		{"in an outage, and delivered", Story(sent, outOfService(outage.Silent, alpha), about(receipt(1, "delivered")...)), nil},
		{"undelivered in an outage", Story(undelivered, outOfService(outage.Blocked, alpha)), []string{lost[0] + " outage"}},
		{"in two outages", Story(sent, outOfService(outage.Silent, country), outOfService(outage.Silent, alpha)), unheard},
		{"the outage is over", Story(sent, outOfService(outage.Silent, alpha), over(alpha, Monday.Add(2*time.Hour))), unheard},
		{"accepted after the outage", Story(outOfService(outage.Silent, alpha), over(alpha, Monday.Add(time.Second)), sent), nil},
	} {
		examples = append(examples, Example{Name: c.name, Given: c.given, Query: calls(Monday), Want: c.want})
	}
	examples = append(examples, Example{Name: "started", Given: undelivered, Query: calls(tomorrow)})
	Run(t, given, examples)
}

// notice queues a text to Anna about her appointment that no provider accepts.
func notice(kind string) []Append {
	letter := ReminderTo(Anna, Visit(1), "+5527999990001", "About your appointment")
	return []Append{On(message.Stream(Message(4)), Monday,
		message.NoticeQueued{Message: Message(4), Letter: letter, Kind: kind},
		message.SmsFailed{Message: Message(4), Account: Acme, Class: "provider", Code: "x"})}
}

// toStaff queues an email to a member of staff about Anna's appointment, and says what became of it, or of another one.
func toStaff(event domain.Event) []Append {
	letter := ReminderTo(Anna, Visit(1), "bia@example.com", "A new appointment")
	letter.Channel, letter.Staff = message.Email, Chair
	queued := On(message.Stream(Message(5)), Monday,
		message.NoticeQueued{Message: Message(5), Letter: letter, Kind: "confirmation"})
	if suppressed, ok := event.(message.MessageSuppressed); ok {
		return []Append{queued, On(message.Stream(suppressed.Message), Monday, event)}
	}
	return []Append{queued, On(message.Stream(Message(5)), Monday, event)}
}

func over(cell outage.Cell, at time.Time) []Append {
	return []Append{On(outage.Stream(cell.Provider), at, outage.OutageCleared{ID: outage.IDOf(cell, Monday), Cell: cell, At: at})}
}
