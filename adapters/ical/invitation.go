package ical

import (
	"bytes"
	"net/url"
	"strings"
	"time"

	"github.com/emersion/go-ical"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/zones"
)

// nobody is the address of an organizer without one. Calendar programs write it for a calendar without an owner.
const nobody = "invalid:nomail"

// Invite writes the calendar file of an email (RFC 5546): one event with its time zone, as a request or a
// cancellation. The same invitation gives the same bytes.
func Invite(i messaging.Invitation) (messaging.Attachment, error) {
	method, status := "REQUEST", ical.EventConfirmed
	if i.Cancelled {
		method, status = "CANCEL", ical.EventCancelled
	}
	zone, err := domain.ParseZone(i.Zone)
	if err != nil {
		return messaging.Attachment{}, err
	}
	event := ical.NewEvent()
	event.Props.SetText(ical.PropUID, i.UID)
	event.Props.Set(number(ical.PropSequence, i.Sequence))
	event.Props.SetDateTime(ical.PropDateTimeStamp, i.Stamp.UTC())
	event.Props.SetDateTime(ical.PropDateTimeStart, written(i.Start, zone))
	event.Props.SetDateTime(ical.PropDateTimeEnd, written(i.End, zone))
	event.Props.SetText(ical.PropSummary, printable(i.Summary))
	if i.Description != "" {
		event.Props.SetText(ical.PropDescription, lines(i.Description))
	}
	event.SetStatus(status)
	event.Props.Set(organizer(i.Organizer))
	event.Props.Set(attendee(i.Attendee))

	calendar := ical.NewCalendar()
	calendar.Props.SetText(ical.PropVersion, "2.0")
	calendar.Props.SetText(ical.PropProductID, product)
	calendar.Props.SetText(ical.PropMethod, method)
	if zone.String() != "UTC" {
		calendar.Children = append(calendar.Children, timezone(zone, i.Start, i.End))
	}
	calendar.Children = append(calendar.Children, event.Component)
	var file bytes.Buffer
	if err := ical.NewEncoder(&folder{to: &file}).Encode(calendar); err != nil {
		return messaging.Attachment{}, err
	}
	return messaging.Attachment{
		Name: "appointment.ics", ContentType: "text/calendar; charset=utf-8; method=" + method, Body: file.Bytes(),
	}, nil
}

// written returns an instant as it is written: in the zone, or in UTC where its local time is that of an earlier
// instant too, which a local time means by section 3.3.5.
func written(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	_, after := local.Zone()
	if began, _ := zones.Bounds(local); !began.IsZero() && zone.String() != "UTC" {
		_, before := began.Add(-time.Second).Zone()
		if at.Sub(began) >= time.Duration(before-after)*time.Second {
			return local
		}
		return at.UTC()
	}
	if zone.String() == "UTC" {
		return at.UTC()
	}
	return local
}

func organizer(account messaging.Party) *ical.Prop {
	prop := address(ical.PropOrganizer, account)
	if account.Email == "" {
		prop.Value = nobody
	}
	return prop
}

// attendee returns who comes. They have accepted, because they booked: no answer is wanted.
func attendee(person messaging.Party) *ical.Prop {
	prop := address(ical.PropAttendee, person)
	prop.Params.Set(ical.ParamRole, "REQ-PARTICIPANT")
	prop.Params.Set(ical.ParamParticipationStatus, "ACCEPTED")
	prop.Params.Set(ical.ParamRSVP, "FALSE")
	return prop
}

func address(name string, person messaging.Party) *ical.Prop {
	prop := ical.NewProp(name)
	prop.SetValueType(ical.ValueCalendarAddress)
	prop.Value = "mailto:" + url.PathEscape(person.Email)
	if cn := strings.ReplaceAll(printable(person.Name), `"`, "'"); cn != "" {
		prop.Params.Set(ical.ParamCommonName, cn)
	}
	return prop
}

// lines removes control characters other than line breaks.
func lines(text string) string {
	parts := strings.Split(strings.TrimSpace(text), "\n")
	for i, part := range parts {
		parts[i] = printable(part)
	}
	return strings.Join(parts, "\n")
}
