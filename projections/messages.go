package projections

import (
	"cmp"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Messages answers: what was sent to whom, about what, and what is the status of each text and email? The history of
// one message is its own stream (Story).
type Messages struct{ DB readmodel.Reader }

var messages = readmodel.Projection{
	Name: "messages", Version: 5,
	Tables: []readmodel.Table{{
		Name: "messages_v5",
		Columns: `message BYTEA NOT NULL, account BYTEA NOT NULL, client BYTEA NOT NULL, appointment BYTEA NOT NULL,
			kind TEXT NOT NULL, rule TEXT NOT NULL, channel TEXT NOT NULL, address TEXT NOT NULL,
			title TEXT NOT NULL, words TEXT NOT NULL, country TEXT NOT NULL, segments BIGINT NOT NULL,
			price_micro BIGINT NOT NULL, scheduled_for BIGINT NOT NULL, queued_at BIGINT NOT NULL,
			status TEXT NOT NULL, changed_at BIGINT NOT NULL, reason TEXT NOT NULL,
			provider TEXT NOT NULL, attempts BIGINT NOT NULL, accepted BIGINT NOT NULL, reported BIGINT NOT NULL,
			undelivered BIGINT NOT NULL, sent_at BIGINT NOT NULL, waits_from BIGINT NOT NULL,
			fallback BYTEA NOT NULL, sequence BIGINT NOT NULL, to_staff BIGINT NOT NULL`,
		Key: "message",
		Indexes: []string{
			// One for each filter of a list of one account, in the order of the list.
			"(account, queued_at, message)", "(account, status, queued_at, message)",
			"(account, channel, queued_at, message)", "(account, country, queued_at, message)",
			"(account, provider, queued_at, message)",
			"(queued_at, message)", "(changed_at, message) WHERE status = 'attempted'",
			"(waits_from, message) WHERE status = 'queued' AND channel = 'sms'",
			"(waits_from, message) WHERE status = 'queued' AND channel = 'email'",
			"(address, sent_at) WHERE channel = 'sms' AND sent_at > 0",
			"(account, sent_at, price_micro) WHERE channel = 'sms' AND sent_at > 0",
			"(provider, sent_at) WHERE channel = 'sms' AND status = 'sent'",
		},
		WriteIndexes: []string{"(client, queued_at)", "(appointment, queued_at)"},
	}},
	Types: domain.NamesOf(message.ReminderQueued{}, message.NoticeQueued{}, message.MessageSuppressed{},
		message.MessageDeferred{}, message.MessageReplaced{}, message.SmsAttempted{}, message.SmsSent{},
		message.SmsAttemptFailed{}, message.SmsFailed{},
		message.DeliveryReported{}, message.MailSent{}, message.MailDelayed{}, message.MailFailed{},
		message.MailBounced{}, client.ClientErased{}, appointment.Rescheduled{}),
	Apply: readmodel.ApplyEach(applyMessage),
}

// applyMessage keeps the status equal to message.State.Status: delivered once one attempt is delivered, and sent
// while an accepted attempt may still be delivered.
func applyMessage(w readmodel.Writer, r domain.Recorded) error {
	at := readmodel.Micros(r.Meta.OccurredAt)
	switch e := r.Event.(type) {
	case message.ReminderQueued:
		return recordQueued(w, e.Message, e.Letter, "reminder", e.Rule, at)
	case message.NoticeQueued:
		return recordQueued(w, e.Message, e.Letter, e.Kind, "", at)
	case message.MessageSuppressed:
		return recordSuppressed(w, e, at)
	case message.MessageDeferred:
		return w.Exec(`UPDATE messages_v5 SET waits_from = $2, changed_at = $3 WHERE message = $1`,
			readmodel.Key(e.Message), readmodel.Micros(e.Until), at)
	case message.MessageReplaced:
		return w.Exec(`UPDATE messages_v5 SET fallback = $2 WHERE message = $1`, readmodel.Key(e.Message),
			readmodel.Key(e.By))
	case message.SmsAttempted:
		return w.Exec(`UPDATE messages_v5 SET status = CASE WHEN accepted = 0 THEN 'attempted' ELSE status END,
			changed_at = $2, provider = $3, attempts = $4
			WHERE message = $1`, readmodel.Key(e.Message), readmodel.Micros(e.At), e.Provider, e.Attempt)
	case message.SmsSent:
		return w.Exec(`UPDATE messages_v5 SET accepted = accepted + 1, changed_at = $2, provider = $3,
			status = CASE WHEN status = 'delivered' THEN status ELSE 'sent' END,
			sent_at = CASE WHEN sent_at = 0 OR sent_at > $4 THEN $4 ELSE sent_at END,
			reason = '' WHERE message = $1`, readmodel.Key(e.Message), at, e.Provider, readmodel.Micros(e.SentAt))
	case message.SmsAttemptFailed:
		return w.Exec(`UPDATE messages_v5 SET status = CASE WHEN status = 'attempted' THEN 'queued' ELSE status END,
			changed_at = $2, waits_from = $2, reason = CASE WHEN accepted = 0 THEN $3 ELSE reason END WHERE message = $1`,
			readmodel.Key(e.Message), at, failure(e.Class, e.Code))
	case message.SmsFailed:
		return recordFailed(w, e.Message, failure(e.Class, e.Code), at)
	case message.DeliveryReported:
		return recordReceipt(w, e, at)
	case message.MailSent:
		return w.Exec(`UPDATE messages_v5 SET status = 'sent', accepted = 1, sent_at = $2, changed_at = $3, reason = ''
			WHERE message = $1`, readmodel.Key(e.Message), readmodel.Micros(e.SentAt), at)
	case message.MailDelayed:
		return w.Exec(`UPDATE messages_v5 SET attempts = $2, reason = $3, waits_from = $4, changed_at = $5
			WHERE message = $1`, readmodel.Key(e.Message), e.Attempt, e.Code, readmodel.Micros(e.Until), at)
	case message.MailFailed:
		return recordFailed(w, e.Message, e.Code, at)
	case message.MailBounced:
		return w.Exec(`UPDATE messages_v5 SET status = 'failed', reason = $2, changed_at = $3 WHERE message = $1`,
			readmodel.Key(e.Message), failure("bounced", e.Code), at)
	case client.ClientErased:
		return w.Exec(`UPDATE messages_v5 SET address = '', title = '', words = '' WHERE client = $1`,
			readmodel.Key(e.Client))
	case appointment.Rescheduled:
		if e.Cause != appointment.ZoneRules {
			return nil
		}
		// The local time is the same: what the client was told is still about the visit in force.
		return w.Exec(`UPDATE messages_v5 SET sequence = $2 WHERE appointment = $1 AND sequence = $3`,
			readmodel.Key(e.Appointment), e.Sequence, e.Revokes)
	default:
		return domain.Unexpected(r)
	}
}

func recordQueued(w readmodel.Writer, id domain.MessageID, l message.Letter, kind, rule string, at int64) error {
	return w.Exec(`INSERT INTO messages_v5 (message, account, client, appointment, kind, rule, channel, address, title,
			words, country, segments, price_micro, scheduled_for, queued_at, status, changed_at, reason, provider,
			attempts, accepted, reported, undelivered, sent_at, waits_from, fallback, sequence, to_staff)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'queued', $15, '', '', 0, 0, 0, 0, 0,
			$15, $16, $17, $18)`,
		readmodel.Key(id), readmodel.Key(l.Account), readmodel.Key(l.Client), readmodel.Key(l.Appointment),
		kind, rule, l.Channel, l.To.Reveal(), l.Title.Reveal(), l.Text.Reveal(), l.Country, l.Segments, l.Price(),
		readmodel.Micros(l.ScheduledFor), at, readmodel.Key(domain.MessageID{}), l.Sequence,
		readmodel.Flag(!l.Staff.IsZero()))
}

// recordSuppressed ends a queued message, or inserts one that was never queued. A message that a provider accepted
// keeps its status.
func recordSuppressed(w readmodel.Writer, e message.MessageSuppressed, at int64) error {
	kind := "reminder"
	if e.Rule == "" {
		kind = cmp.Or(e.Kind, "notice")
	}
	return w.Exec(`INSERT INTO messages_v5 (message, account, client, appointment, kind, rule, channel, address, title,
			words, country, segments, price_micro, scheduled_for, queued_at, status, changed_at, reason, provider,
			attempts, accepted, reported, undelivered, sent_at, waits_from, fallback, sequence, to_staff)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', '', '', $11, 0, 0, 0, $8, 'suppressed', $8, $9, '', 0, 0, 0, 0, 0, $8, $10,
			$12, $13)
		ON CONFLICT (message) DO UPDATE SET reason = excluded.reason, changed_at = excluded.changed_at,
			status = CASE WHEN messages_v5.accepted = 0 THEN 'suppressed' ELSE messages_v5.status END`,
		readmodel.Key(e.Message), readmodel.Key(e.Account), readmodel.Key(e.Client), readmodel.Key(e.Appointment),
		kind, e.Rule, e.Channel, at, e.Reason, readmodel.Key(domain.MessageID{}), e.Country, e.Sequence,
		readmodel.Flag(!e.Staff.IsZero()))
}

func recordFailed(w readmodel.Writer, id domain.MessageID, reason string, at int64) error {
	return w.Exec(`UPDATE messages_v5 SET changed_at = $2,
		status = CASE WHEN accepted = 0 AND status <> 'suppressed' THEN 'failed' ELSE status END,
		reason = CASE WHEN accepted = 0 AND status <> 'suppressed' THEN $3 ELSE reason END
		WHERE message = $1`, readmodel.Key(id), at, reason)
}

func recordReceipt(w readmodel.Writer, e message.DeliveryReported, at int64) error {
	if !e.Counted {
		return nil
	}
	return w.Exec(`UPDATE messages_v5 SET reported = reported + 1, changed_at = $2,
		undelivered = CASE WHEN $3 = 'undelivered' THEN 1 ELSE undelivered END,
		reason = CASE WHEN $3 = 'delivered' THEN '' WHEN status = 'delivered' THEN reason ELSE $4 END,
		status = CASE WHEN $3 = 'delivered' OR status = 'delivered' THEN 'delivered'
			WHEN reported + 1 < accepted THEN 'sent'
			WHEN $3 = 'undelivered' OR undelivered = 1 THEN 'undelivered' ELSE 'expired' END
		WHERE message = $1`, readmodel.Key(e.Message), at, e.State, e.Code)
}

// failure returns the reason of a failed attempt: its class and the provider's own code.
func failure(class, code string) string {
	if code == "" {
		return class
	}
	return class + ": " + code
}
