package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestNotesOfAppointments(t *testing.T) {
	of := func(account domain.AccountID, ids ...domain.AppointmentID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Notes.Of(ctx, account, ids)
		}
	}
	added := func(id domain.AppointmentID, who domain.ClientID, number byte, text string) Append {
		return On(appointment.StreamOf(id), Monday, appointment.NoteAdded{
			Appointment: id, Note: uuid.UUID{number}, Client: who, Text: domain.Secret(text),
		})
	}
	day := Monday.Add(24 * time.Hour)
	given := Story(Opened(), Booked(Visit(1), Anna, Monday, day), Booked(Visit(2), Bruno, Monday, day), []Append{
		added(Visit(1), Anna, 2, "likes it short"), added(Visit(2), Bruno, 1, "brings a dog"),
		added(Visit(1), Anna, 1, "call first"),
	})
	short := projections.Note{Appointment: Visit(1), Text: "likes it short", At: Monday}
	call := projections.Note{Appointment: Visit(1), Text: "call first", At: Monday}
	dog := projections.Note{Appointment: Visit(2), Text: "brings a dog", At: Monday}
	type found = map[domain.AppointmentID][]projections.Note
	Run(t, given, []Example{
		{Name: "of one appointment", Query: of(Acme, Visit(1)), Want: found{Visit(1): {short, call}}},
		{Name: "of several", Query: of(Acme, Visit(2), Visit(1), Visit(3)), Want: found{Visit(1): {short, call}, Visit(2): {dog}}},
		{Name: "of none", Query: of(Acme), Want: found{}},
		{Name: "of another account", Query: of(domain.DeriveID[domain.AccountID]("other"), Visit(1)), Want: found{}},
		{
			Name: "of an erased client", Query: of(Acme, Visit(1), Visit(2)), Want: found{Visit(2): {dog}},
			Given: []Append{On(client.Stream(Anna), Monday, client.ClientErased{Client: Anna, Account: Acme})},
		},
	})
}
