package commands

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/team"
)

// Keys destroys the keys of subjects.
type Keys interface {
	Erase(ctx context.Context, subject domain.Subject) error
}

// Eraser erases clients and members. It records the erasure, then destroys the key. If it crashes in between, its
// handler destroys the key after the restart.
type Eraser struct {
	Engine *Engine
	Keys   Keys
}

// Erase erases a client for good. It has its effect once, however often it is called.
func (e *Eraser) Erase(ctx context.Context, origin Origin, id domain.ClientID) (domain.Position, error) {
	position, err := e.Engine.Do(ctx, origin, client.Erase{Client: id})
	if err != nil {
		return domain.Position{}, err
	}
	return position, e.destroy(context.WithoutCancel(ctx), client.Stream(id))
}

// Forget destroys the key of somebody who never became a client, and with it what they gave.
func (e *Eraser) Forget(ctx context.Context, id domain.ClientID) error {
	return e.destroy(context.WithoutCancel(ctx), client.Stream(id))
}

// EraseMember erases a member who was removed, for good. It has its effect once, however often it is called.
func (e *Eraser) EraseMember(
	ctx context.Context, origin Origin, account domain.AccountID, id domain.MemberID,
) (domain.Position, error) {
	position, err := e.Engine.Do(ctx, origin, team.Erase{Account: account, Member: id})
	if err != nil {
		return domain.Position{}, err
	}
	return position, e.destroy(context.WithoutCancel(ctx), team.Subject(id))
}

// Handler destroys the key of everybody whose erasure is recorded.
func (e *Eraser) Handler() Handler {
	react := func(ctx context.Context, _ Origin, r domain.Recorded) error {
		switch event := r.Event.(type) {
		case client.ClientErased:
			return e.destroy(ctx, client.Stream(event.Client))
		case team.MemberErased:
			return e.destroy(ctx, team.Subject(event.Member))
		default:
			return domain.Unexpected(r)
		}
	}
	return Handler{Name: "erasing", Types: domain.NamesOf(client.ClientErased{}, team.MemberErased{}), React: react}
}

// destroy destroys the key and drops the remembered states, which are decrypted.
func (e *Eraser) destroy(ctx context.Context, whose domain.Subject) error {
	if err := e.Keys.Erase(ctx, whose); err != nil {
		return err
	}
	e.Engine.states.clear()
	return nil
}
