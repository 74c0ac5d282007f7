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
)

// Crowd lets many clients ask for one slot at once, each with a key of its own, and answers how many were told
// that they have it, once all are answered. Whoever was told neither yes nor that the slot is taken is an error.
// The slot is named by round, so that a store can be used for several. The clients ask at one of several processes,
// which know nothing of each other but the store.
func Crowd(store commands.Store, round string, clients, capacity, processes int) (booked int, err error) {
	codec, err := domain.NewCodec(domaintest.NewVault(), appointment.Types, diary.Types)
	if err != nil {
		return 0, err
	}
	bookings := make([]*booking.Protocol, processes)
	for i := range bookings {
		bookings[i] = &booking.Protocol{
			Engine: commands.NewEngine(store, codec, func() time.Time { return dayOfRun },
				commands.Wire(diary.Decider), commands.Wire(appointment.Decider)),
			Units: func(context.Context, domain.ResourceID) (int, error) { return capacity, nil },
		}
	}
	answers := make([]error, clients)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			<-begin
			request := oneOfCrowd(round, i)
			origin := commands.ForAccount(request.Account, domain.Actor{})
			_, answers[i] = bookings[i%processes].Book(context.Background(), origin, request)
		})
	}
	close(begin)
	all.Wait()
	for i, answer := range answers {
		switch {
		case answer == nil:
			booked++
		case !errors.Is(answer, appointment.ErrSlotTaken):
			return booked, fmt.Errorf("client %d: %w", i, answer)
		}
	}
	return booked, nil
}

func oneOfCrowd(round string, client int) appointment.Request {
	account := domain.AccountID{UUID: domain.DeriveUUID("crowd", round)}
	interval := domain.Interval{Start: firstSlot, End: firstSlot.Add(slot)}
	return appointment.Request{
		Appointment: appointment.IDOf(account, fmt.Sprint(client)), Account: account,
		Client: domain.ClientID{UUID: domain.DeriveUUID("crowd", round, client)},
		Visit: appointment.Visit{
			Start: interval.Start, End: interval.End, Local: "2016-04-30T23:00:00", Zone: "UTC",
			Legs: []appointment.Leg{{
				Resource: domain.ResourceID{UUID: domain.DeriveUUID("crowd's resource", round)}, Units: 1, Interval: interval,
			}},
		},
	}
}
