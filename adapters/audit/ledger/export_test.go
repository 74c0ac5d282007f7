package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/audit/ledger"
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/domain"
	accounts "github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
	windows "github.com/clickbook/clickbook/domain/window"
)

var (
	exportedTypes = []domain.Types{accounts.Types, message.Types, windows.Types, credit.Types}

	ours   = domain.AccountID{UUID: domain.DeriveUUID("ours")}
	theirs = domain.AccountID{UUID: domain.DeriveUUID("theirs")}
	m1     = domain.MessageID{UUID: domain.DeriveUUID("m1")}
	m2     = domain.MessageID{UUID: domain.DeriveUUID("m2")}
	m3     = domain.MessageID{UUID: domain.DeriveUUID("m3")}
	at     = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)
)

// eventLog is a log in memory whose events have the ids e1, e2, … in order.
type eventLog struct {
	*memory.Store
	t     *testing.T
	codec *domain.Codec
	heads map[domain.Stream]domain.Revision
	count int
	names []string // pairs of a UUID and its name, for a replacer
}

func newEventLog(t *testing.T) *eventLog {
	t.Helper()
	codec, err := domain.NewCodec(domaintest.NewVault(), exportedTypes...)
	if err != nil {
		t.Fatal(err)
	}
	return &eventLog{
		Store: memory.New(), t: t, codec: codec, heads: make(map[domain.Stream]domain.Revision),
		names: []string{
			ours.String(), "ours", theirs.String(), "theirs", m1.String(), "m1", m2.String(), "m2", m3.String(), "m3",
		},
	}
}

// add appends an event and returns its id.
func (l *eventLog) add(stream domain.Stream, event domain.Event) string {
	l.t.Helper()
	l.count++
	name := fmt.Sprintf("e%d", l.count)
	id := domain.DeriveUUID(name)
	l.names = append(l.names, id.String(), name)
	stored, err := l.codec.Encode(id, event, domain.Metadata{OccurredAt: at, RecordedAt: at})
	if err != nil {
		l.t.Fatal(err)
	}
	head, exists := l.heads[stream]
	if !exists {
		head = domain.NoStream
	}
	appended, err := l.Append(l.t.Context(), stream, head, []domain.Stored{stored})
	if err != nil {
		l.t.Fatal(err)
	}
	l.heads[stream] = appended.Revision
	return id.String()
}

// export returns the facts of an account, with names instead of UUIDs and without the time that all share.
func (l *eventLog) export(of domain.AccountID) ([]string, error) {
	l.t.Helper()
	var out bytes.Buffer
	err := ledger.Export(l.t.Context(), l, l.codec, of, &out)
	names := strings.NewReplacer(append(l.names, `,"recorded_at":"2026-03-18T12:00:00Z"`, "")...)
	return strings.Split(strings.TrimSpace(names.Replace(out.String())), "\n"), err
}

