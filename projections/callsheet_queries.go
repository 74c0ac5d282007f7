package projections

import (
	"context"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Call is a row of a call sheet: one appointment ahead whose client a message did not reach.
type Call struct {
	Appointment domain.AppointmentID
	Start       time.Time
	Local, Zone string // as promised
	Cancelled   bool   // the client may come although the appointment was cancelled
	Resources   []domain.ResourceID
	Client      domain.ClientID
	ClientName  string
	ClientPhone string // "" if the client has none
	ClientEmail string
	Service     domain.ServiceID
	ServiceName string

	Message  domain.MessageID // the newest that did not reach the client
	Kind     string           // reminder, confirmation, move, …
	Channel  string
	State    CallState
	Reason   string // of a failure or suppression: its class and code
	Provider string // that had the text last
	Country  string
	Since    time.Time       // when this became known
	Outage   domain.OutageID // the confirmed outage that explains it; zero for none
	Instead  string          // what became of the email in place of the text: "" for none, sent, failed, bounced

	ContactedAt time.Time // zero if nobody has
	ContactedBy string    // see message.ContactedManually
}

// CallState is what became of a message that did not reach its client.
type CallState string

// The states of the messages on a call sheet.
const (
	CallFailed      CallState = "failed"      // nobody accepted it
	CallUndelivered CallState = "undelivered" // by receipt, like the next
	CallExpired     CallState = "expired"
	CallNoReceipt   CallState = "no_receipt" // a text of a confirmed outage: accepted, and nothing was heard of it since
	CallSuppressed  CallState = "suppressed" // not sent: it was too late, or there was no credit
	CallBounced     CallState = "bounced"    // an email
)

// sameTime is how much earlier another message about the visit may be queued and still say the same.
const sameTime = time.Hour

// callMessage is a message about one of the appointments that may be on a call sheet.
type callMessage struct {
	Call
	network   string
	confirmed bool
	status    appointment.Status
	outcome   string
	queuedAt  time.Time
	handedAt  time.Time
	fallback  domain.MessageID
	open      bool
}

// Of returns the call sheet of an account at now, the soonest appointment first, with those who were contacted.
func (q CallSheet) Of(ctx context.Context, account domain.AccountID, now time.Time) ([]Call, error) {
	outages, err := q.Outages(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := readmodel.List(ctx, q.DB, readCallMessage, `SELECT m.message, m.appointment, m.kind, m.channel,
			m.provider, m.country, m.network, m.state, m.reason, m.queued_at, m.handed_at, m.since, m.fallback,
			m.contacted_at, m.contacted_by, m.open, a.status, a.outcome, a.start_at, a.local_start, a.zone, a.confirmed,
			a.legs, a.client, c.name, c.phone, c.email, a.service, coalesce(s.name, '')
		FROM call_sheet_v1 m JOIN calendar_v3 a ON a.appointment = m.appointment
		JOIN clients_v3 c ON c.client = a.client AND c.erased = 0 LEFT JOIN services_v1 s ON s.service = a.service
		WHERE m.account = $1 AND a.start_at > $2
			AND m.appointment IN (SELECT o.appointment FROM call_sheet_v1 o WHERE o.account = $1 AND o.open = 1)
		ORDER BY a.start_at, a.appointment, m.queued_at, m.message`, readmodel.Key(account), readmodel.Micros(now))
	var calls []Call
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(m callMessage) bool { return m.Appointment != rows[0].Appointment })
		if n < 0 {
			n = len(rows)
		}
		if call, ok := callOf(rows[:n], outages); ok {
			calls = append(calls, call)
		}
		rows = rows[n:]
	}
	return calls, err
}

