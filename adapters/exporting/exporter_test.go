package exporting

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

func TestUnknownFormatIsRefused(t *testing.T) {
	err := CheckFormat("pdf")
	if err == nil || err.Error() != `invalid --format "pdf": write csv or ics` {
		t.Errorf("the error is %v", err)
	}
	for _, name := range []string{"csv", "ics"} {
		if err := CheckFormat(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSheetLeavesOutUndecidedRequests(t *testing.T) {
	var out bytes.Buffer
	format, err := newFormat("csv", &out, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var a projections.Appointment
	a.Status, a.Visit.Zone = appointment.StatusPending, "UTC"
	if err := errors.Join(format.write(entry{Appointment: a}), format.close()); err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("the sheet is %q, %v", out.String(), err)
	}
}

// TestFormatsNameResourcesInOrder writes an appointment whose legs are ordered by the ids of the resources.
func TestFormatsNameResourcesInOrder(t *testing.T) {
	start := time.Date(2016, 5, 2, 11, 0, 0, 0, time.UTC)
	room, bia := domain.DeriveID[domain.ResourceID]("room"), domain.DeriveID[domain.ResourceID]("bia")
	var a projections.Appointment
	a.ID, a.ServiceName, a.Status = domain.DeriveID[domain.AppointmentID]("a"), "Corte", appointment.StatusBooked
	a.Visit = appointment.Visit{
		Start: start, End: start.Add(30 * time.Minute), Zone: "America/Sao_Paulo",
		Legs: []appointment.Leg{{Resource: room, Units: 3}, {Resource: bia, Units: 1}},
	}
	names := map[domain.ResourceID]string{room: "Sala 2", bia: "Bia"}
	for name, want := range map[string]string{
		"csv": "Ana,,,Corte,Bia; Sala 2,1; 3,2016-05-02T08:00:00-03:00,2016-05-02T08:30:00-03:00,America/Sao_Paulo,booked,",
		"ics": "RESOURCES:Bia,Sala 2",
	} {
		var out bytes.Buffer
		format, err := newFormat(name, &out, start)
		if err == nil {
			err = errors.Join(format.write(entry{a, directory.Client{Name: "Ana"}, nil, names}), format.close())
		}
		if err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s is %v\n%s", name, err, out.String())
		}
	}
}
