package httpapi

import (
	"context"
	"encoding/json"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections"
)

// shownAppointment returns an appointment without the names of people, which fillNames adds.
func shownAppointment(one projections.Appointment) api.Appointment {
	shown := api.Appointment{
		Id: one.ID.UUID, Revision: int64(one.Revision), Sequence: one.Sequence,
		Status: api.AppointmentStatus(one.Status), Confirmed: one.Confirmed, Client: one.Client.UUID,
		Service: one.Service.UUID, ServiceName: one.ServiceName, Start: one.Visit.Start, End: one.Visit.End,
		Local: one.Visit.Local, Zone: one.Visit.Zone, Overridden: overriddenOf(one),
		Legs: each(one.Visit.Legs, func(leg appointment.Leg) api.Leg {
			return api.Leg{
				Resource: leg.Resource.UUID, Units: leg.Units, Start: leg.Interval.Start, End: leg.Interval.End,
			}
		}),
	}
	seen := make(map[domain.ResourceID]bool)
	for _, leg := range one.Visit.Legs {
		if !seen[leg.Resource] {
			seen[leg.Resource] = true
			shown.Resources = append(shown.Resources, api.NamedResource{Id: leg.Resource.UUID})
		}
	}
	return shown
}

// appointmentAfter returns the appointment after a write that returned outcome and err. It reads the states that the
// write was decided on, so it waits for no read model.
func (h *handlers) appointmentAfter(
	ctx context.Context, id domain.AppointmentID, outcome commands.Outcome, err error,
) (api.Appointment, error) {
	if err != nil {
		return api.Appointment{}, err
	}
	state, revision, err := commands.Load(ctx, h.Engine, appointment.Decider, appointment.StreamOf(id))
	if err != nil {
		return api.Appointment{}, err
	}
	policy, _, err := commands.Load(ctx, h.Engine, service.Decider, service.Stream(state.Service))
	if err != nil {
		return api.Appointment{}, err
	}
	latest := state.Latest()
	shown := shownAppointment(projections.Appointment{
		ID: id, Account: state.Account, Client: state.Client, Service: state.Service, Status: state.Status,
		Visit: latest.Visit, Sequence: state.Sequence, Confirmed: state.Confirmed, Revision: revision,
		ServiceName: policy.Name, Overridden: latest.Overridden,
	})
	shown.Position = outcome.Position.String()
	return shown, h.fillNames(ctx, &shown)
}

func appointmentDone(shown api.Appointment) api.AppointmentDoneJSONResponse {
	return api.AppointmentDoneJSONResponse{Body: shown, Headers: api.AppointmentDoneResponseHeaders{
		ETag: etag(domain.Revision(shown.Revision)), ClickbookPosition: shown.Position,
	}}
}

// fillNames adds what is personal: the names of the client and of the resources, and why rules were overridden. An
// erased client has no name.
func (h *handlers) fillNames(ctx context.Context, shown *api.Appointment) error {
	who, _, err := commands.Load(ctx, h.Engine, client.Decider, client.Stream(domain.ClientID{UUID: shown.Client}))
	if err != nil {
		return err
	}
	shown.ClientName = who.Name.Reveal()
	for i := range shown.Resources {
		id := domain.ResourceID{UUID: shown.Resources[i].Id}
		known, _, err := commands.Load(ctx, h.Engine, resource.Decider, resource.Stream(id))
		if err != nil {
			return err
		}
		shown.Resources[i].Name = known.Name.Reveal()
	}
	if len(shown.Overridden.Rules) == 0 {
		return nil
	}
	id := domain.AppointmentID{UUID: shown.Id}
	state, _, err := commands.Load(ctx, h.Engine, appointment.Decider, appointment.StreamOf(id))
	shown.Overridden.Reason = state.Latest().Override.Reveal()
	return err
}

// Omit and Fill keep names out of stored responses: see middleware.Names.

// Omit removes what fillNames adds.
func (h *handlers) Omit(body []byte) []byte {
	var shown api.Appointment
	if json.Unmarshal(body, &shown) != nil {
		return nil
	}
	shown.ClientName, shown.Overridden.Reason = "", ""
	for i := range shown.Resources {
		shown.Resources[i].Name = ""
	}
	return encoded(shown)
}

// Fill adds what Omit has removed. Where that fails, the stored response is sent as it is.
func (h *handlers) Fill(ctx context.Context, body []byte) []byte {
	var shown api.Appointment
	if json.Unmarshal(body, &shown) != nil || h.fillNames(ctx, &shown) != nil {
		return body
	}
	return encoded(shown)
}

func encoded(shown api.Appointment) []byte {
	body, _ := json.Marshal(shown)
	return append(body, '\n')
}
