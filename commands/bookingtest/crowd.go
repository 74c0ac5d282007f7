package bookingtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/resource"
)

// Crowd lets many clients book one slot at once, each with its own key, and returns how many succeeded, or an error
// other than slot_taken. The clients are spread over several engines, which share nothing but the store, as processes
// do. Each round has its own slot, so one store can serve several rounds.
func Crowd(store commands.Store, round string, clients, capacity, processes int) (booked int, err error) {
	codec, err := domain.NewCodec(domaintest.NewVault(), appointment.Types, diary.Types, resource.Types)
	if err != nil {
		return 0, err
	}
	units := map[domain.ResourceID]int{resourceOfCrowd(round): capacity}
	if err := addResources(store, codec, accountOfCrowd(round), units); err != nil {
		return 0, err
	}
	bookings := make([]*booking.Protocol, processes)
	for i := range bookings {
		bookings[i] = &booking.Protocol{
			Engine: commands.NewEngine(store, codec, func() time.Time { return dayOfRun },
				commands.Wire(diary.Decider), commands.Wire(appointment.Decider)),
		}
	}
	results := make([]error, clients)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			<-begin
			request := oneOfCrowd(round, i)
			origin := commands.ForAccount(request.Account, domain.Actor{})
			_, results[i] = bookings[i%processes].Book(context.Background(), origin, request)
		})
	}
	close(begin)
	all.Wait()
	for i, err := range results {
		switch {
		case err == nil:
			booked++
		case !errors.Is(err, appointment.ErrSlotTaken):
			return booked, fmt.Errorf("client %d: %w", i, err)
		}
	}
	return booked, nil
}

func accountOfCrowd(round string) domain.AccountID {
	return domain.AccountID{UUID: domain.DeriveUUID("crowd", round)}
}

func resourceOfCrowd(round string) domain.ResourceID {
	return domain.ResourceID{UUID: domain.DeriveUUID("crowd's resource", round)}
}

func oneOfCrowd(round string, client int) appointment.Request {
	account := accountOfCrowd(round)
	interval := domain.Interval{Start: firstSlot, End: firstSlot.Add(slot)}
	return appointment.Request{
		Appointment: appointment.IDOf(account, fmt.Sprint(client)), Account: account,
		Client: domain.ClientID{UUID: domain.DeriveUUID("crowd", round, client)},
		Visit: appointment.Visit{
			Start: interval.Start, End: interval.End, Local: "2016-04-30T23:00:00", Zone: "UTC",
			Legs: []appointment.Leg{{Resource: resourceOfCrowd(round), Units: 1, Interval: interval}},
		},
	}
}