// wantExport checks the facts of our account.
func (l *eventLog) wantExport(want ...string) {
	l.t.Helper()
	got, err := l.export(ours)
	if err != nil || !slices.Equal(got, want) {
		l.t.Errorf("error %v; got\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (l *eventLog) open(account domain.AccountID) {
	l.add(domain.StreamOf("account", account.String()),
		accounts.AccountOpened{Account: account, Settings: accounts.Settings{Zone: "UTC"}})
}

func (l *eventLog) queue(id domain.MessageID, account domain.AccountID, channel string) string {
	return l.add(domain.StreamOf("message", id.String()), message.ReminderQueued{Message: id, Letter: message.Letter{
		Account: account, Channel: channel, Country: "BR", Segments: 1, UnitPrice: 800_000, ScheduledFor: at,
	}})
}

// books appends a credit event of our account.
func (l *eventLog) books(event credit.Event) {
	l.add(domain.StreamOf("credits", ours.String()), event)
}

func posted(cause string, amount int64) credit.Posted {
	return credit.Posted{
		Account: ours.String(), Cause: cause, EffectiveAt: at, RecordedAt: at,
		Postings: []credit.Posting{{From: credit.IssuedPaid, To: credit.Paid, Amount: amount}},
	}
}

func TestExportOrdersFactsAsTheCreditsTookThemIn(t *testing.T) {
	l := newEventLog(t)
	l.open(theirs)
	l.open(ours)
	queued := l.queue(m1, ours, "sms")
	l.books(credit.CreditsPurchased{Posted: posted("top-up", 5), Purchase: "p1"})
	l.books(credit.CreditsHeld{Posted: posted(queued, 1)})
	l.queue(m2, ours, "sms")
	sent := l.add(domain.StreamOf("message", m1.String()), message.SmsSent{
		Message: m1, Account: ours, Attempt: 1, Provider: "alpha", SentAt: at,
	})
	l.books(credit.CreditsGranted{Posted: posted("gift", 2), Grant: "g1"})
	l.books(credit.CreditsCharged{Posted: posted(sent, 1)}) // follows m2 too, without an event
	l.add("window-w1", windows.RefundWindowRevoked{Window: "w1"})
	l.books(credit.ManualRefundIssued{
		Posted: posted("sorry", 0), Message: m1.String(), RefundKey: "k1", Amount: 3, Note: domain.Secret("Grace"),
	})
	l.wantExport(
		`{"event_id":"e2","type":"AccountOpened","account":"ours","home_zone":"UTC"}`,
		`{"event_id":"top-up","type":"CreditsPurchased","account":"ours","purchase":"p1","amount":5}`,
		`{"event_id":"e3","type":"ReminderQueued","account":"ours","message":"m1","to_country":"BR","segments":1,`+
			`"unit_price":800000,"scheduled_for":"2026-03-18T12:00:00Z"}`,
		`{"event_id":"gift","type":"CreditsGranted","account":"ours","grant":"g1","amount":2}`,
		`{"event_id":"e6","type":"ReminderQueued","account":"ours","message":"m2","to_country":"BR","segments":1,`+
			`"unit_price":800000,"scheduled_for":"2026-03-18T12:00:00Z"}`,
		`{"event_id":"e7","type":"SmsSent","message":"m1","attempt":1,"provider":"alpha",`+
			`"sent_at":"2026-03-18T12:00:00Z"}`,
		`{"event_id":"sorry","type":"ManualRefundIssued","account":"ours","amount":3,"message":"m1","refund_key":"k1"}`,
		`{"event_id":"e10","type":"RefundWindowRevoked","window":"w1"}`, // still pending at the end of the log
	)
}

func TestExportGivesEachFactOfOneCauseItsOwnID(t *testing.T) {
	l := newEventLog(t)
	l.open(ours)
	l.books(credit.GrantExpired{Posted: posted("midnight", 1), Grant: "g1"})
	l.books(credit.GrantExpired{Posted: posted("midnight", 1), Grant: "g2"})
	l.wantExport(
		`{"event_id":"e1","type":"AccountOpened","account":"ours","home_zone":"UTC"}`,
		`{"event_id":"midnight","type":"GrantExpired","account":"ours","grant":"g1"}`,
		`{"event_id":"e3","type":"GrantExpired","account":"ours","grant":"g2"}`,
	)
}

// A message that was suppressed after it was queued releases its hold; one that was never queued is not a fact.
func TestExportKeepsASuppressionThatTheCreditsFollowed(t *testing.T) {
	l := newEventLog(t)
	l.open(ours)
	suppress := func(id domain.MessageID) string {
		return l.add(domain.StreamOf("message", id.String()), message.MessageSuppressed{
			Message: id, Account: ours, Reason: "cancelled",
		})
	}
	suppress(m1)
	suppressed := suppress(m2)
	l.books(credit.HoldReleased{Posted: posted(suppressed, 1)})
	suppress(m3)
	l.wantExport(
		`{"event_id":"e1","type":"AccountOpened","account":"ours","home_zone":"UTC"}`,
		`{"event_id":"e3","type":"SmsFailed","message":"m2","reason":"cancelled"}`,
	)
}

func TestExportHidesOtherAccountsAndEmails(t *testing.T) {
	l := newEventLog(t)
	l.open(theirs)
	l.open(ours)
	l.queue(m1, theirs, "sms")
	l.queue(m2, ours, "email")
	l.add(domain.StreamOf("message", m1.String()), message.SmsFailed{Message: m1, Account: theirs})
	l.add(domain.StreamOf("credits", theirs.String()), credit.CreditsPurchased{Posted: posted("x", 1), Purchase: "x"})
	for _, list := range [][]string{nil, {theirs.String()}, {theirs.String(), ours.String()}} {
		l.add(domain.Stream(fmt.Sprintf("window-w%d", len(list))), windows.RefundWindowDeclared{
			Window: fmt.Sprintf("w%d", len(list)), Terms: windows.Terms{
				Scope:  windows.Scope{Accounts: list},
				Bounds: windows.Bounds{Kind: windows.LocalDates, Zone: "UTC", StartDate: "2026-03-18", Days: 1},
			},
		})
	}
	bounds := `,"bounds":{"kind":"local_dates","zone":"UTC","start_date":"2026-03-18","days":1}}`
	l.wantExport(
		`{"event_id":"e2","type":"AccountOpened","account":"ours","home_zone":"UTC"}`,
		`{"event_id":"e7","type":"RefundWindowDeclared","window":"w0","scope":{}`+bounds,
		`{"event_id":"e8","type":"RefundWindowDeclared","window":"w1","scope":{"accounts":["another"]}`+bounds,
		`{"event_id":"e9","type":"RefundWindowDeclared","window":"w2","scope":{"accounts":["ours"]}`+bounds,
	)
}

func TestExportRefusesAnUnknownAccount(t *testing.T) {
	l := newEventLog(t)
	l.open(theirs)
	if got, err := l.export(ours); !errors.Is(err, accounts.ErrUnknown) || !slices.Equal(got, []string{""}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestExportHandlesEveryEventType exports a log with one event of every type: a type that Export lists and does not
// handle is an error.
func TestExportHandlesEveryEventType(t *testing.T) {
	l := newEventLog(t)
	l.open(ours)
	for _, event := range domaintest.GoldenEvents(t, exportedTypes...) {
		stream := domain.Stream("any-" + event.EventType())
		if _, ok := event.(credit.Event); ok {
			stream = domain.StreamOf("credits", ours.String())
		}
		l.add(stream, event)
	}
	if _, err := l.export(ours); err != nil {
		t.Error(err)
	}
}