// callOf returns the row of one appointment from the messages about it, oldest first. ok is false if the client was
// reached, has answered, or need not know.
func callOf(messages []callMessage, outages []LostIn) (call Call, ok bool) {
	for i := range slices.Backward(messages) {
		m := messages[i]
		if !m.matters() || m.isInstead(messages) || m.isRepeated(messages) {
			continue
		}
		m.Outage = outageOf(outages, m)
		if !m.open || m.State == "sent" && m.Outage.IsZero() {
			continue
		}
		if m.State == "sent" {
			m.State = CallNoReceipt
		}
		call = m.Call
		call.Cancelled = m.status == appointment.StatusCancelled
		for _, other := range messages {
			if other.Message == m.fallback {
				call.Instead = string(other.State)
			}
			if other.ContactedAt.After(call.ContactedAt) {
				call.ContactedAt, call.ContactedBy = other.ContactedAt, other.ContactedBy
			}
		}
		return call, true
	}
	return call, false
}

// matters reports whether the client of the visit should still learn what the message said. One who has confirmed knows
// of the visit, and one who has cancelled it themselves does not come.
func (m callMessage) matters() bool {
	bad := m.Kind == "cancellation" || m.Kind == "decline"
	switch m.status {
	case appointment.StatusBooked, appointment.StatusPending:
		return !bad && !m.confirmed
	case appointment.StatusCancelled:
		return bad && m.outcome != string(appointment.Client)
	case appointment.StatusArrived, appointment.StatusFulfilled, appointment.StatusNoShow,
		appointment.StatusEnteredInError:
	}
	return false
}

// isInstead reports whether the message goes in place of another one, which is listed in its stead.
func (m callMessage) isInstead(messages []callMessage) bool {
	return slices.ContainsFunc(messages, func(o callMessage) bool { return o.fallback == m.Message && o.open })
}

// isRepeated reports whether a text arrived that was sent with the message or after it.
func (m callMessage) isRepeated(messages []callMessage) bool {
	return slices.ContainsFunc(messages, func(o callMessage) bool {
		return o.State == "delivered" && !o.queuedAt.Before(m.queuedAt.Add(-sameTime))
	})
}

// outageOf returns the first outage that was found and that a text was given to, so that no text is in two.
func outageOf(outages []LostIn, m callMessage) domain.OutageID {
	if m.Channel != "sms" || m.handedAt.IsZero() {
		return domain.OutageID{}
	}
	for _, o := range outages {
		if o.takes(m.place(), m.handedAt) {
			return o.ID
		}
	}
	return domain.OutageID{}
}

func (m callMessage) place() outage.Cell {
	return outage.Cell{
		Provider: m.Provider, Region: outagedetect.Region(m.Country), Country: m.Country, Network: m.network,
	}
}

// Cursor returns the cursor of the page that starts after this row.
func (c Call) Cursor() readmodel.Cursor { return readmodel.Cursor{At: c.Start, ID: c.Appointment.UUID} }

func readCallMessage(row readmodel.Row) (m callMessage, err error) {
	readmodel.ReadID(&m.Message, row, 0)
	readmodel.ReadID(&m.Appointment, row, 1)
	m.Kind, m.Channel, m.Provider, m.Country, m.network = row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.Text(6)
	m.State, m.Reason = CallState(row.Text(7)), row.Text(8)
	m.queuedAt, m.handedAt, m.Since = readmodel.Time(row.Int(9)), readmodel.Time(row.Int(10)), readmodel.Time(row.Int(11))
	readmodel.ReadID(&m.fallback, row, 12)
	m.ContactedAt, m.ContactedBy, m.open = readmodel.Time(row.Int(13)), row.Text(14), row.Int(15) != 0
	m.status, m.outcome = appointment.Status(row.Text(16)), row.Text(17)
	m.Start, m.Local, m.Zone = readmodel.Time(row.Int(18)), row.Text(19), row.Text(20)
	m.confirmed = row.Int(21) != 0
	readmodel.ReadID(&m.Client, row, 23)
	m.ClientName, m.ClientPhone, m.ClientEmail = row.Text(24), row.Text(25), row.Text(26)
	readmodel.ReadID(&m.Service, row, 27)
	m.ServiceName = row.Text(28)
	var legs []appointment.Leg
	err = readmodel.ReadJSON(&legs, row, 22)
	for _, leg := range legs {
		m.Resources = append(m.Resources, leg.Resource)
	}
	return m, err
}
