// Package virtual runs an installation on a clock that does not move by itself: the simulation, the drill and the demo
// set the clock, and do at each moment what a server does.
package virtual

import (
	"context"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
)

// Machine does the work of a server at one moment.
type Machine struct {
	in            *installation.Installation
	books, sender *commands.Reactor
}

// NewMachine returns the machine of an installation.
func NewMachine(in *installation.Installation) *Machine {
	m := &Machine{in: in}
	m.books, m.sender = in.Reactors()
	return m
}

// Settle takes the receipts that are due, queues and sends what is due, detects outages and tells the accounts, until
// nothing is left to do at this moment.
func (m *Machine) Settle(ctx context.Context) error {
	for _, receipt := range m.in.Network.Due(m.in.Engine.Now()) {
		if err := m.in.Receive(ctx, receipt); err != nil {
			return err
		}
	}
	for {
		did, err := m.in.Tick(ctx, m.React)
		if err != nil || did == 0 {
			return err
		}
	}
}

// React steps both reactors until they reach the end of the log. It returns how many events they handled.
func (m *Machine) React(ctx context.Context) (total int, err error) {
	for {
		books, err := m.books.Step(ctx)
		if err != nil {
			return total, err
		}
		sent, err := m.sender.Step(ctx)
		if total += books + sent; err != nil || books+sent == 0 {
			return total, err
		}
	}
}
