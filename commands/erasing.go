package commands

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
)

// Keys destroys the keys of subjects.
type Keys interface {
	Erase(ctx context.Context, subject domain.Subject) error
}

// Eraser erases a client: it records the erasure, then destroys the key. After a crash between the two the handler
// destroys the key, because it sees the event again.
type Eraser struct {
	Engine *Engine
	Keys   Keys
}

// Erase erases a client for good. Erasing twice has the effect of once.
func (e *Eraser) Erase(ctx context.Context, origin Origin, id domain.ClientID) (domain.Position, error) {
	position, err := e.Engine.Do(ctx, origin, client.Erase{Client: id})
	if err != nil {
		return domain.Position{}, err
	}
	return position, e.destroy(context.WithoutCancel(ctx), id)
}

// Handler destroys the key of every client whose erasure is recorded.
func (e *Eraser) Handler() Handler {
	react := func(ctx context.Context, _ Origin, r domain.Recorded) error {
		return e.destroy(ctx, r.Event.(client.ClientErased).Client)
	}
	return Handler{Name: "erasing", Types: []string{"ClientErased"}, React: react}
}

// destroy also drops the decrypted states from memory.
func (e *Eraser) destroy(ctx context.Context, id domain.ClientID) error {
	if err := e.Keys.Erase(ctx, client.Stream(id)); err != nil {
		return err
	}
	e.Engine.states.clear()
	return nil
}
