package message_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
)

var (
	alertMail = message.Letter{
		Account: account, Channel: message.Email, To: domain.Secret("owner@example.com"),
		Title: domain.Secret("Texts do not arrive"), Text: domain.Secret("Texts do not arrive"),
		ScheduledFor: due, UsefulUntil: due.Add(24 * time.Hour),
	}
	alert = message.Alert{
		About: message.AboutOutage, Outage: domain.DeriveID[domain.OutageID]("outage"),
		Resource: domain.DeriveID[domain.ResourceID]("maria"), Round: 2, Since: due.Add(-time.Hour), Through: due,
		Last: true, Failed: domain.DeriveID[domain.MessageID]("lost"),
	}
)

func alertExamples() []example {
	queue := func(kind string) message.QueueNotice {
		return message.QueueNotice{Message: id, Letter: alertMail, Kind: kind, Alert: alert}
	}
	return []example{
		{
			Name: "an alert says what it is about", When: queue("alert"),
			Then: []message.Event{message.NoticeQueued{Message: id, Letter: alertMail, Kind: "alert", Alert: alert}},
		},
		{Name: "an agenda is about no trouble", When: queue("agenda"), Refused: message.ErrLetter},
	}
}

func TestStoredAlert(t *testing.T) {
	domaintest.GoldenForm(t, message.Types,
		message.NoticeQueued{Message: id, Letter: alertMail, Kind: "alert", Alert: alert}, "alert")
}

func TestLeftUntold(t *testing.T) {
	for reason, want := range map[string]bool{
		"too_late": true, "no_credit": true, "number_limit": true, "opted_out": false, "landline": false,
	} {
		if message.LeftUntold(reason) != want {
			t.Errorf("%s: %v", reason, !want)
		}
	}
}
