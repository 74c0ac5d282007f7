package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/fold"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// A warning is about something that is possible and seldom meant. It is read from the read models, which may be a
// moment behind a write of another caller: it helps people, and no rule depends on it.

// The codes of warnings.
const (
	clientKnown     = "client_known"
	clientElsewhere = "client_elsewhere"
)

// warning returns the answer to a request with a warning that is not confirmed.
func warning(code, detail, anonymous string) error {
	p := problem.New(http.StatusConflict, code, "%s", detail)
	p.Confirm, p.Anonymous = []string{code}, anonymous
	return p
}

// maxSame bounds how many clients with one phone number or email address are compared.
const maxSame = 50

// knownClients returns a warning for each client who may be the same person: same phone number or email address, and a
// compatible name. Nothing is refused: a client can be registered while the person is at the desk or on the phone, and
// the warning says what to look at. It names nobody, because replies are stored. A confirmed warning is not repeated.
func (h *handlers) knownClients(
	ctx context.Context, account domain.AccountID, self domain.ClientID, contact client.Contact, confirmed api.Confirm,
) (warnings []api.Warning, err error) {
	if slices.Contains(confirmed, clientKnown) {
		return nil, nil
	}
	h.catchUp(ctx)
	phone, email := contact.Phone.Reveal(), contact.Email.Reveal()
	seen := map[domain.ClientID]bool{self: true}
	for _, sought := range []string{phone, email} {
		if sought == "" {
			continue
		}
		found, err := h.Reader.Clients.Find(ctx, account, sought, readmodel.NameCursor{}, maxSame)
		if err != nil {
			return nil, err
		}
		for _, one := range found {
			same := phone != "" && one.Phone == phone || email != "" && strings.EqualFold(one.Email, email)
			if !same || seen[one.ID] || fold.PersonIdentity(one.Name) != fold.PersonIdentity(contact.Name.Reveal()) {
				continue
			}
			seen[one.ID] = true
			warnings = append(warnings, api.Warning{
				Code: clientKnown, Client: one.ID.UUID,
				Sentence: fmt.Sprintf("client %s has the same phone number or email address and a compatible name; "+
					"if it is the same person, use that client and erase this one", one.ID),
			})
		}
	}
	return warnings, nil
}

// warnOfOther warns of a client who would be at two places at once. It is asked only when the visit could be booked
// otherwise, and says nothing of appointments that share a resource with it, such as two seats of one course.
func (h *handlers) warnOfOther(
	ctx context.Context, question openings.Question, id domain.AppointmentID, at time.Time, override bool,
	confirmed api.Confirm,
) error {
	if slices.Contains(confirmed, clientElsewhere) {
		return nil
	}
	policy, _, err := commands.Load(ctx, h.Engine, service.Decider, service.Stream(question.Service))
	if err != nil || policy.DurationMin == 0 {
		return err
	}
	h.catchUp(ctx)
	found, err := h.Reader.Calendar.Find(ctx, question.Account, projections.Selection{
		During: domain.Interval{Start: at, End: at.Add(time.Duration(policy.DurationMin) * time.Minute)},
		Client: question.Client, Statuses: standing,
	})
	found = slices.DeleteFunc(found, func(one projections.Appointment) bool { return one.ID == id })
	if err != nil || len(found) == 0 {
		return err
	}
	var visit appointment.Visit
	if override {
		visit, _, _, err = h.Booking.Openings.Override(ctx, question, at)
	} else {
		visit, _, err = h.Booking.Openings.Visit(ctx, question, at)
	}
	if err != nil {
		return err
	}
	for _, one := range found {
		if !shareResource(one.Visit, visit) {
			zone := h.clock(ctx)
			return warning(clientElsewhere,
				fmt.Sprintf("%s has another appointment then: %s from %s to %s; confirm it to book both", one.ClientName,
					one.ServiceName, one.Visit.Start.In(zone).Format("2006-01-02 15:04"), one.Visit.End.In(zone).Format("15:04")),
				"this client has another appointment then; confirm it to book both")
		}
	}
	return nil
}

func shareResource(a, b appointment.Visit) bool {
	return slices.ContainsFunc(a.Legs, func(one appointment.Leg) bool {
		return slices.ContainsFunc(b.Legs, func(other appointment.Leg) bool { return one.Resource == other.Resource })
	})
}
