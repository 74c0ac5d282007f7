package smpp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/linxGnu/gosmpp/pdu"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/smppcodes"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

const (
	responseTimeout = 30 * time.Second // of a text; after it the text is in doubt
	linkTimeout     = 5 * time.Second  // how long a text waits for a link
	throttlePause   = time.Second      // which SMPP does not tell
	partTries       = 5
)

// Send implements messaging.Provider. The text is accepted when the SMSC has accepted all its parts. Without Run it
// binds for the one text.
func (p *Provider) Send(ctx context.Context, text messaging.Text) (messaging.Accepted, error) {
	if ctx.Err() != nil {
		return messaging.Accepted{}, sms.NotSent(ctx.Err())
	}
	requests, err := p.requests(text)
	if err != nil {
		return messaging.Accepted{}, err
	}
	if err := p.pace.Turn(ctx); err != nil {
		return messaging.Accepted{}, err
	}
	l, release, err := p.link(ctx)
	if err != nil {
		return messaging.Accepted{}, err
	}
	defer release()
	for i, request := range requests {
		part := part{request: request, first: i == 0, last: i == len(requests)-1}
		accepted, err := p.submit(ctx, l, text, part)
		for try := 1; !part.first && isBusy(err) && try < partTries; try++ {
			select {
			case <-ctx.Done():
			case <-time.After(throttlePause):
			}
			accepted, err = p.submit(ctx, l, text, part)
		}
		switch {
		case err != nil && !part.first: // a part is out, and a second text would repeat it
			return messaging.Accepted{}, fmt.Errorf("smpp: only %d of %d parts were accepted: %s", i, len(requests), err.Error())
		case err != nil || part.last:
			return accepted, err
		}
	}
	return messaging.Accepted{}, nil // there is at least one part
}

// link returns a link and what to do when the text is done.
func (p *Provider) link(ctx context.Context) (*link, func(), error) {
	limit := time.After(linkTimeout)
	for {
		p.mu.Lock()
		l, running, changed := p.current, p.running, p.changed
		p.mu.Unlock()
		if l != nil {
			return l, func() {}, nil
		}
		if !running {
			return p.passing(ctx)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil, sms.NotSent(ctx.Err())
		case <-limit:
			refused := messaging.Reject(message.FaultProvider, "no_link")
			refused.After = linkTimeout
			return nil, nil, refused
		}
	}
}

// passing binds for one text, as a transmitter, so that no receipts arrive that nobody records.
func (p *Provider) passing(ctx context.Context) (*link, func(), error) {
	l, err := p.bind(ctx, pdu.Transmitter)
	var refused refusedBind
	switch {
	case errors.As(err, &refused):
		return nil, nil, messaging.Reject(refused.fault, refused.status.Code())
	case ctx.Err() != nil && err != nil:
		return nil, nil, sms.NotSent(ctx.Err())
	case err != nil:
		return nil, nil, messaging.Reject(message.FaultProvider, "no_link")
	}
	l.serve = func(f frame) { l.reply(f, statusTemporary) }
	go func() { _ = l.run() }()
	return l, func() { p.leave(l) }, nil
}

// part is the submit_sm of a part of a text.
type part struct {
	request     pdu.PDU
	first, last bool
}

// submit submits one part. Only the id of the last counts, because the receipt is asked for that one.
func (p *Provider) submit(ctx context.Context, l *link, text messaging.Text, part part) (messaging.Accepted, error) {
	select {
	case l.window <- struct{}{}:
	case <-l.done:
		return messaging.Accepted{}, messaging.Reject(message.FaultProvider, "no_link")
	case <-ctx.Done():
		return messaging.Accepted{}, sms.NotSent(ctx.Err())
	}
	limited, cancel := context.WithTimeoutCause(ctx, responseTimeout, errSilent)
	defer cancel()
	var accepted messaging.Accepted
	var refused error
	_, err := l.call(limited, part.request, func(f frame) {
		<-l.window
		accepted, refused = p.outcome(f)
		switch {
		case refused != nil && part.first:
			p.book.refuse(text, refused)
		case refused == nil && part.last:
			p.book.accept(text, accepted)
		}
	})
	var never unsent
	switch {
	case err == nil:
		return accepted, refused
	case errors.As(err, &never):
		p.log.Warn("a text was not sent", "error", never.err)
		return messaging.Accepted{}, messaging.Reject(message.FaultProvider, "no_link")
	case ctx.Err() == nil && limited.Err() != nil:
		err = errSilent
	}
	return messaging.Accepted{}, fmt.Errorf("smpp: the text is in doubt: %w", err)
}

// outcome returns what a response says. An id without its final zero, which the library drops, is an id.
func (p *Provider) outcome(f frame) (messaging.Accepted, error) {
	if f.status != smppcodes.OK {
		refused := messaging.Reject(p.StatusFault(f.status), f.status.Code())
		if refused.Fault == message.FaultThrottle {
			refused.After = throttlePause
		}
		return messaging.Accepted{}, refused
	}
	id, _, _ := bytes.Cut(f.octets, []byte{0})
	return messaging.Accepted{ProviderID: canonical(sms.Clip(string(id))), At: p.now()}, nil
}

// Status implements messaging.Provider. It knows what came in since the program started: SMPP cannot be asked for a
// text by our reference.
func (p *Provider) Status(_ context.Context, inquiry messaging.Inquiry) (messaging.Standing, error) {
	return p.book.standing(inquiry.Reference)
}

// isBusy reports whether the SMSC may accept the same in a moment.
func isBusy(err error) bool {
	var refused *messaging.NotAccepted
	return errors.As(err, &refused) && refused.Class == message.Transient && refused.Code != sms.CodeNotSent
}
