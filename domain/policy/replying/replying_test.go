package replying_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/policy/replying"
)

var (
	noon   = time.Date(2016, 5, 3, 12, 0, 0, 0, time.UTC)
	clinic = domain.DeriveID[domain.AccountID]("clinic")
	school = domain.DeriveID[domain.AccountID]("school")
	visit  = domain.DeriveID[domain.AppointmentID]("visit")
	second = domain.DeriveID[domain.AppointmentID]("second visit")
	lesson = domain.DeriveID[domain.AppointmentID]("lesson")
)

func text(account domain.AccountID, about domain.AppointmentID, hoursAgo int, ahead bool) replying.Texted {
	return replying.Texted{
		Message: domain.DeriveID[domain.MessageID]("text", about, hoursAgo), Account: account, Appointment: about,
		At: noon.Add(-time.Duration(hoursAgo) * time.Hour), Ahead: ahead,
	}
}

func TestReact(t *testing.T) {
	type texts = []replying.Texted
	one := texts{text(clinic, visit, 1, true)}
	both := texts{text(clinic, visit, 1, true), text(school, lesson, 2, true), text(clinic, visit, 30, true)}
	old := texts{text(clinic, visit, 1, true), text(clinic, second, 24*8, true)}
	past := texts{text(clinic, visit, 1, true), text(clinic, second, 24*6, false)}
	gone := texts{text(clinic, visit, 1, false)}
	forward := replying.Reaction{Forward: true}
	for name, c := range map[string]struct {
		meaning replying.Meaning
		texts   texts
		want    replying.Reaction
	}{
		"stop": {replying.Stop, one, replying.Reaction{OptOut: []domain.AccountID{clinic}}},
		"stop to two accounts": {
			replying.Stop, both, replying.Reaction{OptOut: []domain.AccountID{clinic, school}},
		},
		"stop after the visit": {replying.Stop, gone, replying.Reaction{OptOut: []domain.AccountID{clinic}}},
		"cancel stops and is forwarded": {
			replying.Cancel, one, replying.Reaction{OptOut: []domain.AccountID{clinic}, Forward: true},
		},
		"start":                {replying.Start, both, replying.Reaction{OptIn: []domain.AccountID{clinic, school}}},
		"help":                 {replying.Help, gone, replying.Reaction{Explain: true}},
		"yes":                  {replying.Yes, one, replying.Reaction{Confirm: visit}},
		"yes, of several":      {replying.Yes, both, replying.Reaction{Confirm: visit}},
		"yes, too late":        {replying.Yes, gone, forward},
		"no":                   {replying.No, one, replying.Reaction{Cancel: visit}},
		"no, of several":       {replying.No, both, forward},
		"no, another long ago": {replying.No, old, replying.Reaction{Cancel: visit}},
		"no, another over":     {replying.No, past, replying.Reaction{Cancel: visit}},
		"no, too late":         {replying.No, gone, forward},
		"anything else":        {replying.Other, one, forward},
	} {
		if got := replying.React(c.meaning, c.texts, noon); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
