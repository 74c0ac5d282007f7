package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/route"
)

// action is something that happens in the world at a known moment.
type action struct {
	at time.Time
	do func(context.Context) error
}

// actions returns everything that will happen in the world, in order of time.
func (d *driver) actions(rec *record) []action {
	actions := make([]action, 0, 3*len(rec.visits)+200)
	for i := range rec.visits {
		v := &rec.visits[i]
		actions = append(actions, action{v.booked, func(ctx context.Context) error { return d.book(ctx, *v) }})
		if v.noShow {
			actions = append(actions, action{v.end(), func(ctx context.Context) error { return d.mark(ctx, v, "noshow") }})
			continue
		}
		actions = append(actions,
			action{v.start, func(ctx context.Context) error { return d.mark(ctx, v, "arrived") }},
			action{v.end(), func(ctx context.Context) error { return d.mark(ctx, v, "fulfilled") }})
	}
	for _, s := range d.options.Switches {
		actions = append(actions, action{s.at, func(ctx context.Context) error { return d.switchRoute(ctx, s) }})
	}
	for day := d.options.From; day.Before(d.options.To); day = day.AddDate(0, 0, 1) {
		actions = append(actions, action{day.Add(6 * time.Hour), d.morning})
	}
	slices.SortStableFunc(actions, func(a, b action) int { return a.at.Compare(b.at) })
	return actions
}

func (v *visit) end() time.Time { return v.start.Add(visitMin * time.Minute) }

// morning does the daily work of the server: it queues the agenda and expires credits.
func (d *driver) morning(ctx context.Context) error {
	if _, err := d.in.Agendas.Queue(ctx, d.account); err != nil {
		return err
	}
	return d.in.Bookkeeper.ExpireGrants(ctx, d.account)
}

func (d *driver) switchRoute(ctx context.Context, s routeSwitch) error {
	cmd := route.Switch{Country: s.country, Provider: s.provider, By: "operator", Reason: "simulated switch"}
	return d.operate(ctx, cmd, "switch", s.at.Unix(), s.country, s.provider)
}

// book registers the client at their first visit and books the visit in the same way as the API. It reports a visit
// that is refused.
func (d *driver) book(ctx context.Context, v visit) error {
	who, err := d.client(ctx, v)
	if err != nil {
		return err
	}
	_, err = d.in.Booking.Book(ctx, d.as("book", v.id), booking.Order{
		Appointment: appointment.IDOf(d.account, v.id), Account: d.account, Client: who, Service: d.service,
		Resource: d.resources[v.clinic], Start: v.start,
	})
	if refusal, refused := domain.AsRefusal(err); refused {
		d.refused = append(d.refused, fmt.Sprintf("appointment %s at %s: %s", v.id, v.clinic, refusal.Sentence))
		return nil
	}
	return err
}

func (d *driver) client(ctx context.Context, v visit) (domain.ClientID, error) {
	if id, known := d.clients[v.patient]; known {
		return id, nil
	}
	id := d.clientID(v)
	made := makePerson(d.options.Seed, v, len(d.clients))
	contact, err := client.NewContact(client.Form{
		Name: made.name, Phone: made.phone, Email: made.email, Country: "BR",
	})
	if err != nil {
		return id, fmt.Errorf("made-up client %s: %w", strconv.Itoa(len(d.clients)), err)
	}
	if len(d.clients)%keysAtOnce == 0 {
		if err := d.prepareKeys(ctx); err != nil {
			return id, err
		}
	}
	d.clients[v.patient] = id
	return id, d.do(ctx, client.Register{Client: id, Account: d.account, Contact: contact}, "client", v.patient)
}

func (d *driver) clientID(v visit) domain.ClientID {
	return domain.DeriveID[domain.ClientID](d.account, "patient", v.patient)
}

// keysAtOnce is how many clients get their keys in one transaction, which waits for the disk.
const keysAtOnce = 512

// newClients returns the clients of the record in the order in which they are registered.
func (d *driver) newClients(rec *record) (subjects []domain.Subject) {
	seen := make(map[string]bool)
	for _, v := range rec.visits {
		if !seen[v.patient] {
			seen[v.patient] = true
			subjects = append(subjects, client.Stream(d.clientID(v)))
		}
	}
	return subjects
}

func (d *driver) prepareKeys(ctx context.Context) error {
	next := d.keyless[:min(keysAtOnce, len(d.keyless))]
	d.keyless = d.keyless[len(next):]
	return d.in.Keys.Prepare(ctx, next...)
}

func (d *driver) mark(ctx context.Context, v *visit, as string) error {
	id := appointment.IDOf(d.account, v.id)
	var cmd domain.Command
	switch as {
	case "arrived":
		cmd = appointment.Arrive{Appointment: id, At: d.in.Engine.Now()}
	case "fulfilled":
		cmd = appointment.Fulfil{Appointment: id, At: d.in.Engine.Now()}
	default:
		cmd = appointment.MarkNoShow{Appointment: id, At: d.in.Engine.Now()}
	}
	_, err := d.in.Engine.Do(ctx, d.as(as, v.id), cmd)
	if errors.Is(err, appointment.ErrUnknown) { // its booking was refused
		return nil
	}
	return err
}
