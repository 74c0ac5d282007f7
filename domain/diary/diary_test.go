package diary_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/domaintest"
)

var (
	room  = domain.ResourceID{UUID: domain.DeriveUUID("room")}
	ann   = domain.AppointmentID{UUID: domain.DeriveUUID("ann")}
	bob   = domain.AppointmentID{UUID: domain.DeriveUUID("bob")}
	until = at(20, 9, 5)
)

func at(day, hour, minute int) time.Time {
	return time.Date(2016, 4, day, hour, minute, 0, 0, time.UTC)
}

func between(start, end time.Time) domain.Interval { return domain.Interval{Start: start, End: end} }

func held(who domain.AppointmentID, sequence int, i domain.Interval, units int) diary.UnitsHeld {
	return diary.UnitsHeld{
		Resource: room, Appointment: who, Sequence: sequence, Interval: i, Units: units, Until: until,
	}
}

func released(who domain.AppointmentID, sequence int, i domain.Interval) diary.UnitsReleased {
	return diary.UnitsReleased{Resource: room, Appointment: who, Sequence: sequence, Interval: i}
}

func hold(who domain.AppointmentID, sequence int, i domain.Interval, units, capacity int) diary.Hold {
	return diary.Hold{
		Resource: room, Month: 201604, Appointment: who, Sequence: sequence, Interval: i,
		Units: units, Capacity: capacity, Until: until,
	}
}

func release(who domain.AppointmentID, sequence int, i domain.Interval) diary.Release {
	return diary.Release{Resource: room, Month: 201604, Appointment: who, Sequence: sequence, Interval: i}
}

func TestDiary(t *testing.T) {
	ten := between(at(20, 10, 0), at(20, 11, 0))
	eleven := between(at(20, 11, 0), at(20, 12, 0))
	halfPast := between(at(20, 10, 30), at(20, 11, 30))
	overnight := between(at(20, 23, 0), at(21, 1, 0))
	monthEnd := between(at(30, 23, 0), at(31, 1, 0))
	type list = []domaintest.Example[diary.Command, diary.Event]
	domaintest.Run(t, diary.Decider, list{
		{
			Name: "a free slot is held", When: hold(ann, 0, ten, 1, 1),
			Then: []diary.Event{held(ann, 0, ten, 1)},
		},
		{
			Name: "held by another is taken", Given: []diary.Event{held(bob, 0, ten, 1)},
			When: hold(ann, 0, halfPast, 1, 1), Refused: diary.ErrSlotTaken,
		},
		{
			Name: "touching is not overlap", Given: []diary.Event{held(bob, 0, ten, 1)},
			When: hold(ann, 0, eleven, 1, 1), Then: []diary.Event{held(ann, 0, eleven, 1)},
		},
		{
			Name: "held already is not held again", Given: []diary.Event{held(ann, 0, ten, 1)},
			When: hold(ann, 0, ten, 1, 1),
		},
		{
			Name: "own earlier revisions do not count", Given: []diary.Event{held(ann, 0, ten, 1)},
			When: hold(ann, 1, halfPast, 1, 1), Then: []diary.Event{held(ann, 1, halfPast, 1)},
		},
		{
			Name: "other legs of the same revision do count", Given: []diary.Event{held(ann, 0, ten, 1)},
			When: hold(ann, 0, halfPast, 1, 1), Refused: diary.ErrSlotTaken,
		},
		{
			Name: "both holds of a mover count for others",
			Given: []diary.Event{
				held(ann, 0, ten, 1), held(ann, 1, eleven, 1),
			},
			When: hold(bob, 0, halfPast, 1, 1), Refused: diary.ErrSlotTaken,
		},
		{
			Name:  "what never meets at one instant does not add up",
			Given: []diary.Event{held(bob, 0, ten, 2), held(bob, 0, eleven, 2)},
			When:  hold(ann, 0, halfPast, 1, 3), Then: []diary.Event{held(ann, 0, halfPast, 1)},
		},
		{
			Name:  "what meets at one instant adds up",
			Given: []diary.Event{held(bob, 0, ten, 1), held(bob, 0, halfPast, 1)},
			When:  hold(ann, 0, between(at(20, 10, 45), at(20, 12, 0)), 1, 2), Refused: diary.ErrSlotTaken,
		},
		{
			Name: "over midnight it is held on both days", Given: []diary.Event{held(bob, 0, overnight, 1)},
			When: hold(ann, 0, between(at(21, 0, 0), at(21, 0, 30)), 1, 1), Refused: diary.ErrSlotTaken,
		},
		{
			Name: "over the month's end it is held whole", When: hold(ann, 0, monthEnd, 1, 1),
			Then: []diary.Event{held(ann, 0, monthEnd, 1)},
		},
		{
			Name: "a hold is released", Given: []diary.Event{held(ann, 0, overnight, 1), held(bob, 0, ten, 1)},
			When: release(ann, 0, overnight), Then: []diary.Event{released(ann, 0, overnight)},
		},
		{
			Name: "what was released is free", Given: []diary.Event{held(bob, 0, ten, 1), released(bob, 0, ten)},
			When: hold(ann, 0, ten, 1, 1), Then: []diary.Event{held(ann, 0, ten, 1)},
		},
		{
			Name: "what is not held is not released", Given: []diary.Event{held(ann, 1, ten, 1)},
			When: release(ann, 0, ten),
		},
		{Name: "more than there is", When: hold(ann, 0, ten, 3, 2), Refused: diary.ErrTooManyUnits},
		{Name: "no units", When: hold(ann, 0, ten, 0, 2), Refused: diary.ErrTooManyUnits},
		{Name: "no time", When: hold(ann, 0, between(at(20, 9, 0), at(20, 9, 0)), 1, 1), Refused: diary.ErrNoTime},
		{
			Name: "another month",
			When: hold(ann, 0, between(at(31, 0, 0), at(31, 1, 0)), 1, 1), Refused: diary.ErrOtherMonth,
		},
	})
}

func TestMonths(t *testing.T) {
	date := func(y, m, d, h int) time.Time { return time.Date(y, time.Month(m), d, h, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		interval domain.Interval
		want     []diary.Month
	}{
		"inside":           {between(date(2016, 4, 3, 8), date(2016, 4, 3, 9)), []diary.Month{201604}},
		"ends at midnight": {between(date(2016, 4, 30, 23), date(2016, 5, 1, 0)), []diary.Month{201604}},
		"over the end":     {between(date(2016, 4, 30, 23), date(2016, 5, 1, 1)), []diary.Month{201604, 201605}},
		"over the year":    {between(date(2016, 12, 31, 23), date(2017, 1, 1, 1)), []diary.Month{201612, 201701}},
		"three":            {between(date(2016, 4, 30, 23), date(2016, 6, 1, 1)), []diary.Month{201604, 201605, 201606}},
		"not UTC, as in UTC": {between(
			date(2016, 4, 30, 23).In(time.FixedZone("", 7200)), date(2016, 5, 1, 0).In(time.FixedZone("", 7200)),
		), []diary.Month{201604}},
	} {
		t.Run(name, func(t *testing.T) {
			got := diary.Months(c.interval)
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Fatalf("got %v, want %v", got, c.want)
				}
			}
		})
	}
	for month, digits := range map[diary.Month]string{201604: "201604", 99912: "099912", 1201604: "1201604"} {
		if got, want := diary.StreamOf(room, month), domain.Stream("diary-"+room.String()+"-"+digits); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}
