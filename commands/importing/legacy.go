package importing

import (
	"context"
	"strings"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/fold"
)

// Imports of the first version derived ids from fold.Key, which gives different names one key. What they created is
// still there, so a sheet that is imported again finds it by the ids below, where the names are the same.

// findAccount returns what the id of an account derives from, and the account if an earlier import opened it.
func (im *Importer) findAccount(ctx context.Context, name string) (of string, state account.State, err error) {
	for _, spelling := range []string{name, fold.Identity(name)} {
		of = im.fingerprint("account", spelling)
		state, _, err = commands.Load(ctx, im.Engine, account.Decider, account.Stream(accountNamed(of)))
		if err != nil || state.Open || state.Closed {
			break
		}
	}
	return of, state, err
}

func (r *resources) legacyResource(name string) domain.ResourceID {
	return domain.DeriveID[domain.ResourceID](r.account, "imported resource", r.fingerprint("resource", fold.Key(name)))
}

func (s *services) legacyService(name string) domain.ServiceID {
	return domain.DeriveID[domain.ServiceID](s.account, "imported service", fold.Key(name))
}

func (c *clients) legacyClient(contact client.Contact) domain.ClientID {
	return domain.DeriveID[domain.ClientID](c.account, "imported client", c.legacyKey(contact))
}

func (c *clients) legacyKey(contact client.Contact) string {
	name := fold.Key(contact.Name.Reveal())
	if phone := contact.Phone.Reveal(); phone != "" {
		return c.fingerprint("phone", phone, name)
	}
	return c.fingerprint("name", name, strings.ToLower(contact.Email.Reveal()))
}

func (im *Importer) legacyAppointment(j *job, contact client.Contact) domain.AppointmentID {
	row := j.row.Appointment
	texts := []string{"row", im.clients.legacyKey(contact), fold.Key(row.Service), stamp(row.Start), stamp(row.BookedAt)}
	for _, taken := range row.Taken {
		texts = append(texts, fold.Key(taken.Resource))
	}
	return domain.DeriveID[domain.AppointmentID](im.account, "imported row", im.fingerprint(texts...))
}

// earlier returns the id of an appointment that the first version imported from the same row. ok is false if there is
// none, or if its client, service or resources have other names.
func (im *Importer) earlier(ctx context.Context, j *job) (id domain.AppointmentID, ok bool, err error) {
	if im.opened || j.row.Appointment.ID != "" {
		return id, false, nil
	}
	contact, err := j.row.Appointment.contact()
	if err != nil {
		return id, false, err
	}
	id = im.legacyAppointment(j, contact)
	state, _, err := commands.Load(ctx, im.Engine, appointment.Decider, appointment.StreamOf(id))
	if err != nil || !state.Exists() || state.Account != im.account || state.Service != j.service ||
		!sameResources(state.Attempts[0].Visit, j.visit) {
		return id, false, err
	}
	of, _, err := commands.Load(ctx, im.Engine, client.Decider, client.Stream(state.Client))
	return id, err == nil && (of.Erased || nameOf(of.Contact) == nameOf(contact)), err
}

func sameResources(a, b appointment.Visit) bool {
	taken := make(map[domain.ResourceID]bool)
	for _, leg := range a.Legs {
		taken[leg.Resource] = true
	}
	for _, leg := range b.Legs {
		if !taken[leg.Resource] {
			return false
		}
	}
	return len(taken) == len(b.Legs)
}
