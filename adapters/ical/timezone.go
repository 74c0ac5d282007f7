package ical

import (
	"fmt"
	"time"

	"github.com/emersion/go-ical"

	"github.com/clickbook/clickbook/domain/zones"
)

// localFormat is that of a local time without a zone.
const localFormat = "20060102T150405"

// timezone returns the VTIMEZONE of an event: the offset in force at its start, and those that begin until a year after
// its end. They come from the table in force, so a reader with an older one shows the time that was promised.
func timezone(zone *time.Location, start, end time.Time) *ical.Component {
	component := ical.NewComponent(ical.CompTimezone)
	component.Props.SetText(ical.PropTimezoneID, zone.String())
	until := end.AddDate(1, 0, 0)
	for at := start.In(zone); at.Before(until); {
		began, ends := zones.Bounds(at)
		component.Children = append(component.Children, observance(began, at))
		if ends.IsZero() {
			break
		}
		at = ends.In(zone)
	}
	return component
}

// observance returns the offset in force at an instant, which began at another, zero for always.
func observance(began, at time.Time) *ical.Component {
	name, to := at.Zone()
	from, onset := to, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	if !began.IsZero() {
		_, from = began.Add(-time.Second).Zone()
		onset = began.UTC().Add(time.Duration(from) * time.Second) // the clock that was set
	}
	kind := ical.CompTimezoneStandard
	if at.IsDST() {
		kind = ical.CompTimezoneDaylight
	}
	component := ical.NewComponent(kind)
	begins := ical.NewProp(ical.PropDateTimeStart)
	begins.Value = onset.Format(localFormat)
	component.Props.Set(begins)
	component.Props.Set(offset(ical.PropTimezoneOffsetFrom, from))
	component.Props.Set(offset(ical.PropTimezoneOffsetTo, to))
	component.Props.SetText(ical.PropTimezoneName, name)
	return component
}

// offset returns an offset from UTC in seconds as a property: +0530, or -002514 where it has seconds.
func offset(name string, seconds int) *ical.Prop {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	prop := ical.NewProp(name)
	prop.Value = fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		prop.Value += fmt.Sprintf("%02d", seconds%60)
	}
	return prop
}
