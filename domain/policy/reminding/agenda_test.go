package reminding_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/policy/reminding"
)

func TestSendsAgenda(t *testing.T) {
	midnight := time.Date(2016, 5, 10, 0, 0, 0, 0, time.UTC)
	at := func(hour, minute int) time.Time {
		return midnight.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	visits := func(booked time.Time, hours ...int) (day []reminding.DayVisit) {
		for _, hour := range hours {
			day = append(day, reminding.DayVisit{BookedAt: booked, Start: at(hour, 0)})
		}
		return day
	}
	before := at(-48, 0)
	for _, c := range []struct {
		name   string
		hour   time.Time
		visits []reminding.DayVisit
		now    time.Time
		want   bool
	}{
		{"before its hour", at(6, 0), visits(before, 9), at(5, 59), false},
		{"at its hour", at(6, 0), visits(before, 9), at(6, 0), true},
		{"an empty day", at(6, 0), nil, at(6, 0), false},
		{"the first day: booked after the hour", at(6, 0), visits(at(8, 0), 9, 15), at(8, 1), false},
		{"booked before the hour and after", at(6, 0), append(visits(before, 9), visits(at(7, 0), 15)...), at(8, 1), true},
		{"half of it is over", at(6, 0), visits(before, 8, 9, 10, 11), at(9, 30), true},
		{"more than half of it is over", at(6, 0), visits(before, 8, 9, 10, 11), at(10, 0), false},
		{"the only one has passed", at(6, 0), visits(before, 8), at(8, 0), false},
		{"a downtime until noon", at(6, 0), visits(before, 14, 15), at(11, 59), true},
		{"and until the evening", at(6, 0), visits(before, 19, 20), at(18, 0), false},
		{"a late hour", at(22, 0), visits(before, 23), at(22, 30), true},
		{"and the next day", at(22, 0), visits(before, 25), at(24, 0), false},
	} {
		day := reminding.Day{Hour: c.hour, Ends: at(24, 0), Visits: c.visits}
		if got := day.SendsAgenda(c.now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
