package commands

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
)

// Keys destroys what opens a subject's personal data.
type Keys interface {
	Erase(ctx context.Context, subject domain.Subject) error
}

// Eraser forgets a person: the log says that it happened, then the key is destroyed. A crash between the two is
// made good by the duty, which sees the event again.
type Eraser struct {
	Engine *Engine
	Keys   Keys
}

// Erase forgets a client for ever. Asking twice is the same as once.
func (e *Eraser) Erase(ctx context.Context, id domain.ClientID) (domain.Position, error) {
	position, err := e.Engine.Do(ctx, client.Erase{Client: id})
	if err != nil {
		return domain.Position{}, err
	}
	return position, e.destroy(context.WithoutCancel(ctx), id)
}

// Duty destroys the key of every client that the log says is erased.
func (e *Eraser) Duty() Duty {
	react := func(ctx context.Context, r domain.Recorded) error {
		return e.destroy(ctx, r.Event.(client.ClientErased).Client)
	}
	return Duty{Name: "erasing", Types: []string{"ClientErased"}, React: react}
}

// destroy also drops what was decrypted into memory.
func (e *Eraser) destroy(ctx context.Context, id domain.ClientID) error {
	if err := e.Keys.Erase(ctx, client.Stream(id)); err != nil {
		return err
	}
	e.Engine.states.clear()
	return nil
}
