package projections

import (
	"cmp"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// CallSheet answers: which clients must the staff call, because a message about their appointment did not reach them?
// An appointment is listed once, for the newest such message. It leaves the list when a later text about it arrives,
// when the client confirms, and when it is moved, cancelled or over. The time and the client are read from the calendar
// and the clients.
type CallSheet struct{ DB readmodel.Reader }

var callSheet = readmodel.Projection{
	Name: "call_sheet", Version: 1,
	Tables: []readmodel.Table{{
		// The messages to clients about appointments that are ahead. One is open while it may belong on a call sheet: it
		// failed, or it is a text that was accepted and has no final receipt.
		Name: "call_sheet_v1",
		Columns: `message BYTEA NOT NULL, account BYTEA NOT NULL, appointment BYTEA NOT NULL, kind TEXT NOT NULL,
			channel TEXT NOT NULL, provider TEXT NOT NULL, country TEXT NOT NULL, network TEXT NOT NULL,
			state TEXT NOT NULL, reason TEXT NOT NULL, queued_at BIGINT NOT NULL, handed_at BIGINT NOT NULL,
			since BIGINT NOT NULL, fallback BYTEA NOT NULL, contacted_at BIGINT NOT NULL, contacted_by TEXT NOT NULL,
			open BIGINT NOT NULL`,
		Key:          "message",
		Indexes:      []string{"(account, appointment) WHERE open = 1", "(provider, handed_at) WHERE open = 1"},
		WriteIndexes: []string{"(appointment)"},
	}, {
		// The confirmed outages. That of a cause which loses only receipts keeps nobody from getting a text.
		Name: "call_sheet_outages_v1",
		Columns: `outage BYTEA NOT NULL, provider TEXT NOT NULL, region TEXT NOT NULL, country TEXT NOT NULL,
			network TEXT NOT NULL, cause TEXT NOT NULL, change_point BIGINT NOT NULL, detected_at BIGINT NOT NULL,
			cleared_at BIGINT NOT NULL`,
		Key:     "outage",
		Indexes: []string{"(provider, change_point)"},
	}},
	Types: domain.NamesOf(message.ReminderQueued{}, message.NoticeQueued{}, message.MessageSuppressed{},
		message.MessageReplaced{}, message.SmsAttempted{}, message.SmsSent{}, message.SmsFailed{},
		message.DeliveryReported{}, message.MailSent{}, message.MailFailed{}, message.MailBounced{},
		message.ContactedManually{}, appointment.Rescheduled{}, appointment.Cancelled{}, appointment.Fulfilled{},
		appointment.MarkedNoShow{}, outage.OutageDetected{}, outage.OutageCleared{}),
	Apply: readmodel.ApplyEach(func(w readmodel.Writer, r domain.Recorded) error { return callWriter{w}.apply(r) }),
}

// callWriter applies one event.
type callWriter struct{ readmodel.Writer }

func (w callWriter) apply(r domain.Recorded) error {
	at := readmodel.Micros(r.Meta.OccurredAt)
	switch e := r.Event.(type) {
	case message.ReminderQueued:
		return w.queued(e.Message, e.Letter, "reminder", at)
	case message.NoticeQueued:
		return w.queued(e.Message, e.Letter, e.Kind, at)
	case message.MessageSuppressed:
		return w.suppressed(e, at)
	case message.MessageReplaced:
		return w.Exec(`UPDATE call_sheet_v1 SET fallback = $2 WHERE message = $1`, readmodel.Key(e.Message),
			readmodel.Key(e.By))
	case message.SmsAttempted:
		return w.Exec(`UPDATE call_sheet_v1 SET provider = $2, country = $3, network = '', handed_at = $4
			WHERE message = $1`, readmodel.Key(e.Message), e.Provider, e.Country, readmodel.Micros(e.At))
	case message.SmsSent:
		return w.sent(e, at)
	case message.SmsFailed:
		state := "failed"
		if e.WasAccepted() {
			state = e.Class
		}
		return w.notReached(e.Message, state, failure(e.Class, e.Code), at)
	case message.DeliveryReported:
		return w.reported(e, at)
	case message.MailSent:
		return w.Exec(`UPDATE call_sheet_v1 SET state = 'sent' WHERE message = $1`, readmodel.Key(e.Message))
	case message.MailFailed:
		return w.notReached(e.Message, "failed", e.Code, at)
	case message.MailBounced:
		return w.notReached(e.Message, "bounced", e.Code, at)
	case message.ContactedManually:
		return w.Exec(`UPDATE call_sheet_v1 SET contacted_at = $2, contacted_by = $3 WHERE message = $1`,
			readmodel.Key(e.Message), readmodel.Micros(e.At), e.By)
	case appointment.Rescheduled:
		if e.Cause == appointment.ZoneRules {
			return nil // the local time is the same: what the client was told is still true
		}
		return w.drop(e.Appointment)
	case appointment.Cancelled:
		return w.drop(e.Appointment)
	case appointment.Fulfilled:
		return w.drop(e.Appointment)
	case appointment.MarkedNoShow:
		return w.drop(e.Appointment)
	case outage.OutageDetected:
		return w.detected(e)
	case outage.OutageCleared:
		return w.Exec(`UPDATE call_sheet_outages_v1 SET cleared_at = $2 WHERE outage = $1`, readmodel.Key(e.ID),
			readmodel.Micros(e.At))
	default:
		return domain.Unexpected(r)
	}
}

// queued inserts a message to a client about an appointment. Others are on no call sheet.
func (w callWriter) queued(id domain.MessageID, l message.Letter, kind string, at int64) error {
	if l.Client.IsZero() || l.Appointment.IsZero() || !l.Staff.IsZero() {
		return nil
	}
	return w.insert(id, l.Account, l.Appointment, kind, l.Channel, l.Country, "queued", "", at, false)
}

// suppressed ends a queued message, or inserts one that was never queued. A message that somebody got, or that is known
// to have failed, keeps its state.
func (w callWriter) suppressed(e message.MessageSuppressed, at int64) error {
	if e.Client.IsZero() || e.Appointment.IsZero() || !e.Staff.IsZero() {
		return nil
	}
	kind := "reminder"
	if e.Rule == "" {
		kind = cmp.Or(e.Kind, "notice")
	}
	return w.insert(e.Message, e.Account, e.Appointment, kind, e.Channel, e.Country, "suppressed", e.Reason, at,
		message.LeftUntold(e.Reason))
}

func (w callWriter) insert(
	id domain.MessageID, account domain.AccountID, about domain.AppointmentID, kind, channel, country, state,
	reason string, at int64, open bool,
) error {
	return w.Exec(`INSERT INTO call_sheet_v1 (message, account, appointment, kind, channel, provider, country, network,
			state, reason, queued_at, handed_at, since, fallback, contacted_at, contacted_by, open)
		VALUES ($1, $2, $3, $4, $5, '', $6, '', $7, $8, $9, 0, $9, $10, 0, '', $11)
		ON CONFLICT (message) DO UPDATE SET state = excluded.state, reason = excluded.reason, since = excluded.since,
			open = excluded.open WHERE call_sheet_v1.state = 'queued'`,
		readmodel.Key(id), readmodel.Key(account), readmodel.Key(about), kind, channel, country, state, reason, at,
		readmodel.Key(domain.MessageID{}), readmodel.Flag(open))
}

// sent opens a text: it is on the call sheet if an outage is found before its receipt comes. A text that has failed for
// good remains so when a provider says later that it had accepted it, until a receipt says that it arrived.
func (w callWriter) sent(e message.SmsSent, at int64) error {
	return w.Exec(`UPDATE call_sheet_v1 SET state = 'sent', provider = $2, country = $3, network = $4, handed_at = $5,
		since = $6, open = 1 WHERE message = $1 AND state IN ('queued', 'sent', 'suppressed')`, readmodel.Key(e.Message),
		e.Provider, e.Country, e.Network, readmodel.Micros(e.SentAt), at)
}

// reported closes a text that arrived. SmsFailed says when it can no longer arrive.
func (w callWriter) reported(e message.DeliveryReported, at int64) error {
	if e.State == string(message.Delivered) && e.Counted {
		return w.Exec(`UPDATE call_sheet_v1 SET state = 'delivered', reason = '', since = $2, open = 0
			WHERE message = $1`, readmodel.Key(e.Message), at)
	}
	if e.Network == "" {
		return nil
	}
	return w.Exec(`UPDATE call_sheet_v1 SET network = $3 WHERE message = $1 AND provider = $2`,
		readmodel.Key(e.Message), e.Provider, e.Network)
}

func (w callWriter) notReached(id domain.MessageID, state, reason string, at int64) error {
	return w.Exec(`UPDATE call_sheet_v1 SET state = $2, reason = $3, since = $4, open = 1
		WHERE message = $1 AND state IN ('queued', 'sent')`, readmodel.Key(id), state, reason, at)
}

// drop deletes what was said about a visit that does not take place, or has taken place.
func (w callWriter) drop(id domain.AppointmentID) error {
	return w.Exec(`DELETE FROM call_sheet_v1 WHERE appointment = $1`, readmodel.Key(id))
}

func (w callWriter) detected(e outage.OutageDetected) error {
	return w.Exec(`INSERT INTO call_sheet_outages_v1 (outage, provider, region, country, network, cause, change_point,
			detected_at, cleared_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
		ON CONFLICT (outage) DO UPDATE SET cause = excluded.cause, change_point = excluded.change_point, cleared_at = 0`,
		readmodel.Key(e.ID), e.Provider, e.Region, e.Country, e.Network, string(e.Cause), readmodel.Micros(e.ChangePoint),
		readmodel.Micros(e.At))
}
