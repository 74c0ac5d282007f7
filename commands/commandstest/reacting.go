package commandstest

import (
	"context"
	"errors"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
)

// Settle runs both reactors until neither has an event left.
func (w *World) Settle() {
	w.T.Helper()
	books := w.Reactor("books", w.Books.Handlers()...)
	dispatch := w.Reactor("dispatch", append(w.Dispatch.Handlers(), w.Notices.Handler())...)
	for {
		a, err := books.Step(w.T.Context())
		w.Ok(err)
		b, err := dispatch.Step(w.T.Context())
		w.Ok(err)
		if a+b == 0 {
			return
		}
	}
}

// Reactor returns a reactor that keeps its checkpoint in the World. An error of a handler is not retried: Step
// returns it.
func (w *World) Reactor(name string, handlers ...commands.Handler) *commands.Reactor {
	return &commands.Reactor{
		Name: name, Handlers: handlers, Log: w.Log, Codec: w.Codec, Checkpoints: w,
		Transport: func(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
			return Direct(handle), nil
		},
	}
}

// LoadCheckpoint implements commands.Checkpoints.
func (w *World) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	return w.Saved[name], nil
}

// SaveCheckpoint implements commands.Checkpoints.
func (w *World) SaveCheckpoint(_ context.Context, name string, at domain.Position) error {
	w.Saved[name] = at
	return nil
}

// Direct is a transport that calls the handler once.
type Direct func(context.Context, domain.Entry) error

// Deliver calls the handler.
func (d Direct) Deliver(ctx context.Context, entry domain.Entry) error { return d(ctx, entry) }

// Mail implements messaging.Mailer. It keeps the email in Mails and returns the next of MailResults.
func (w *World) Mail(_ context.Context, mail messaging.Mail) (err error) {
	if len(w.MailResults) > 0 {
		err, w.MailResults = w.MailResults[0], w.MailResults[1:]
	}
	w.Mails = append(w.Mails, mail)
	return err
}

// Provider is a scripted SMS provider.
type Provider struct {
	Results  []error          // what Send returns, in order; nil accepts, and so does Send when none is left
	Sent     []messaging.Text // every text that it was given
	Statuses map[string]error // what Status returns, by reference; nil is accepted
	During   func()           // called during each Send

	mu sync.Mutex
}

// Send keeps the text and returns the next of Results.
func (p *Provider) Send(_ context.Context, text messaging.Text) (messaging.Accepted, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Sent = append(p.Sent, text)
	if p.During != nil {
		p.During()
	}
	if len(p.Results) > 0 {
		err := p.Results[0]
		if p.Results = p.Results[1:]; err != nil {
			return messaging.Accepted{}, err
		}
	}
	return messaging.Accepted{ProviderID: "id", At: Monday}, nil
}

// Status returns the scripted status of a reference, messaging.ErrCannotTell if there is none.
func (p *Provider) Status(_ context.Context, inquiry messaging.Inquiry) (messaging.Standing, error) {
	err, known := p.Statuses[inquiry.Reference]
	if !known {
		return messaging.Standing{}, messaging.ErrCannotTell
	}
	return messaging.Standing{Accepted: messaging.Accepted{ProviderID: "id", At: Monday}}, err
}

// ErrLost is the error of a call to a provider whose result is unknown.
var ErrLost = errors.New("the connection was lost")

// Refused returns the error of a provider that did not accept a text, for a reason of a class.
func Refused(class string) error { return &messaging.NotAccepted{Class: class, Code: "x"} }
