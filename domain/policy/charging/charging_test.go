package charging_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/charging"
	"github.com/clickbook/clickbook/domain/window"
)

var (
	noon = time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)

	text  = domain.MessageID{UUID: domain.DeriveUUID("message")}
	owner = domain.AccountID{UUID: domain.DeriveUUID("account")}
	cause = domain.DeriveUUID("cause")
	known = window.Set{}.With(window.RefundWindowDeclared{Window: "W1", Terms: window.Terms{
		Scope:  window.Scope{Providers: []string{"alpha"}},
		Bounds: window.Bounds{Kind: window.Instants, Start: noon, End: noon.Add(time.Hour)},
	}}).With(window.RefundWindowDeclared{Window: "W2", Terms: window.Terms{
		Scope:  window.Scope{Countries: []string{"BR"}},
		Bounds: window.Bounds{Kind: window.LocalDates, ZoneMode: window.AccountHome, StartDate: "2026-03-19", Days: 1},
	}})
	why = credit.Because{Account: owner.String(), Cause: cause.String(), RecordedAt: noon}
)

func happened(event domain.Event) domain.Recorded {
	return domain.Recorded{ID: cause, Event: event, Meta: domain.Metadata{RecordedAt: noon.Add(time.Nanosecond)}}
}

func letter(channel, country string, at time.Time) message.Letter {
	return message.Letter{
		Account: owner, Channel: channel, Country: country, Segments: 2, UnitPrice: 7, ScheduledFor: at,
	}
}

func TestReact(t *testing.T) {
	hold := credit.Hold{
		Because: why, Message: text.String(), Segments: 2, UnitPrice: 7, Country: "BR", Home: "Pacific/Kiritimati",
	}
	covered := hold
	covered.CoveredBy = []string{"W2"}
	var books credit.State
	for _, command := range []credit.Command{credit.Purchase{Because: why, Purchase: "P1", Amount: 20}, hold} {
		events, err := credit.Decide(books, command)
		if err != nil {
			t.Fatal(err)
		}
		books = credit.Evolve(books, events[0])
	}
	accept := credit.Accept{
		Because: why, Message: text.String(), Attempt: 1, Provider: "beta", SentAt: noon.Add(-time.Hour), GraceDays: 30,
	}
	inTime := accept
	inTime.Provider, inTime.SentAt, inTime.CoveredBy = "alpha", noon, []string{"W1", "W2"}
	tomorrow := noon.Add(-2 * time.Hour) // it is the 19th already in Kiritimati
	sent := message.SmsSent{Message: text, Account: owner, Attempt: 1, Provider: "beta", SentAt: noon.Add(-time.Hour)}
	covering := sent
	covering.Provider, covering.SentAt = "alpha", noon.Add(time.Nanosecond)
	early := sent
	early.SentAt = noon.Add(-3 * time.Hour)
	before := accept
	before.SentAt = early.SentAt
	for name, c := range map[string]struct {
		event domain.Event
		want  credit.Command
	}{
		"a reminder in a window's country and the account's day": {
			message.ReminderQueued{Message: text, Letter: letter("sms", "BR", tomorrow)}, covered,
		},
		"a notice a day too early": {
			message.NoticeQueued{Message: text, Letter: letter("sms", "BR", tomorrow.Add(-time.Hour))}, hold,
		},
		"an email":                         {message.NoticeQueued{Message: text, Letter: letter("email", "", noon)}, nil},
		"sent by the provider of a window": {covering, inTime},
		"sent before any window":           {early, before},
		"failed": {
			message.SmsFailed{Message: text, Account: owner},
			credit.Release{Because: why, Message: text.String(), GraceDays: 30},
		},
		"a receipt": {message.DeliveryReported{Message: text, Account: owner}, nil},
	} {
		got, ok := charging.React(known, credit.ProductTerms, books, "Pacific/Kiritimati", happened(c.event))
		if ok != (c.want != nil) || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s\n got: %+v\nwant: %+v", name, got, c.want)
		}
	}
}

// Rule R5 of the refund windows: a failure releases a hold, and moves nothing once the text was charged.
func TestFailureAfterAcceptanceMovesNoCredits(t *testing.T) {
	sent := message.SmsSent{Message: text, Account: owner, Attempt: 1, Provider: "beta", SentAt: noon}
	failed := message.SmsFailed{Message: text, Account: owner, Attempt: 1, Provider: "beta", Class: "undelivered"}
	for name, known := range map[string]window.Set{"charged": {}, "waived": known.With(
		window.RefundWindowDeclared{Window: "W3", Terms: window.Terms{
			Scope:  window.Scope{Providers: []string{"beta"}},
			Bounds: window.Bounds{Kind: window.Instants, Start: noon, End: noon.Add(time.Hour)},
		}},
	)} {
		var books credit.State
		decide := func(command credit.Command) []credit.Event {
			events, err := credit.Decide(books, command)
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range events {
				books = credit.Evolve(books, event)
			}
			return events
		}
		decide(credit.Purchase{Because: why, Purchase: "P1", Amount: 20})
		queued := message.ReminderQueued{Message: text, Letter: letter("sms", "BR", noon)}
		for _, event := range []domain.Event{queued, sent} {
			command, _ := charging.React(known, credit.ProductTerms, books, "UTC", happened(event))
			decide(command)
		}
		command, ok := charging.React(known, credit.ProductTerms, books, "UTC", happened(failed))
		if !ok {
			t.Fatalf("%s: a failure yields no command", name)
		}
		if events := decide(command); len(events) > 0 {
			t.Errorf("%s: the failure yields %+v", name, events)
		}
	}
}

func TestOnTimeEndsExpiredLots(t *testing.T) {
	var books credit.State
	granted := credit.Because{Account: owner.String(), Cause: cause.String(), RecordedAt: noon.Add(-time.Hour)}
	for grant, expires := range map[string]time.Time{"G1": noon, "G2": noon.Add(time.Microsecond), "G3": {}} {
		events, err := credit.Decide(books, credit.Grant{Because: granted, Grant: grant, Amount: 1, ExpiresAt: expires})
		if err != nil {
			t.Fatal(err)
		}
		books = credit.Evolve(books, events[0])
	}
	want := []credit.Command{credit.ExpireGrant{Because: why, Grant: "G1"}}
	if got := charging.OnTime(why, books); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBecauseTruncatesToMicroseconds(t *testing.T) {
	if got := charging.Because(owner, happened(nil)); got != why || uuid.MustParse(got.Cause) != cause {
		t.Errorf("got %+v, want %+v", got, why)
	}
}
